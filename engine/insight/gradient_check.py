"""Gradient check: compares the gradients of training with central differences, array by array, and says in
sentences what was found: the verdict, and where the worst of all numbers is.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.insight.finite_differences import CheckedNetwork, Differences, Function
from engine.network import ArraySpan
from engine.training.regularization import Penalty
from engine.training.trainer import Trainer

FLOOR = 1e-7
"""Gradients smaller than this, for a loss of up to 1, are compared absolutely: their relative error is
rounding."""

RIGHT, FINE, DOUBTFUL = 1e-7, 1e-4, 1e-2
"""Bounds of the relative error for the verdicts (CS231n)."""

Verdict = Literal["right", "fine", "doubtful", "wrong", "nothing tested"]
Term = Literal["data", "penalty"]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter array: how many of its entries were checked, and the worst of them.

    Entries at which a kink was crossed (ReLU, absolute error) are counted in `kinks` and not judged.
    """

    layer: int
    layer_name: str
    parameter: str
    term: Term
    checked: int
    not_zero: int
    """How many of those checked have a gradient other than 0; if none has, nothing was tested."""
    kinks: int
    largest_error: float
    """Relative error |a − n| / max(|a|, |n|); infinite where a gradient or the loss is not finite."""
    worst_index: tuple[int, ...]
    analytic: float
    numeric: float

    @property
    def verdict(self) -> Verdict:
        if not self.not_zero:
            return "nothing tested"
        if self.largest_error <= RIGHT:
            return "right"
        if self.largest_error <= FINE:
            return "fine"
        return "doubtful" if self.largest_error <= DOUBTFUL else "wrong"


class _ArrayCheck(NamedTuple):
    """Entries of one array that are to be checked, for one term of the loss."""

    span: ArraySpan
    term: Term
    gradients: Array
    """Of that array, flattened, by backpropagation."""
    chosen: Indices
    value: Function


class GradientCheck:
    """Checks a run as it stands on some of its training data; the run is not changed.

    Iterating yields, after each number that was checked, how many are done of `steps`; the loop may
    be left at any time. `result` is there at the end.

    rows : training examples in the batch. entries : numbers sampled of each array, half of them from those
    that have a gradient; 0 checks them all.
    """

    def __init__(self, trainer: Trainer, rows: int = 16, entries: int = 100) -> None:
        self._subject, self._entries = CheckedNetwork(trainer, rows), entries
        self._draws = np.random.default_rng(0)
        training = trainer.experiment.training
        try:
            self._checks = [*self._data_checks(), *self._penalty_checks(training.l1, training.l2)]
        finally:
            self._subject.shutdown()
        self.steps = sum(len(check.chosen) for check in self._checks)
        """Numbers to be checked."""
        self._found: list[ParameterCheck] = []

    def __iter__(self) -> Iterator[int]:
        self._found = []
        done, value, differences = 0, None, None
        try:
            for check in self._checks:
                if differences is None or value is not check.value:
                    value, differences = (
                        check.value,
                        Differences(self._subject.network.parameters, check.value),
                    )
                worst = _WorstEntry(check, self._subject.network.names[check.span.layer])
                for index in check.chosen.tolist():
                    worst.add(index, *differences.slope(check.span.start + index), differences.scale)
                    done += 1
                    yield done
                self._found.append(worst.result())
        finally:
            self._subject.shutdown()

    def result(self) -> list[ParameterCheck]:
        """One for each array and term, in the order of the layers, data before penalty."""
        return self._found

    def _data_checks(self) -> Iterator[_ArrayCheck]:
        subject = self._subject
        subject.backpropagate()
        gradients = subject.network.gradients.copy()
        # Bound once, so that arrays of one term are seen to share it.
        value = subject.value
        for span in subject.network.spans:
            yield self._array_check(span, "data", gradients, value)

    def _penalty_checks(self, l1: float, l2: float) -> Iterator[_ArrayCheck]:
        network = self._subject.network
        penalty = Penalty(network, l1, l2)
        if not penalty.active:
            return
        network.gradients.fill(0)
        penalty.add()
        gradients, value = network.gradients.copy(), penalty.value
        for span in network.spans:
            if gradients[span.start : span.stop].any():
                yield self._array_check(span, "penalty", gradients, value)

    def _array_check(self, span: ArraySpan, term: Term, gradients: Array, value: Function) -> _ArrayCheck:
        own = gradients[span.start : span.stop]
        return _ArrayCheck(span, term, own, _sample(own, self._entries, self._draws), value)


def check_trainer(trainer: Trainer, rows: int = 16, entries: int = 100) -> list[ParameterCheck]:
    """Run the complete check."""
    check = GradientCheck(trainer, rows, entries)
    for _ in check:
        pass
    return check.result()


def _sample(gradients: Array, entries: int, draws: np.random.Generator) -> Indices:
    """Indices of some entries, half of them with a gradient other than 0.

    A uniform sample would have hardly any: a batch uses few of the vectors of an embedding.
    """
    if not entries or entries >= len(gradients):
        return np.arange(len(gradients))
    some, none = np.flatnonzero(gradients), np.flatnonzero(gradients == 0)
    wanted = min(max(entries - entries // 2, entries - len(none)), len(some))
    chosen = [
        draws.choice(indices, number, replace=False)
        for indices, number in ((some, wanted), (none, entries - wanted))
    ]
    return np.sort(np.concatenate(chosen))


class _WorstEntry:
    """Collects the errors of one array's entries, and the worst of them."""

    def __init__(self, check: _ArrayCheck, layer_name: str) -> None:
        self._check, self._layer_name = check, layer_name
        self._kinks = self._not_zero = 0
        self._worst, self._worst_index, self._worst_slope = -1.0, int(check.chosen[0]), 0.0

    def add(self, index: int, slope: float, kinked: bool, scale: float) -> None:
        """Add the central difference at one entry."""
        if kinked:
            self._kinks += 1
            return
        mine = float(self._check.gradients[index])
        floor = FLOOR * scale
        error = abs(mine - slope) / max(abs(mine), abs(slope), floor)
        if not math.isfinite(error):
            error = math.inf
        # A numerical slope that is only rounding is none.
        self._not_zero += mine != 0 or error > DOUBTFUL
        if error > self._worst:
            self._worst, self._worst_index, self._worst_slope = error, index, slope

    def result(self) -> ParameterCheck:
        span, index = self._check.span, self._worst_index
        return ParameterCheck(
            span.layer,
            self._layer_name,
            span.name,
            self._check.term,
            len(self._check.chosen) - self._kinks,
            self._not_zero,
            self._kinks,
            max(self._worst, 0.0),
            tuple(int(number) for number in np.unravel_index(index, span.shape)),
            float(self._check.gradients[index]),
            self._worst_slope,
        )


ENTRIES = 40
"""Numbers checked of each array of parameters, unless somebody asks for more."""

TERMS: dict[Term, str] = {"data": "loss", "penalty": "penalty"}
"""What the terms of the loss are called."""


def worst(checks: Sequence[ParameterCheck]) -> ParameterCheck | None:
    """The one with the largest relative error, of those of which anything was tested if there are any."""
    tested = [one for one in checks if one.verdict != "nothing tested"]
    return max(tested or checks, key=lambda one: one.largest_error, default=None)


def sentence(checks: Sequence[ParameterCheck]) -> str:
    """The verdict on all arrays."""
    found = worst(checks)
    if found is None:
        return "Nothing to check: the network has no parameters."
    if found.verdict == "nothing tested":
        return "Nothing tested: no number that was checked has a gradient."
    if not math.isfinite(found.largest_error):
        return f"Wrong: a gradient in {found.layer_name}, {found.parameter}, or the loss is no finite number."
    checked, kinks = sum(one.checked for one in checks), sum(one.kinks for one in checks)
    left_out = f" ({kinks} more, at kinks, left out)" if kinks else ""
    return (
        f"{found.verdict.capitalize()}: of {checked} numbers checked{left_out}, the largest relative error "
        f"is {found.largest_error:.1e}, in {found.layer_name}, {found.parameter}."
    )


def location(check: ParameterCheck) -> str:
    """Where in its array the worst number is, counted from 1 as units are: "row 2 → column 4"."""
    places = [index + 1 for index in check.worst_index]
    if len(places) == 1:
        return f"entry {places[0]}"
    if len(places) == 2:
        return f"row {places[0]} → column {places[1]}"
    return f"entry ({', '.join(map(str, places))})"


def worst_number(check: ParameterCheck) -> str:
    """The worst number of an array: where it is, and what either way gives for its gradient."""
    term = ", penalty" if check.term == "penalty" else ""
    return (
        f"{check.layer_name}, {check.parameter}{term}, {location(check)}: "
        f"{check.analytic:.6g} by backpropagation, {check.numeric:.6g} by central differences."
    )
