"""The rectifier: passes what is positive and blocks the rest."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array


class ReLU(ActivationFunction):
    """y = max(0, z).

    Reference: Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines.
    """

    heading: ClassVar[str] = "ReLU"
    formula: ClassVar[str] = "y = max(0, z)"
    smooth: ClassVar[bool] = False
    rectifier: ClassVar[bool] = True
    kind: Literal["relu"] = "relu"

    def forward(self, z: Array, y: Array) -> None:
        np.maximum(z, 0.0, out=y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        # y is never negative, so its sign is the derivative: 1 where the unit is on, 0 where it is off.
        np.sign(y, dz)
        np.multiply(dz, dy, dz)
