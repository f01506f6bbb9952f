"""Bounded activation functions: sigmoid, hyperbolic tangent and softmax."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array, scratch

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
    derivative: ClassVar[str] = "{y} (1 − {y})"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def forward(self, z: Array, y: Array) -> None:
        sigmoid(z, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        np.subtract(1.0, y, dz)
        np.multiply(dz, y, dz)
        np.multiply(dz, dy, dz)


class Tanh(ActivationFunction):
    """y = tanh z.

    Its derivative is 1 − y², from the output alone.
    """

    heading: ClassVar[str] = "tanh"
    kind: Literal["tanh"] = "tanh"
    derivative: ClassVar[str] = "1 − {y}²"
    bounds: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def forward(self, z: Array, y: Array) -> None:
        np.tanh(z, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        np.multiply(y, y, dz)
        np.subtract(1.0, dz, dz)
        np.multiply(dz, dy, dz)


class Softmax(ActivationFunction):
    """yᵢ = exp zᵢ / Σⱼ exp zⱼ.

    Works along the last axis. Its gradient is y (dy − Σ dy y).
    """

    heading: ClassVar[str] = "Softmax"
    elementwise: ClassVar[bool] = False
    kind: Literal["softmax"] = "softmax"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def forward(self, z: Array, y: Array) -> None:
        # The largest value of a row is subtracted first: the result is the same and cannot overflow.
        column = _column(z)
        np.maximum.reduce(z, axis=-1, keepdims=True, out=column)
        np.subtract(z, column, y)
        np.exp(y, y)
        np.add.reduce(y, axis=-1, keepdims=True, out=column)
        np.divide(y, column, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        column = _column(y)
        np.multiply(dy, y, dz)
        np.add.reduce(dz, axis=-1, keepdims=True, out=column)
        np.subtract(dy, column, dz)
        np.multiply(dz, y, dz)


def _column(rows: Array) -> Array:
    """A scratch array with one number per row."""
    return scratch((*rows.shape[:-1], 1), rows.dtype)
