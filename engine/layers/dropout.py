"""Inverted dropout."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Layer, Workspace
from engine.layers.kernels.masks import draw_mask
from engine.settings import hints


class Dropout(Layer):
    """Training sets each number to 0 with probability `rate` and divides the others by 1 − rate.

    The expected output equals the input, so that prediction needs no correction: there the layer passes its
    input on.
    Shapes: x and y (batch, …), of any shape.
    Gradient: dx = dy · mask / (1 − rate).
    Reference: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, Dropout.
    """

    heading: ClassVar[str] = "Dropout"
    icon: ClassVar[str] = "dots-six"
    kind: Literal["dropout"] = "dropout"

    rate: float = Field(
        0.2,
        ge=0,
        le=0.95,
        title="Rate",
        description="Share of the numbers that each training step switches off at random.",
        json_schema_extra=hints(live=True, slider=True),
    )

    @property
    def random(self) -> bool:
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        return {**super().buffers(input_shape), "mask": Buffer(input_shape)}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if not training:
            return x
        y, mask = workspace["y"], workspace["mask"]
        draw_mask(mask, self.rate, workspace.generator)
        np.multiply(x, mask, y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        np.multiply(dy, workspace["mask"], dx)
        return dx
