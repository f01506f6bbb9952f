"""The largest value under a window."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, PoolingStep, Workspace
from engine.layers.kernels.sweeps import largest, largest_back
from engine.layers.pooling import Pooling, crosswise, lengthwise


class MaxPool(Pooling):
    """Keeps the largest value under each place of a window, for each channel by itself.

    Shapes: (batch, height, width, channels) → (batch, places down, places across, channels), or
    (batch, steps, features) → (batch, places, features). "valid" gives ⌊(length − size) / stride⌋ + 1
    places, "same" ⌈length / stride⌉; cells outside never win.
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

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        wanted = super().buffers(input_shape)
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
