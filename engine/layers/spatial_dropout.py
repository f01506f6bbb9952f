"""Inverted dropout of whole channels."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Layer, Workspace
from engine.layers.kernels.masks import draw_mask
from engine.settings import hints


class SpatialDropout(Layer):
    """Training sets whole channels of a sample to 0 with probability `rate`.

    The others are divided by 1 − rate, so that the expected output equals the input. Neighbouring cells of an
    image tell much the same: single ones dropped would hide little.
    Shapes: x and y (batch, height, width, channels) or (batch, steps, features). Prediction passes x on.
    Gradient: dx = dy · mask / (1 − rate).
    Raises ShapeError if a sample is neither image nor sequence.
    Reference: Tompson, Goroshin, Jain, LeCun & Bregler 2015, Efficient object localization.
    """

    heading: ClassVar[str] = "Spatial dropout"
    icon: ClassVar[str] = "stack"
    kind: Literal["spatial_dropout"] = "spatial_dropout"

    rate: float = Field(
        0.2,
        ge=0,
        le=0.95,
        title="Rate",
        description="Share of the channels that each training step switches off at random.",
        json_schema_extra=hints(live=True, slider=True),
    )

    @property
    def random(self) -> bool:
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (2, 3):
            raise self._no_cells(input_shape, "Use Dropout for samples of other shapes.")
        return input_shape

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        return {
            **super().buffers(input_shape),
            "mask": Buffer(input_shape[-1:]),
            # The mask along a line of the image, so that it is applied in long runs.
            "line": Buffer((1, *input_shape[-2:])),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if not training:
            return x
        y, mask = workspace["y"], workspace["mask"]
        draw_mask(mask, self.rate, workspace.generator)
        np.copyto(workspace["line"], mask[:, None, None])
        np.multiply(x, self._line(workspace, x), y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        np.multiply(dy, self._line(workspace, dy), dx)
        return dx

    @staticmethod
    def _line(workspace: Workspace, like: Array) -> Array:
        line = workspace["line"]
        return line if like.ndim == 4 else line[:, 0]
