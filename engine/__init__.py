"""The engine of Gradwright: backpropagation on NumPy. It knows no window and needs none."""

from engine.blas_kernels import choose_kernels

__version__ = "0.1.0"

choose_kernels()
