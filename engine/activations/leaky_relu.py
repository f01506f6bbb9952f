"""A rectifier that lets a little through on the negative side, so that no unit dies."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.activations.base import ActivationFunction
from engine.arrays import Array


class LeakyReLU(ActivationFunction):
    """y = z for z > 0, slope · z otherwise.

    Reference: Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models.
    """

    heading: ClassVar[str] = "Leaky ReLU"
    formula: ClassVar[str] = "y = z for z > 0, slope · z otherwise"
    smooth: ClassVar[bool] = False
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
        np.multiply(z, self.slope, out=y, where=z < 0)
        if y is not z:
            np.copyto(y, z, where=z >= 0)

    def backward(self, z: Array, y: Array, dy: Array, dz: Array) -> None:
        # The slope is positive, so the output has the sign of z. At 0 the left slope counts, as in PyTorch.
        np.multiply(dy, self.slope, dz)
        np.copyto(dz, dy, where=y > 0)
