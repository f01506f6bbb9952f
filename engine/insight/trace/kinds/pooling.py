"""Max pooling: which cell of the window has won."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.symbols import Symbol
from engine.layers import Layer, Workspace
from engine.layers.kernels.sliding_windows import Sliding, slide
from engine.layers.pooling import MaxPool

WINNER = "winner"


class MaxPoolExplanation(Explanation):
    """y is the largest of the cells under the window; the winner is its index in the flattened sample."""

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        return {WINNER: winners(self.window(layer, x), x).reshape(y.shape)}

    def detail_meaning(self, layer: Layer, name: str) -> str:
        return "index, in the flattened input, of the cell that was the largest of its window"

    def window(self, layer: Layer, x: Array) -> tuple[Sliding, Sliding]:
        """How the window moves down and across; sequences have a width of one cell."""
        if not isinstance(layer, MaxPool):
            raise TypeError(f"no max pooling: {layer.kind}")
        down = slide(x.shape[1], layer.pool_size, layer.stride or layer.pool_size, layer.padding)
        if x.ndim == 3:
            return down, slide(1, 1)
        width = layer.width or layer.pool_size
        return down, slide(x.shape[2], width, layer.stride or width, layer.padding)

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        place = view.input(self._winner(view, index))
        value = float(stage.x[(stage.row, *place.index)])

        def make(number: int) -> Factors:
            return (view.factor(place, value, "the largest under the window"),), ""

        return Sum(np.array([value]), make, Symbol(r"\max x", "max x"))

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        flat = int(np.ravel_multi_index(index, stage.input_shape))
        won = np.argwhere(stage.details[WINNER][stage.row] == flat)
        passed = stage.passed[stage.row]
        by = view.symbols.of(view.input(index))

        def make(number: int) -> Factors:
            at = tuple(int(one) for one in won[number])
            slope = view.slope(view.output(at), view.input(index), 1.0, "1: it won this window")
            path = f"through {view.symbols.of(view.output(at)).text}"
            return (view.upstream(stage.row, at, float(passed[at])), slope), path

        text = f"Σ ∂L/∂y of the windows that {by.text} has won"
        products = np.array([passed[tuple(at)] for at in won], float)
        return Sum(products, make, Symbol(rf"\text{{{text}}}", text))

    def _winner(self, view: View, index: tuple[int, ...]) -> tuple[int, ...]:
        stage = view.stage
        flat = int(stage.details[WINNER][(stage.row, *index)])
        return tuple(int(one) for one in np.unravel_index(flat, stage.input_shape))


class GlobalMaxPoolExplanation(MaxPoolExplanation):
    """The window is the whole sample."""

    def window(self, layer: Layer, x: Array) -> tuple[Sliding, Sliding]:
        across = x.shape[2] if x.ndim == 4 else 1
        return slide(x.shape[1], x.shape[1]), slide(across, across)


def winners(window: tuple[Sliding, Sliding], x: Array) -> Array:
    """For each output the index of the winning cell in the flattened sample: (rows, down, across, channels).

    Of equal cells the one that the layer chooses: the first column with the largest value, and in it the
    first row.
    """
    down, across = window
    images = x if x.ndim == 4 else x[:, :, None]
    rows, channels = len(x), x.shape[-1]
    best = np.full((rows, down.outputs, across.outputs, channels), -np.inf)
    found = np.zeros(best.shape)
    for column in range(across.size):
        for row in range(down.size):
            i = np.arange(down.outputs) * down.stride + row - down.before
            j = np.arange(across.outputs) * across.stride + column - across.before
            inside = ((i >= 0) & (i < down.length))[:, None] & ((j >= 0) & (j < across.length))
            i, j = i.clip(0, down.length - 1)[:, None], j.clip(0, across.length - 1)
            values = np.where(inside[..., None], images[:, i, j], -np.inf)
            larger = values > best
            best = np.where(larger, values, best)
            place = (i * across.length + j)[..., None] * channels + np.arange(channels)
            found = np.where(larger, place, found)
    return found
