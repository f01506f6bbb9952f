"""Larger images by repetition."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Layer, Workspace
from engine.layers.kernels.sliding import Sliding, slide
from engine.layers.kernels.sweeps import spread, sums
from engine.layers.pooling import crosswise, lengthwise
from engine.settings import hints


class UpSample(Layer):
    """Repeats every cell `factor` times along each axis: nearest neighbour.

    Shapes: (batch, height, width, channels) → (batch, height · factor, width · factor, channels), or
    (batch, steps, features) → (batch, steps · factor, features).
    Gradient: dx is the sum of dy over the copies of a cell.
    Raises ShapeError if a sample is neither image nor sequence.
    Reference: Odena, Dumoulin & Olah 2016, Deconvolution and checkerboard artifacts.
    """

    heading: ClassVar[str] = "Upsampling"
    icon: ClassVar[str] = "arrows-out"
    kind: Literal["up_sample"] = "up_sample"

    factor: int = Field(
        2,
        ge=1,
        le=64,
        title="Factor",
        description="How many times each cell is repeated, along each axis.",
        json_schema_extra=hints(unit="×"),
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (2, 3):
            raise self._no_cells(input_shape)
        return (*(length * self.factor for length in input_shape[:-1]), input_shape[-1])

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        wanted = super().buffers(input_shape)
        if len(input_shape) == 3:
            height, width, channels = input_shape
            wanted["lines"] = Buffer((height, width * self.factor, channels))
        return wanted

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        y = workspace["y"]
        down = self._copies(y.shape[1])
        if x.ndim == 3:
            spread(x, y, down)
        else:
            lines = workspace["lines"]
            spread(crosswise(x), crosswise(lines), self._copies(y.shape[2]))
            spread(lengthwise(lines), lengthwise(y), down)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        down = self._copies(dy.shape[1])
        if dy.ndim == 3:
            sums(dy, dx, down)
        else:
            lines = workspace["lines"]
            sums(lengthwise(dy), lengthwise(lines), down)
            sums(crosswise(lines), crosswise(dx), self._copies(dy.shape[2]))
        return dx

    def _copies(self, length: int) -> Sliding:
        """A window that tiles an axis of the output: under each of its places are the copies of one cell."""
        return slide(length, self.factor, self.factor)
