"""Noise on the way through."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Layer, Workspace
from engine.settings import hints


class GaussianNoise(Layer):
    """Training adds normal noise to every number, y = x + deviation · n, n from N(0, 1); else y = x.

    Shapes: x and y (batch, …), of any shape.
    Gradient: dx = dy.
    Reference: Bishop 1995, Training with noise is equivalent to Tikhonov regularization.
    """

    heading: ClassVar[str] = "Gaussian noise"
    icon: ClassVar[str] = "dots-nine"
    kind: Literal["gaussian_noise"] = "gaussian_noise"

    deviation: float = Field(
        0.1,
        ge=0,
        le=100,
        title="Deviation",
        description="Standard deviation of the noise; standardized columns have 1 themselves.",
        json_schema_extra=hints(live=True),
    )

    @property
    def random(self) -> bool:
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        return {"y": Buffer(input_shape)}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if not training:
            return x
        y = workspace["y"]
        # Drawn even at deviation 0: one that changes in mid-run then shifts no later draw.
        workspace.generator.standard_normal(dtype=y.dtype, out=y)
        np.multiply(y, self.deviation, y)
        np.add(y, x, y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        return dy
