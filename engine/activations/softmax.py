"""Turns each row into probabilities: positive, and 1 in sum."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array


class Softmax(ActivationFunction):
    """yᵢ = exp zᵢ / Σⱼ exp zⱼ.

    Works along the last axis. Its gradient is y (dy − Σ dy y).
    """

    heading: ClassVar[str] = "Softmax"
    formula: ClassVar[str] = "yᵢ = exp zᵢ / Σⱼ exp zⱼ"
    elementwise: ClassVar[bool] = False
    kind: Literal["softmax"] = "softmax"

    def forward(self, z: Array, y: Array) -> None:
        # The largest value of a row is subtracted first: the result is the same and cannot overflow.
        np.subtract(z, z.max(axis=-1, keepdims=True), y)
        np.exp(y, y)
        np.divide(y, y.sum(axis=-1, keepdims=True), y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        np.multiply(dy, y, dz)
        np.subtract(dy, dz.sum(axis=-1, keepdims=True), dz)
        np.multiply(dz, y, dz)
