"""A rectifier weighted by the normal distribution: smooth, and usual in transformers."""

from typing import ClassVar, Literal

import numpy as np

from engine.activations.base import ActivationFunction
from engine.arrays import Array, scratch

_DENSITY_AT_ZERO = float(1 / np.sqrt(2 * np.pi))


class GELU(ActivationFunction):
    """y = z Φ(z), Φ the normal distribution function.

    Reference: Hendrycks & Gimpel 2016, Gaussian error linear units.
    """

    heading: ClassVar[str] = "GELU"
    keeps_input: ClassVar[bool] = True
    rectifier: ClassVar[bool] = True
    kind: Literal["gelu"] = "gelu"

    def forward(self, z: Array, y: Array) -> None:
        # Not at the top: it would cost every start of the program a tenth of a second.
        from scipy.special import ndtr

        ndtr(z, y)
        np.multiply(y, z, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        from scipy.special import ndtr

        # d/dz z Φ(z) = Φ(z) + z φ(z), with φ(z) = exp(−z²/2) / √(2π).
        np.multiply(z, z, dz)
        np.multiply(dz, -0.5, dz)
        np.exp(dz, dz)
        np.multiply(dz, _DENSITY_AT_ZERO, dz)
        np.multiply(dz, z, dz)
        np.add(dz, ndtr(z, scratch(z.shape, z.dtype)), dz)
        np.multiply(dz, dy, dz)
