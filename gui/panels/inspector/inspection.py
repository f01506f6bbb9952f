"""What is looked at: the sample, the phase, the number that is explained, and what is set by hand. No Qt."""

from dataclasses import dataclass, field, replace

import numpy as np

from engine.insight.trace.derivation import Place
from engine.insight.trace.trace import Mode, Override, Trace, TracedSample
from gui.panels.inspector.walk import PHASES, Pace, Phase, Walk, array_of, phase_of, value_at

MOST_BACK = 100


@dataclass
class Inspection:
    """The state of the panel, and the ways from one number to the next.

    focus : the number that is explained; None until there is a trace. overrides : by place, those that hold
    for what is seen here alone.
    """

    sample: TracedSample = field(default_factory=TracedSample)
    phase: Phase = "backward"
    pace: Pace = "weight"
    mode: Mode = "evaluation"
    focus: Place | None = None
    overrides: dict[Place, float] = field(default_factory=dict)
    trace: Trace | None = None
    walked: bool = False
    """Whether the walk has begun: from then on numbers that it has not come to are faint."""
    back: list[tuple[Phase, Place]] = field(default_factory=list)

    @property
    def overridden(self) -> tuple[Override, ...]:
        """What is set by hand, as a query takes it."""
        return tuple(Override(place, value) for place, value in self.overrides.items())

    def show_trace(self, trace: Trace) -> None:
        """A trace is there, the same network's as before or a first one."""
        self.trace = trace
        if self.focus is None or value_at(trace, self.focus) is None:
            self.focus, self.phase = first_focus(trace), "backward"
            self.back.clear()

    def forget(self) -> None:
        """Another network: nothing of the last one is meant any longer."""
        self.focus = self.trace = None
        self.phase = "backward"
        self.overrides.clear()
        self.back.clear()
        self.walked = False

    def place_of(
        self, layer: int | None, unit: int | None, parameter: tuple[str, tuple[int, ...]] | None
    ) -> Place | None:
        """The number that another panel has selected; None where the trace has none."""
        trace = self.trace
        if trace is None or layer is None or layer >= len(trace.layers):
            return None
        backwards = self.phase in ("backward", "update")
        if parameter is not None:
            place = Place(layer, "parameter", parameter[0], parameter[1], gradient=True)
            return place if value_at(trace, place) is not None else None
        if unit is None:
            return None
        focus = self.focus
        if focus is not None and (focus.layer, unit_of(focus)) == (layer, unit):
            return focus
        return place_of_unit(trace, layer, unit, gradient=backwards)

    def walk(self) -> Walk | None:
        """All steps of the phase."""
        return Walk(self.trace, self.phase, self.pace) if self.trace is not None else None

    def go(self, place: Place, phase: Phase | None = None, *, remember: bool = True) -> None:
        """Explain another number."""
        if self.focus is not None and remember and place != self.focus:
            self.back.append((self.phase, self.focus))
            del self.back[:-MOST_BACK]
        self.phase = phase or phase_of(place, self.phase)
        if place.quantity == "parameter" and self.phase != "forward":
            place = replace(place, gradient=True)
        self.focus = place

    def go_back(self) -> None:
        """To the number before."""
        if self.back:
            self.phase, self.focus = self.back.pop()

    def enter(self, phase: Phase) -> None:
        """Go on in another phase, in the layer that is looked at where that is part of it."""
        trace, focus = self.trace, self.focus
        if trace is None or focus is None:
            return
        walk = Walk(trace, phase, self.pace)
        if not len(walk):
            self.phase = phase
            return
        if phase in ("backward", "update") and focus.quantity == "parameter":
            self.go(focus, phase)
            return
        wanted = replace(focus, gradient=phase != "forward")
        if phase == "forward" and focus.quantity == "parameter":
            wanted = Place(focus.layer, "output", "", focus.index[-1:])
        self.go(walk.place(walk.nearest(wanted)), phase)

    def set_pace(self, pace: Pace) -> None:
        """Step by layer, unit or weight from now on."""
        self.pace = pace

    def step(self, way: int) -> bool:
        """One step on (1) or back (−1), into the next phase where this one ends; False at either end."""
        walk = self.walk()
        if walk is None or self.focus is None:
            return False
        self.walked = True
        here = walk.step_of(self.focus)
        if here is None and len(walk):
            # Between the steps of this pace: the layer's own one is the next.
            self.go(walk.place(walk.nearest(self.focus)), self.phase, remember=False)
            return True
        target = (here or 0) + way
        if 0 <= target < len(walk):
            self.go(walk.place(target), self.phase, remember=False)
            return True
        return self._change_phase(way)

    def _change_phase(self, way: int) -> bool:
        number = PHASES.index(self.phase) + way
        while self.trace is not None and 0 <= number < len(PHASES):
            walk = Walk(self.trace, PHASES[number], self.pace)
            if len(walk):
                place = walk.place(0 if way > 0 else len(walk) - 1)
                self.go(place, PHASES[number], remember=False)
                return True
            number += way
        return False

    def reached(self, place: Place) -> bool:
        """Whether the walk has come to a number; everything is, until a person steps."""
        if not self.walked or self.focus is None or self.trace is None:
            return True
        if place.quantity == "loss":
            return self.phase != "forward"
        if not place.gradient:
            if self.phase != "forward" or place.quantity == "input":
                return True
            if place.layer != self.focus.layer or self.pace == "layer":
                return place.layer <= self.focus.layer
            return place.index <= self.focus.index
        if self.phase != "backward":
            return self.phase == "update"
        if place.layer != self.focus.layer or self.pace == "layer":
            return place.layer >= self.focus.layer
        return self.focus.quantity == "parameter" or place.index <= self.focus.index


def first_focus(trace: Trace) -> Place:
    """What is explained at first: the gradient of the first weight of the last layer that has some,
    or of that with the largest gradient where it has none."""
    for layer in reversed(trace.layers):
        for name, values in layer.gradients.items():
            if values.size:
                at = (0,) * values.ndim
                if values[at] == 0:
                    largest = np.argmax(np.abs(np.nan_to_num(values)))
                    at = tuple(map(int, np.unravel_index(int(largest), values.shape)))
                return Place(layer.index, "parameter", name, at, gradient=True)
    last = trace.layers[-1]
    return Place(last.index, "output", "", (0,) * last.y.ndim, gradient=True)


def unit_of(place: Place) -> int | None:
    """The unit that a place belongs to: the last axis is the units."""
    return place.index[-1] if place.quantity in ("output", "pre_activation") and place.index else None


def place_of_unit(trace: Trace, layer: int, unit: int, *, gradient: bool) -> Place | None:
    """A number of a unit: the largest where it has several, as a filter has one at each position."""
    values = array_of(trace, Place(layer, "output", gradient=gradient))
    if values is None or not values.ndim or not 0 <= unit < values.shape[-1]:
        return None
    of_unit = np.abs(np.nan_to_num(values[..., unit]))
    at = np.unravel_index(int(np.argmax(of_unit)), of_unit.shape) if of_unit.ndim else ()
    return Place(layer, "output", "", (*map(int, at), unit), gradient)
