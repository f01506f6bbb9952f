"""A rectifier weighted by the sigmoid, also called swish."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.activations.sigmoid import sigmoid
from engine.arrays import Array, scratch


class SiLU(ActivationFunction):
    """y = z σ(z).

    Reference: Elfwing, Uchibe & Doya 2018, Sigmoid-weighted linear units.
    """

    heading: ClassVar[str] = "SiLU"
    keeps_input: ClassVar[bool] = True
    rectifier: ClassVar[bool] = True
    kind: Literal["silu"] = "silu"

    def forward(self, z: Array, y: Array) -> None:
        sigmoid(z, y)
        np.multiply(y, z, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        # With s = σ(z) and y = z s: f'(z) = s + y (1 − s). It is y + s (1 − y) too, where large y cancel out.
        share = scratch(z.shape, z.dtype)
        sigmoid(z, share)
        np.subtract(1.0, share, dz)
        np.multiply(dz, y, dz)
        np.add(dz, share, dz)
        np.multiply(dz, dy, dz)
