"""The identity, and the rectifier with its relatives: ReLU, leaky ReLU, ELU, softplus, GELU and SiLU."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.activations.base import ActivationFunction
from engine.activations.sigmoid import sigmoid
from engine.arrays import (
    Array,
    choose_by_sign,
    clear_where_not_positive,
    constant,
    keep_where_positive,
    scratch,
    zeros,
)


class Linear(ActivationFunction):
    """y = z.

    For outputs that are numbers, and for logits.
    """

    heading: ClassVar[str] = "Linear"
    identity: ClassVar[bool] = True
    kind: Literal["linear"] = "linear"

    def forward(self, z: Array, y: Array) -> None:
        if y is not z:
            y[...] = z

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        dz[...] = dy


_SMALL = 3000
"""Up to about so many numbers, two plain calls take less time than three on views."""

_MEDIUM = 8192
"""Up to about so many numbers, the maximum with an array of zeros takes less time than clipping."""


class ReLU(ActivationFunction):
    """y = max(0, z).

    Reference: Nair & Hinton 2010, Rectified linear units improve restricted Boltzmann machines.
    """

    heading: ClassVar[str] = "ReLU"
    in_place: ClassVar[bool] = True
    rectifier: ClassVar[bool] = True
    monotone: ClassVar[bool] = True
    flat_below_zero: ClassVar[bool] = True
    kind: Literal["relu"] = "relu"
    derivative: ClassVar[str] = "1 where {y} > 0, else 0"

    def forward(self, z: Array, y: Array) -> None:
        if z.size <= _MEDIUM:
            np.maximum(z, zeros(z.shape, z.dtype), out=y)
            return
        # Clipping uses vector instructions; the maximum with a single number does not, and takes three times
        # as long.
        z.clip(constant(0.0, z.dtype), constant(np.inf, z.dtype), out=y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        if dz is dy:
            clear_where_not_positive(y, dy)
        elif y.size > _SMALL:
            keep_where_positive(y, dy, dz)
        else:
            # y is never negative, so its sign is the derivative: 1 where the unit is on, 0 where it is off.
            np.sign(y, dz)
            np.multiply(dz, dy, dz)


class LeakyReLU(ActivationFunction):
    """y = z for z > 0, slope · z otherwise.

    Reference: Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models.
    """

    heading: ClassVar[str] = "Leaky ReLU"
    keeps_input: ClassVar[bool] = True
    rectifier: ClassVar[bool] = True
    kind: Literal["leaky_relu"] = "leaky_relu"
    slope: float = Field(
        0.01,
        gt=0,
        lt=1,
        title="Slope",
        description="Slope for negative values; .01 is usual.",
    )

    def forward(self, z: Array, y: Array) -> None:
        # The slope is below 1, so the larger of z and slope · z is the output.
        np.multiply(z, constant(self.slope, z.dtype), y)
        np.maximum(z, y, out=y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        # The output has the sign of z. At 0 the left slope counts, as in PyTorch.
        choose_by_sign(y, 1.0, self.slope, dz)
        np.multiply(dz, dy, dz)


class ELU(ActivationFunction):
    """y = z for z > 0, α (eᶻ − 1) otherwise.

    Reference: Clevert, Unterthiner & Hochreiter 2016, Fast and accurate deep network learning by ELUs.
    """

    heading: ClassVar[str] = "ELU"
    rectifier: ClassVar[bool] = True
    kind: Literal["elu"] = "elu"
    alpha: float = Field(
        1.0,
        gt=0,
        le=10,
        title="α",
        description="Where the negative side levels off, at minus this value.",
    )

    def forward(self, z: Array, y: Array) -> None:
        # Clipping uses vector instructions, and one of its two results is always 0: they are added. A copy
        # under a mask takes longer, and needs an array for the mask.
        positive = scratch(z.shape, z.dtype)
        zero = constant(0.0, z.dtype)
        z.clip(zero, constant(np.inf, z.dtype), out=positive)
        z.clip(constant(-np.inf, z.dtype), zero, out=y)
        np.expm1(y, y)
        if self.alpha != 1:
            np.multiply(y, self.alpha, y)
        np.add(y, positive, y)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        # On the negative side f'(z) = α eᶻ = y + α, on the other 1: min(y, 0) + (α or 1).
        offset = constant(1.0, y.dtype)
        if self.alpha != 1:
            offset = scratch(y.shape, y.dtype)
            choose_by_sign(y, 1.0, self.alpha, offset)
        y.clip(constant(-np.inf, y.dtype), constant(0.0, y.dtype), out=dz)
        np.add(dz, offset, dz)
        np.multiply(dz, dy, dz)


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
        s = scratch(z.shape, z.dtype)
        sigmoid(z, s)
        np.subtract(1.0, s, dz)
        np.multiply(dz, y, dz)
        np.add(dz, s, dz)
        np.multiply(dz, dy, dz)
