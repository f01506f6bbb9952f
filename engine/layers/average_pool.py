"""The mean under a window."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Workspace
from engine.layers.kernels.sweeps import spread, sums
from engine.layers.pooling import Pooling, Window, crosswise, lengthwise


class AveragePool(Pooling):
    """Takes the mean under each place of a window, for each channel by itself.

    Shapes as in MaxPool. Where the window reaches over the border ("same"), the mean is over the cells that
    are really there, as in Keras (PyTorch: count_include_pad=False).
    Gradient: every cell under the window gets dy / (number of cells).
    Raises ShapeError if a sample is neither image nor sequence, or smaller than the window ("valid").
    Reference: LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition.
    """

    heading: ClassVar[str] = "Average pooling"
    icon: ClassVar[str] = "arrows-in-simple"
    kind: Literal["average_pool"] = "average_pool"

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        output = self.output_shape(input_shape)
        return {
            **super().buffers(input_shape),
            "share": Buffer(output, per_sample=False),
            "dmean": Buffer(output),
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
        np.multiply(y, self._share(workspace, window), y)
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
        np.multiply(dy, self._share(workspace, window), dmean)
        if window.across is None:
            spread(dmean, dx, window.down)
        else:
            dlines = workspace["dlines"]
            spread(crosswise(dmean), crosswise(dlines), window.across)
            spread(lengthwise(dlines), lengthwise(dx), window.down)
        return dx

    @staticmethod
    def _share(workspace: Workspace, window: Window) -> Array:
        """One over the number of cells under the window, for each number of an output sample."""
        share = workspace["share"]
        if workspace.plan is None:
            down = np.array(window.down.real_cells())
            cells = down[:, None]
            if window.across is not None:
                cells = (cells * np.array(window.across.real_cells()))[..., None]
            share[...] = 1 / cells
            workspace.plan = True
        return share
