"""The engine of Gradwright: backpropagation on NumPy. It knows no window and needs none."""

__version__ = "0.1.0"
