"""Gradients of a trace checked by central differences: the same pass with one number a little changed."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.insight.finite_differences import Differences
from engine.insight.gradient_check import DOUBTFUL, FINE, FLOOR, RIGHT, Verdict
from engine.insight.trace.derivation import Place
from engine.insight.trace.loss_words import shown
from engine.insight.trace.recording import compare
from engine.insight.trace.stage import Draws, Pass
from engine.insight.trace.trace import Trace
from engine.layers import Workspace


@dataclass(frozen=True)
class NumericCheck:
    """A gradient by backpropagation and by a central difference.

    relative_error : |a − n| / max(|a|, |n|), of tiny ones compared absolutely. kink : whether the loss has a
    corner there (ReLU, absolute error), where a central difference says nothing.
    """

    place: Place
    analytic: float
    numeric: float
    relative_error: float
    kink: bool

    @property
    def verdict(self) -> Verdict:
        """As in a gradient check."""
        if self.kink:
            return "nothing tested"
        if self.relative_error <= RIGHT:
            return "right"
        if self.relative_error <= FINE:
            return "fine"
        return "doubtful" if self.relative_error <= DOUBTFUL else "wrong"

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        numeric = f"Central difference {shown(self.numeric)}, backpropagation {shown(self.analytic)}"
        if self.kink:
            return f"{numeric}: the loss has a corner here, so that they need not agree."
        return f"{numeric}: relative error {self.relative_error:.1e}, {self.verdict}."


def numeric_check(trace: Trace, place: Place) -> NumericCheck:
    """Check the gradient at a place: of a parameter, an input, an output or a sum before its activation.

    place : of the number or of its gradient. Raises KeyError or IndexError where there is none.
    """
    recorded = _recorded(trace)
    gradient = Place(place.layer, place.quantity, place.name, place.index, True)
    replay = Replay(recorded)
    if place.quantity == "parameter":
        array = replay.parameters[place.layer][place.name]
        return _compared(
            gradient, trace.number(gradient), replay.of_parameters(place.layer), array, place.index
        )
    if place.quantity not in ("input", "output", "pre_activation"):
        raise KeyError(f"the loss is not differentiated by the {place.quantity}")
    layer = place.layer
    if place.quantity == "input" or layer < 0:
        before = max(layer, 0)
        array = recorded.stages[before].x.copy()
        value = replay.of_output(before - 1, array)
    elif place.quantity == "output":
        array = recorded.stages[layer].y.copy()
        value = replay.of_output(layer, array)
    else:
        z = recorded.stages[layer].z
        if z is None:
            raise KeyError("the layer has no sum before its activation")
        array = z.copy()
        value = replay.of_pre_activation(layer, array)
    return _compared(gradient, trace.number(gradient), value, array, (recorded.row, *place.index))


def check_parameters(trace: Trace, most: int = 0) -> Iterator[NumericCheck]:
    """Check the parameters of all layers, one by one; most : evenly spaced ones of each array, 0: all."""
    recorded = _recorded(trace)
    replay = Replay(recorded)
    for index, named in enumerate(replay.parameters):
        for name, array in named.items():
            count = min(most or array.size, array.size)
            differences = Differences(array.reshape(-1), replay.of_parameters(index))
            for number in np.linspace(0, array.size - 1, count, dtype=int).tolist():
                place = tuple(int(one) for one in np.unravel_index(number, array.shape))
                gradient = Place(index, "parameter", name, place, True)
                yield _result(gradient, trace.number(gradient), differences, number)


def worst_of(checks: list[NumericCheck]) -> NumericCheck | None:
    """The one with the largest relative error, of those that are not at a kink."""
    return max((one for one in checks if not one.kink), key=lambda one: one.relative_error, default=None)


def _recorded(trace: Trace) -> Pass:
    if trace.recorded is None:
        raise KeyError("this trace has been stored without what checks are made from")
    return trace.recorded


def _compared(
    place: Place, analytic: float, value: Callable[[], float], array: Array, index: tuple[int, ...]
) -> NumericCheck:
    number = int(np.ravel_multi_index(index, array.shape)) if array.ndim else 0
    return _result(place, analytic, Differences(array.reshape(-1), value), number)


def _result(place: Place, analytic: float, differences: Differences, number: int) -> NumericCheck:
    with np.errstate(all="ignore"):
        numeric, kink = differences.slope(number)
    floor = FLOOR * differences.scale
    error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), floor)
    return NumericCheck(place, analytic, numeric, error if math.isfinite(error) else math.inf, kink)


class Replay:
    """The pass of a trace once more, from some layer on, with parameters of its own that may be changed."""

    def __init__(self, recorded: Pass) -> None:
        self._recorded = recorded
        self.parameters: list[dict[str, Array]] = [
            {name: array.copy() for name, array in stage.parameters.items()} for stage in recorded.stages
        ]
        self._spaces: dict[int, Workspace] = {}

    def of_parameters(self, layer: int) -> Callable[[], float]:
        """The loss as a function of the parameters of a layer."""
        x = self._recorded.stages[layer].x
        return lambda: self._loss_from(layer, x)

    def of_output(self, layer: int, y: Array) -> Callable[[], float]:
        """The loss as a function of what a layer hands on; −1: of the network's input."""
        return lambda: self._loss_from(layer + 1, y)

    def of_pre_activation(self, layer: int, z: Array) -> Callable[[], float]:
        """The loss as a function of the sums before an activation."""
        stage = self._recorded.stages[layer]
        activation = stage.layer.output_activation

        def value() -> float:
            y = np.empty_like(z)
            if activation is not None:
                activation.forward(z, y)
            return self._loss_from(layer + 1, self._fixed(layer, y))

        return value

    def _loss_from(self, layer: int, x: Array) -> float:
        recorded = self._recorded
        for stage in recorded.stages[layer:]:
            space = self._space(stage.index)
            space.generator = Draws(stage.seed, stage.rows)
            y = stage.layer.forward(self.parameters[stage.index], x, space, True)
            x = self._fixed(stage.index, y)
        value, _ = compare(recorded.loss, x, recorded.targets, recorded.weights)
        return value

    def _fixed(self, layer: int, y: Array) -> Array:
        """With the numbers that are set by hand."""
        stage = self._recorded.stages[layer]
        if not stage.fixed:
            return y
        y = y.copy()
        for place in stage.fixed:
            at = (stage.row, *place)
            y[at] = stage.y[at]
        return y

    def _space(self, layer: int) -> Workspace:
        if layer not in self._spaces:
            stage = self._recorded.stages[layer]
            arrays = stage.layer.workspace_arrays(stage.input_shape)
            space = Workspace.of(arrays, stage.rows, np.dtype(np.float64))
            statistics: Mapping[str, Array] = {name: one.copy() for name, one in stage.statistics.items()}
            space.statistics = statistics
            self._spaces[layer] = space
        return self._spaces[layer]
