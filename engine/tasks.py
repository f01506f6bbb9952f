"""The kinds of things that can be learned."""

from typing import Literal

Task = Literal["classification", "binary", "regression", "reconstruction"]
"""What is to be learned: one of several classes, yes or no, a number, or the input itself (autoencoder)."""
