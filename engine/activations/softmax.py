"""Turns each row into probabilities: positive, and 1 in sum."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array, scratch


class Softmax(ActivationFunction):
    """yᵢ = exp zᵢ / Σⱼ exp zⱼ.

    Works along the last axis. Its gradient is y (dy − Σ dy y).
    """

    heading: ClassVar[str] = "Softmax"
    elementwise: ClassVar[bool] = False
    kind: Literal["softmax"] = "softmax"

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
    """Room for one number a row."""
    return scratch((*rows.shape[:-1], 1), rows.dtype)
