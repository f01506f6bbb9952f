"""The logistic function: squeezes any number into 0 … 1."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array

_LARGEST_EXPONENT = 80.0
"""e⁸⁰ is finite in both precisions; beyond it σ differs from 0 by less than 2e-35."""


def sigmoid(z: Array, y: Array) -> None:
    """Write 1 / (1 + e⁻ᶻ) into y (which may be z) without overflow."""
    np.negative(z, y)
    np.minimum(y, _LARGEST_EXPONENT, out=y)
    np.exp(y, y)
    np.add(y, 1.0, y)
    np.reciprocal(y, y)


class Sigmoid(ActivationFunction):
    """y = 1 / (1 + e⁻ᶻ).

    Its derivative is y (1 − y), from the output alone.
    """

    heading: ClassVar[str] = "Sigmoid"
    kind: Literal["sigmoid"] = "sigmoid"

    def forward(self, z: Array, y: Array) -> None:
        sigmoid(z, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        np.subtract(1.0, y, dz)
        np.multiply(dz, y, dz)
        np.multiply(dz, dy, dz)
