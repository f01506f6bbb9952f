"""An exponential linear unit: a rectifier whose negative side bends smoothly towards −α."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.activations.base import ActivationFunction
from engine.activations.signs import choose_by_sign
from engine.arrays import Array, constant, scratch


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
        # Clipping runs in vector instructions, and one of its two results is always 0: they are added. A copy
        # under a mask takes longer, and an array for the mask.
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
