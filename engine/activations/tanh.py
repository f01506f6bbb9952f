"""The hyperbolic tangent: squeezes any number into −1 … 1, symmetric around 0."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array


class Tanh(ActivationFunction):
    """y = tanh z.

    Its derivative is 1 − y², from the output alone.
    """

    heading: ClassVar[str] = "tanh"
    kind: Literal["tanh"] = "tanh"

    def forward(self, z: Array, y: Array) -> None:
        np.tanh(z, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        np.multiply(y, y, dz)
        np.subtract(1.0, dz, dz)
        np.multiply(dz, dy, dz)
