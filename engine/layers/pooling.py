"""What pooling layers have in common: a window, over images or along sequences, channel by channel."""

from typing import NamedTuple

from pydantic import Field

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Layer
from engine.layers.kernels.sliding import Padding, Sliding, slide
from engine.settings import hints


class Window(NamedTuple):
    """The two sweeps of a pooling layer; for sequences the first is the only one."""

    down: Sliding
    across: Sliding | None


class Pooling(Layer):
    """A window in the plane, as a sweep down the rows and one across the columns of what that leaves.

    Both the largest value and the sum can be taken so, and their gradients follow by the chain rule. It
    needs size + width passes in place of size · width, and the first runs over whole lines.
    """

    size: int = Field(
        2,
        ge=1,
        le=256,
        title="Size",
        description="Rows, or steps, under the window.",
        json_schema_extra=hints(unit="cells"),
    )
    width: int | None = Field(
        None,
        ge=1,
        le=256,
        title="Width",
        description="Columns under the window, for images; empty makes it square.",
        json_schema_extra=hints(none_title="As the size", unit="cells"),
    )
    stride: int | None = Field(
        None,
        ge=1,
        le=256,
        title="Stride",
        description="Cells from one place of the window to the next; empty sets the windows side by side.",
        json_schema_extra=hints(none_title="As the window", unit="cells"),
    )
    padding: Padding = Field(
        "valid",
        title="Padding",
        description="What happens at the border where the windows do not come out even.",
        json_schema_extra=hints(
            choices={"same": "Same: windows reach over it", "valid": "Valid: the rest is left out"}
        ),
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        window = self._window(input_shape)
        if window.across is None:
            return (window.down.outputs, input_shape[-1])
        return (window.down.outputs, window.across.outputs, input_shape[-1])

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        wanted = super().buffers(input_shape)
        window = self._window(input_shape)
        if window.across is not None:
            lines = (window.down.outputs, *input_shape[1:])
            wanted |= {"lines": Buffer(lines), "dlines": Buffer(lines)}
        return wanted

    def _window(self, input_shape: Shape) -> Window:
        """Raises ShapeError where the samples are no images or sequences, or smaller than the window."""
        if len(input_shape) not in (2, 3):
            raise self._no_cells(input_shape)
        down = slide(input_shape[0], self.size, self.stride or self.size, self.padding)
        across = None
        if len(input_shape) == 3:
            width = self.width or self.size
            across = slide(input_shape[1], width, self.stride or width, self.padding)
        axes = [down] if across is None else [down, across]
        if min(axis.outputs for axis in axes) < 1:
            raise self._misfit(
                "at least " + " × ".join(str(axis.size) for axis in axes) + " cells",
                input_shape,
                "Make the window smaller, or set the padding to Same.",
            )
        return Window(down, across)


def lengthwise(array: Array) -> Array:
    """(batch, rows or steps, …) with what is behind the second axis in one run."""
    return array.reshape(*array.shape[:2], -1)


def crosswise(array: Array) -> Array:
    """(batch, rows, columns, channels) with every row on its own: (batch · rows, columns, channels)."""
    return array.reshape(-1, *array.shape[2:])
