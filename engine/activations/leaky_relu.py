"""A rectifier that lets a little through on the negative side, so that no unit dies."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.activations.base import ActivationFunction
from engine.activations.signs import choose_by_sign
from engine.arrays import Array, constant


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
