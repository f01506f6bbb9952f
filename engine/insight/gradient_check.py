"""Gradient check: the engine's own gradients against central differences, layer by layer.

Works on a float64 copy of the network, so that rounding does not hide errors; dropout is frozen by giving
every pass the same random numbers. The data term and the penalty are checked apart.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.layers import Layer
from engine.losses import Loss
from engine.network import Network, ParameterSlot
from engine.training.penalty import Penalty
from engine.training.trainer import Trainer

STEP = 1e-5
"""Half the distance of the two points of a central difference (CS231n)."""

KINK = 1e-3
"""Where the slopes to the left and to the right differ by more than this share, a kink is looked for."""

SMOOTH = (0.4, 0.6)
"""Around one half: by what factor that difference shrinks with half the step where there is no kink."""

FLOOR = 1e-7
"""Gradients smaller than this are compared absolutely: their relative error is rounding."""

RIGHT, FINE, DOUBTFUL = 1e-7, 1e-4, 1e-2
"""Bounds of the relative error for the verdicts (CS231n)."""

Verdict = Literal["right", "fine", "doubtful", "wrong"]
Term = Literal["data", "penalty"]
Function = Callable[[], float]


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
    kinks: int
    largest_error: float
    """Relative error |a − n| / max(|a|, |n|); infinite where a gradient or the loss is no finite number."""
    worst_index: tuple[int, ...]
    analytic: float
    numeric: float

    @property
    def verdict(self) -> Verdict:
        if self.largest_error <= RIGHT:
            return "right"
        if self.largest_error <= FINE:
            return "fine"
        return "doubtful" if self.largest_error <= DOUBTFUL else "wrong"


def check_trainer(trainer: Trainer, rows: int = 16, entries: int = 100) -> Iterator[ParameterCheck]:
    """Check a run as it stands on some of its training data; the run is not changed.

    rows : training examples in the batch. entries : parameters sampled per array; 0 checks them all.
    """
    part, training = trainer.dataset.training, trainer.experiment.training
    yield from check(
        trainer.network.layers,
        trainer.network.names,
        trainer.network.parameters,
        trainer.loss,
        part.inputs[:rows],
        part.targets[:rows],
        l1=training.l1,
        l2=training.l2,
        entries=entries,
    )


def check(
    layers: Sequence[Layer],
    names: Sequence[str],
    parameters: Array,
    loss: Loss,
    inputs: Array,
    targets: Array,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    entries: int = 100,
    seed: int = 0,
) -> Iterator[ParameterCheck]:
    """Check a network with given parameters on one batch; yields one result per array and term."""
    subject = _Subject(layers, names, parameters, loss, inputs, targets, seed)
    draws = np.random.default_rng(seed)
    subject.analyse()
    analytic = subject.network.gradients.copy()
    for slot in subject.network.slots:
        yield _compare(subject, slot, analytic, draws, entries, "data", subject.value)
    penalty = Penalty(subject.network, l1, l2)
    if not penalty.active:
        return
    subject.network.gradients.fill(0)
    penalty.add()
    analytic = subject.network.gradients.copy()
    for slot in subject.network.slots:
        if analytic[slot.start : slot.stop].any():
            yield _compare(subject, slot, analytic, draws, entries, "penalty", penalty.value)


class _Subject:
    """A float64 copy of the network with its batch: the loss as a function of the parameters."""

    def __init__(
        self,
        layers: Sequence[Layer],
        names: Sequence[str],
        parameters: Array,
        loss: Loss,
        inputs: Array,
        targets: Array,
        seed: int,
    ) -> None:
        self.network = Network(layers, inputs.shape[1:], np.float64, names)
        self.network.parameters[...] = parameters
        self._x = inputs.astype(np.float64)
        self._target = targets.astype(np.float64)
        self._loss, self._seed = loss, seed
        rows = len(inputs)
        self._arrays = {
            name: np.empty((rows, *shape)) for name, shape in loss.buffers(self.network.output_shape).items()
        }
        self._generator = np.random.default_rng(seed)
        self._workspaces = self.network.workspaces(rows, self._generator).rows(rows)

    def value(self) -> float:
        """The data term of the loss, always with the same random draws."""
        return self._loss.forward(self._output(), self._target, self._arrays)

    def analyse(self) -> None:
        """Fill the network's gradients by backpropagation."""
        output = self._output()
        self._loss.forward(output, self._target, self._arrays)
        dy = np.empty_like(output)
        self._loss.backward(output, self._target, dy, self._arrays)
        self.network.backward(dy, self._workspaces)

    def _output(self) -> Array:
        self._generator.bit_generator.state = np.random.default_rng(self._seed).bit_generator.state
        return self.network.forward(self._x, self._workspaces, True)


def _compare(
    subject: _Subject,
    slot: ParameterSlot,
    analytic: Array,
    draws: np.random.Generator,
    entries: int,
    term: Term,
    value: Function,
) -> ParameterCheck:
    size = slot.stop - slot.start
    chosen: NDArray[np.intp] = np.arange(size)
    if entries and entries < size:
        chosen = np.sort(draws.choice(size, entries, replace=False))
    kinks, worst, worst_place, worst_slope = 0, -1.0, int(chosen[0]), 0.0
    for place in chosen:
        mine = float(analytic[slot.start + place])
        slope, kinked = _slope(subject.network.parameters, slot.start + int(place), value)
        if kinked:
            kinks += 1
            continue
        error = abs(mine - slope) / max(abs(mine), abs(slope), FLOOR)
        if not math.isfinite(error):
            error = math.inf
        if error > worst:
            worst, worst_place, worst_slope = error, int(place), slope
    return ParameterCheck(
        slot.layer,
        subject.network.names[slot.layer],
        slot.name,
        term,
        len(chosen) - kinks,
        kinks,
        max(worst, 0.0),
        tuple(int(i) for i in np.unravel_index(worst_place, slot.shape)),
        float(analytic[slot.start + worst_place]),
        worst_slope,
    )


def _slope(parameters: Array, place: int, value: Function) -> tuple[float, bool]:
    """Central difference at one parameter, and whether a kink was crossed there.

    One-sided slopes also differ where a smooth function bends; but half the step then halves the
    difference, while across a kink it stays as it is or vanishes.
    """
    right, left = _one_sided(parameters, place, value, STEP)
    slope, jump = (right + left) / 2, abs(right - left)
    if not math.isfinite(jump) or jump <= KINK * max(abs(right), abs(left)) + FLOOR:
        return slope, False
    right, left = _one_sided(parameters, place, value, STEP / 2)
    return slope, not SMOOTH[0] < abs(right - left) / jump < SMOOTH[1]


def _one_sided(parameters: Array, place: int, value: Function, step: float) -> tuple[float, float]:
    """Slopes to the right and to the left of one parameter, which is put back."""
    kept = parameters[place]
    here = value()
    parameters[place] = kept + step
    above = value()
    parameters[place] = kept - step
    below = value()
    parameters[place] = kept
    return (above - here) / step, (here - below) / step
