"""An exponential linear unit: a rectifier whose negative side bends smoothly towards −α."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.activations.base import ActivationFunction
from engine.arrays import Array


class ELU(ActivationFunction):
    """y = z for z > 0, α (eᶻ − 1) otherwise.

    Reference: Clevert, Unterthiner & Hochreiter 2016, Fast and accurate deep network learning by ELUs.
    """

    heading: ClassVar[str] = "ELU"
    formula: ClassVar[str] = "y = z for z > 0, α (eᶻ − 1) otherwise"
    keeps_input: ClassVar[bool] = True
    smooth: ClassVar[bool] = False
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
        np.minimum(z, 0.0, out=y)
        np.expm1(y, y)
        np.multiply(y, self.alpha, y)
        np.copyto(y, z, where=z > 0)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        # On the negative side f'(z) = α eᶻ = y + α.
        np.add(y, self.alpha, dz)
        np.multiply(dz, dy, dz)
        np.copyto(dz, dy, where=y > 0)
