"""Layers without parameters that change the shape: flatten, reshape and up-sampling."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from engine.arrays import Array, Shape
from engine.layers.base import ArraySpec, Layer, Workspace
from engine.layers.kernels.sliding_windows import Sliding, slide, spread, sums
from engine.layers.pooling import crosswise, lengthwise
from engine.settings import hints


class Flatten(Layer):
    """Flattens every sample to one list of numbers, row by row; nothing is copied.

    Shapes: (batch, height, width, channels) → (batch, height · width · channels), likewise for any other.
    Gradient: dy in the shape of x.
    Reference: Keras, Flatten.
    """

    heading: ClassVar[str] = "Flatten"
    icon: ClassVar[str] = "rows"
    kind: Literal["flatten"] = "flatten"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(input_shape),)

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        return x.reshape(len(x), -1)

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        return dy.reshape(workspace.x.shape)


class Reshape(Layer):
    """Reshapes every sample, keeping the order of its numbers; nothing is copied.

    Shapes: (batch, …) → (batch, height, width, channels) for images, (batch, height, channels) for
    sequences. An empty height or width is inferred; if both are empty, an image becomes as square as its
    numbers allow: 784 numbers are 28 × 28 × 1.
    Gradient: dy in the shape of x.
    Raises ShapeError where the number of elements does not fit.
    Reference: Keras, Reshape.
    """

    heading: ClassVar[str] = "Reshape"
    icon: ClassVar[str] = "frame-corners"
    kind: Literal["reshape"] = "reshape"

    target_shape: Literal["image", "sequence"] = Field(
        "image",
        title="Into",
        description="Images have rows, columns and channels; sequences have steps and features.",
        json_schema_extra=hints(choices={"image": "Images", "sequence": "Sequences"}),
    )
    height: int | None = Field(
        None,
        ge=1,
        le=65_536,
        title="Height",
        description="Rows of an image, steps of a sequence.",
        json_schema_extra=hints(none_title="What fits", unit="cells"),
    )
    width: int | None = Field(
        None,
        ge=1,
        le=65_536,
        title="Width",
        description="Columns of an image; sequences have none.",
        json_schema_extra=hints(none_title="What fits", unit="cells"),
    )
    channels: int = Field(
        1, ge=1, le=65_536, title="Channels", description="Numbers in a cell of an image, or in a step."
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        cells, rest = divmod(math.prod(input_shape), self.channels)
        if self.target_shape == "sequence":
            height, width = self.height or cells, 1
        elif self.height is None and self.width is None:
            height = _squarest(cells)
            width = cells // height
        else:
            width = self.width or cells // (self.height or 1)
            height = self.height or cells // width
        if rest or height * width != cells:
            raise self._misfit(
                self._wanted(), input_shape, "Change the height, the width or the channels to fit."
            )
        return (height, self.channels) if self.target_shape == "sequence" else (height, width, self.channels)

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        if workspace.prepared is None:
            workspace.prepared = (len(x), *self.output_shape(x.shape[1:]))
        y: Array = x.reshape(workspace.prepared)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        return dy.reshape(workspace.x.shape)

    def _wanted(self) -> str:
        sides = [self.height] if self.target_shape == "sequence" else [self.height, self.width]
        known = [side for side in sides if side is not None]
        count = math.prod(known) * self.channels
        return f"{count} numbers" if len(known) == len(sides) else f"a multiple of {count} numbers"


def _squarest(cells: int) -> int:
    """The largest side, up to the square root, that divides the cells."""
    return next(side for side in range(math.isqrt(cells) or 1, 0, -1) if cells % side == 0)


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

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        wanted = super().workspace_arrays(input_shape)
        if len(input_shape) == 3:
            height, width, channels = input_shape
            wanted["lines"] = ArraySpec((height, width * self.factor, channels))
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
        """A window that tiles an axis of the output: under each position are the copies of one cell."""
        return slide(length, self.factor, self.factor)
