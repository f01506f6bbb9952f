"""Measurements of speed, memory and promptness, side by side with the peers."""

# First of all: the engine chooses OpenBLAS's kernels, which it can do only before NumPy is imported.
import engine as engine
