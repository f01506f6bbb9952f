"""Pooling over a window: maximum and mean."""

from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape
from engine.layers.base import ArraySpec, Layer, PoolingStep, Workspace
from engine.layers.kernels.sliding_windows import Padding, Sliding, largest, largest_back, slide, spread, sums
from engine.settings import hints


class Window(NamedTuple):
    """The windows of a pooling layer along both axes; sequences have only the first."""

    down: Sliding
    across: Sliding | None


class Pooling(Layer):
    """Pooling over a window in the plane, computed along the rows first and then along the columns.

    Maximum and sum are separable so, and their gradients follow by the chain rule. It takes pool_size + width
    passes instead of size · width, and the first ones run over contiguous lines.
    """

    pool_size: int = Field(
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
        description="Cells from one position of the window to the next; empty: windows that do not overlap.",
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

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        wanted = super().workspace_arrays(input_shape)
        window = self._window(input_shape)
        if window.across is not None:
            lines = (window.down.outputs, *input_shape[1:])
            wanted |= {"lines": ArraySpec(lines), "dlines": ArraySpec(lines)}
        return wanted

    def _window(self, input_shape: Shape) -> Window:
        """Raises ShapeError where the samples are no images or sequences, or smaller than the window."""
        if len(input_shape) not in (2, 3):
            raise self._no_cells(input_shape)
        down = slide(input_shape[0], self.pool_size, self.stride or self.pool_size, self.padding)
        across = None
        if len(input_shape) == 3:
            width = self.width or self.pool_size
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
    """(batch, rows or steps, …) with all axes after the second one flattened."""
    return array.reshape(*array.shape[:2], -1)


def crosswise(array: Array) -> Array:
    """(batch, rows, columns, channels) as (batch · rows, columns, channels)."""
    return array.reshape(-1, *array.shape[2:])


class MaxPool(Pooling):
    """Takes the maximum under each position of a window, for each channel.

    Shapes: (batch, height, width, channels) → (batch, positions down, positions across, channels), or
    (batch, steps, features) → (batch, positions, features). "valid" gives ⌊(length − size) / stride⌋ + 1
    positions, "same" ⌈length / stride⌉; cells outside never win.
    Gradient: dy goes to the largest cell. Of equal ones exactly one gets it: the first column that holds the
    largest value, and in it the first row (PyTorch takes the first row; after a ReLU, where ties are common,
    both are zeros that the ReLU blocks).
    Raises ShapeError if a sample is neither image nor sequence, or smaller than the window ("valid").
    Reference: Weng, Ahuja & Huang 1992, Cresceptron.
    """

    heading: ClassVar[str] = "Max pooling"
    icon: ClassVar[str] = "arrows-in"
    kind: Literal["max_pool"] = "max_pool"

    def pooling_step(self) -> PoolingStep:
        return PoolingStep(pooling=True)

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        wanted = super().workspace_arrays(input_shape)
        wanted["scratch"] = wanted.get("lines", wanted["y"])
        return wanted

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        y = workspace["y"]
        window = self._window(x.shape[1:])
        if window.across is None:
            largest(x, y, window.down)
        else:
            lines = workspace["lines"]
            largest(lengthwise(x), lengthwise(lines), window.down)
            largest(crosswise(lines), crosswise(y), window.across)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        x, y, dx, scratch = workspace.x, workspace["y"], workspace["dx"], workspace["scratch"]
        window = self._window(x.shape[1:])
        if window.across is None:
            largest_back(x, y, dy, dx, window.down, scratch)
            return dx
        lines, dlines = workspace["lines"], workspace["dlines"]
        across = crosswise(y)
        part = scratch.reshape(-1)[: y.size].reshape(across.shape)
        largest_back(crosswise(lines), across, crosswise(dy), crosswise(dlines), window.across, part)
        largest_back(
            lengthwise(x),
            lengthwise(lines),
            lengthwise(dlines),
            lengthwise(dx),
            window.down,
            lengthwise(scratch),
        )
        return dx


class AveragePool(Pooling):
    """Takes the mean under each position of a window, for each channel.

    Shapes as in MaxPool. Where the window extends over the border ("same"), the mean is over the cells
    inside, as in Keras (PyTorch: count_include_pad=False).
    Gradient: every cell under the window gets dy / (number of cells).
    Raises ShapeError if a sample is neither image nor sequence, or smaller than the window ("valid").
    Reference: LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition.
    """

    heading: ClassVar[str] = "Average pooling"
    icon: ClassVar[str] = "arrows-in-simple"
    kind: Literal["average_pool"] = "average_pool"

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        output = self.output_shape(input_shape)
        return {
            **super().workspace_arrays(input_shape),
            "inverse_counts": ArraySpec(output, per_sample=False),
            "dmean": ArraySpec(output),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        y = workspace["y"]
        window = self._window(x.shape[1:])
        if window.across is None:
            sums(x, y, window.down)
        else:
            lines = workspace["lines"]
            sums(lengthwise(x), lengthwise(lines), window.down)
            sums(crosswise(lines), crosswise(y), window.across)
        np.multiply(y, self._inverse_counts(workspace, window), y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx, dmean = workspace["dx"], workspace["dmean"]
        window = self._window(dx.shape[1:])
        np.multiply(dy, self._inverse_counts(workspace, window), dmean)
        if window.across is None:
            spread(dmean, dx, window.down)
        else:
            dlines = workspace["dlines"]
            spread(crosswise(dmean), crosswise(dlines), window.across)
            spread(lengthwise(dlines), lengthwise(dx), window.down)
        return dx

    @staticmethod
    def _inverse_counts(workspace: Workspace, window: Window) -> Array:
        """One over the number of cells under the window, for each number of an output sample."""
        inverse = workspace["inverse_counts"]
        if workspace.prepared is None:
            down = np.array(window.down.real_cells())
            cells = down[:, None]
            if window.across is not None:
                cells = (cells * np.array(window.across.real_cells()))[..., None]
            inverse[...] = 1 / cells
            workspace.prepared = True
        return inverse
