"""The way through forward pass, loss, backward pass and update, in steps of layers, units or weights. No Qt.

Networks have millions of weights: the steps are counted and found by arithmetic, never listed.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import numpy as np

from engine.arrays import Shape
from engine.insight.trace.derivation import Place, Quantity
from engine.insight.trace.trace import LayerTrace, Trace

Phase = Literal["forward", "loss", "backward", "update"]
PHASES: tuple[Phase, ...] = ("forward", "loss", "backward", "update")
Pace = Literal["layer", "unit", "weight"]
LOSS = Place(-1, "loss")


@dataclass(frozen=True)
class Stretch:
    """Steps over all numbers of one array, or one step for all of it (`whole`)."""

    layer: int
    quantity: Quantity
    shape: Shape
    name: str = ""
    gradient: bool = False
    whole: bool = False

    @property
    def steps(self) -> int:
        """How many."""
        return 1 if self.whole else math.prod(self.shape)

    def place(self, step: int) -> Place:
        """Where a step stands; one for all of an array, at its first number."""
        position = np.unravel_index(0 if self.whole else step, self.shape) if self.shape else ()
        return Place(self.layer, self.quantity, self.name, tuple(map(int, position)), self.gradient)

    def step_of(self, place: Place) -> int | None:
        """The step that stands at a place; None where this is another array."""
        mine = (self.layer, self.quantity, self.name, self.gradient)
        if (place.layer, place.quantity, place.name, place.gradient) != mine:
            return None
        if self.whole:
            return 0
        inside = len(place.index) == len(self.shape) and all(
            0 <= at < size for at, size in zip(place.index, self.shape, strict=True)
        )
        return int(np.ravel_multi_index(place.index, self.shape)) if inside and self.shape else None


class Walk:
    """All steps of one phase at a pace.

    Parameters
    ----------
    trace : gives the layers and the shapes of their arrays.
    phase, pace : forward by weight goes by unit: a unit's value is one sum over all of its weights.
    """

    def __init__(self, trace: Trace, phase: Phase, pace: Pace) -> None:
        self.phase, self.pace = phase, pace
        self.stretches = tuple(_stretches(trace, phase, pace))
        self._starts = list(accumulate((one.steps for one in self.stretches), initial=0))

    def __len__(self) -> int:
        return self._starts[-1]

    def place(self, step: int) -> Place:
        """Where a step stands, 0 to len − 1."""
        number = bisect_right(self._starts, step) - 1
        return self.stretches[number].place(step - self._starts[number])

    def step_of(self, place: Place) -> int | None:
        """The step that stands at a place; None where no step does."""
        for start, stretch in zip(self._starts, self.stretches, strict=False):
            if (step := stretch.step_of(place)) is not None:
                return start + step
        return None

    def nearest(self, place: Place) -> int:
        """The step at a place, or the first one in its layer, or the first of all."""
        exact = self.step_of(place)
        if exact is not None:
            return exact
        for start, stretch in zip(self._starts, self.stretches, strict=False):
            if stretch.layer == place.layer and stretch.steps:
                return start
        return 0


def phase_of(place: Place, present: Phase) -> Phase:
    """The phase that a number belongs to; a parameter that is updated stays in the update."""
    if place.quantity == "loss":
        return "loss"
    if place.quantity == "parameter":
        return "update" if present == "update" else "backward"
    return "backward" if place.gradient else "forward"


def _stretches(trace: Trace, phase: Phase, pace: Pace) -> Iterator[Stretch]:
    whole = pace == "layer"
    if phase == "loss":
        yield Stretch(-1, "loss", (), whole=True)
    elif phase == "forward":
        for layer in trace.layers:
            yield Stretch(layer.index, "output", layer.y.shape, whole=whole)
    elif phase == "backward":
        for layer in reversed(trace.layers):
            yield Stretch(layer.index, "output", layer.y.shape, gradient=True, whole=whole)
            if pace == "weight":
                yield from _parameters(layer, whole=False)
    else:
        for layer in reversed(trace.layers):
            if pace == "weight":
                yield from _parameters(layer, whole=False)
            else:
                yield from _parameters(layer, whole=True)


def _parameters(layer: LayerTrace, *, whole: bool) -> Iterator[Stretch]:
    for name in layer.gradients:
        yield Stretch(layer.index, "parameter", layer.gradients[name].shape, name, gradient=True, whole=whole)


def array_of(trace: Trace, place: Place) -> np.ndarray | None:
    """The array that a place is in, or that of its gradients; None where the trace has none."""
    if place.layer < 0:
        if place.quantity == "input":
            return trace.layers[0].dx if place.gradient and trace.layers else trace.x
        return np.asarray(trace.loss) if place.quantity == "loss" else None
    if place.layer >= len(trace.layers):
        return None
    layer = trace.layers[place.layer]
    match place.quantity:
        case "input":
            return layer.dx if place.gradient else layer.x
        case "pre_activation":
            return layer.dz if place.gradient else layer.z
        case "output":
            return layer.dy if place.gradient else layer.y
        case "parameter":
            return (layer.gradients if place.gradient else layer.parameters).get(place.name)
        case "detail":
            return layer.details.get(place.name)
    return None


def value_at(trace: Trace, place: Place) -> float | None:
    """The number at a place; None where there is none."""
    array = array_of(trace, place)
    if array is None or len(place.index) != array.ndim:
        return None
    inside = all(0 <= at < size for at, size in zip(place.index, array.shape, strict=True))
    return float(array[place.index]) if inside else None
