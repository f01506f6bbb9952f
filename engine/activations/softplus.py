"""A smooth rectifier whose output is always positive."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array


class Softplus(ActivationFunction):
    """y = ln(1 + eᶻ).

    Its derivative is σ(z) = 1 − e⁻ʸ, from the output alone.
    """

    heading: ClassVar[str] = "Softplus"
    rectifier: ClassVar[bool] = True
    kind: Literal["softplus"] = "softplus"

    def forward(self, z: Array, y: Array) -> None:
        np.logaddexp(z, 0.0, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        np.negative(y, dz)
        np.expm1(dz, dz)
        np.negative(dz, dz)
        np.multiply(dz, dy, dz)
