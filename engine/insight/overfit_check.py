"""Overfit-one-batch check: a network that can learn at all can memorize a handful of examples.

Trains a copy on one small batch, without the regularization that would prevent it; the run is only read.
If that fails, more data or more epochs will not help: something is broken, and the findings say what may be.
Reference: Karpathy 2019, A recipe for training neural networks.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Part
from engine.insight.overfit_findings import LossBounds, Symptom, causes, first_loss
from engine.insight.run_copies import only_rows, without_regularization
from engine.losses.base import probability_rows
from engine.training.trainer import Trainer

ROWS = 8
STEPS = 2000
SECONDS = 30.0

LEARNED = 0.02
"""The loss is near its floor where it is below this fraction of the loss of the best constant answer."""

MOST_CANDIDATES = 512
"""Training examples that the batch is chosen from."""

Verdict = Literal["learns", "does not learn", "nothing to learn", "cancelled"]


@dataclass(frozen=True)
class OverfitResult:
    """What the check found.

    losses : of each step, before it. floor : the lowest possible loss: 0, or more where labels are smoothed
    or targets are probabilities. goal : where the loss counts as near its floor. seconds : time taken.
    switched_off : what was off in the copy, in words. findings : what may be the cause, where the network
    does not learn; and what is odd in any case.
    """

    verdict: Verdict
    sentence: str
    losses: NDArray[np.float64]
    floor: float
    goal: float
    rows: int
    seconds: float
    switched_off: tuple[str, ...]
    findings: tuple[Symptom, ...]

    @property
    def steps(self) -> int:
        return len(self.losses)

    @property
    def switched_off_sentence(self) -> str:
        """What was off in the copy; empty where nothing was."""
        return f"Switched off for it: {', '.join(self.switched_off)}." if self.switched_off else ""


class OverfitCheck:
    """Iterates over the steps of a trial, giving how many are taken; `result` reads them at any time.

    The loop may be left after any step; iterating again goes on with the same trial. It begins with the
    starting weights of the run's seed and keeps its optimizer, learning rate and clipping.

    Parameters
    ----------
    run : a trainer. rows : examples in the batch. steps, seconds : when to give up.
    """

    def __init__(
        self, run: Trainer, *, rows: int = ROWS, steps: int = STEPS, seconds: float = SECONDS
    ) -> None:
        self.steps, self._limit = steps, seconds
        experiment, self._switched_off = without_regularization(run.experiment)
        indices = chosen_rows(run.dataset.training, _most_rows(run, rows))
        self._rows = len(indices)
        training = experiment.training.replace(batch_size=self._rows, epochs=steps, shuffle=False)
        self._trial = Trainer(experiment.replace(training=training), only_rows(run.dataset, indices))
        part = self._trial.dataset.training
        # The bounds average targets: class indices become rows of probabilities.
        rows_of_targets = np.empty((self._rows, self._trial.dataset.outputs), experiment.dtype)
        self._bounds = LossBounds.of(self._trial.loss, probability_rows(part.targets, rows_of_targets))
        self._start = self._trial.network.parameters.copy()
        self._seconds = 0.0
        self._verdict: Verdict = "cancelled"

    def __iter__(self) -> Iterator[int]:
        if self._bounds.constant_is_enough:
            self._verdict = "nothing to learn"
            return
        trial, taken, started = self._trial, 0, time.perf_counter()
        record = trial.history.steps
        for _ in trial.run():
            self._seconds = time.perf_counter() - started
            # Between two steps the trainer scores the epoch.
            if trial.step > taken:
                taken = trial.step
                if record.read("loss", taken - 1)[0] <= self._goal:
                    self._verdict = "learns"
                elif taken == self.steps or self._seconds > self._limit:
                    self._verdict = "does not learn"
            yield taken
            if self._verdict != "cancelled":
                return
        # A trial ends by itself where a number is not finite, and where no step lowers the loss any more.
        self._verdict = "does not learn"

    def result(self) -> OverfitResult:
        """What the steps so far tell."""
        losses = self._trial.history.steps.read("loss")
        findings = first_loss(self._trial, self._bounds, losses)
        if self._verdict == "does not learn":
            findings = (*causes(self._trial, self._start, losses), *findings)
        return OverfitResult(
            self._verdict,
            self._sentence(losses),
            losses,
            self._bounds.floor,
            self._goal,
            self._rows,
            self._seconds,
            self._switched_off,
            findings,
        )

    @property
    def _goal(self) -> float:
        return self._bounds.floor + LEARNED * (self._bounds.constant - self._bounds.floor)

    def _sentence(self, losses: NDArray[np.float64]) -> str:
        steps = f"{len(losses):,} step{'s' if len(losses) != 1 else ''}"
        if self._verdict == "nothing to learn":
            return (
                f"Nothing to learn: one and the same answer is best for all of the {self._rows} examples. "
                "Look at the target, which should differ between them."
            )
        if self._verdict == "cancelled":
            return f"Cancelled after {steps}."
        if self._verdict == "learns":
            return (
                f"Learns: the loss of {self._rows} examples fell from {losses[0]:.4g} to {losses[-1]:.4g} in "
                f"{steps}; the lowest possible is {self._bounds.floor:.4g}."
            )
        ended = self._trial.stop_reason.kind if self._trial.stop_reason else ""
        if ended == "not finite":
            return f"Does not learn: after {steps} a number is no longer finite."
        why = {"converged": ", with no way further down", "": f", the {self._limit:g} seconds it was given"}
        late = "" if len(losses) == self.steps else why.get(ended, "")
        return (
            f"Does not learn: after {steps}{late}, the loss of {self._rows} examples is {losses[-1]:.4g}, "
            f"and not {self._goal:.4g} or less; at the start it was {losses[0]:.4g}."
        )


def chosen_rows(part: Part, rows: int) -> NDArray[np.intp]:
    """Indices of some examples that differ in their inputs, with all targets in turn.

    Two equal inputs with different targets cannot be memorized, and equal targets need no learning.
    """
    candidates = np.unique(np.linspace(0, part.rows_count - 1, MOST_CANDIDATES).astype(np.intp))
    seen: set[bytes] = set()
    by_target: dict[bytes, list[int]] = {}
    for index in candidates:
        key = part.inputs[index].tobytes()
        if key not in seen:
            seen.add(key)
            by_target.setdefault(part.targets[index].tobytes(), []).append(int(index))
    chosen: list[int] = []
    turn = 0
    while len(chosen) < rows and turn < max(map(len, by_target.values())):
        chosen += [indices[turn] for indices in by_target.values() if turn < len(indices)]
        turn += 1
    return np.sort(np.array(chosen[:rows], dtype=np.intp))


def _most_rows(run: Trainer, rows: int) -> int:
    """Fewer for an autoencoder: its narrowest layer of n numbers can tell n + 1 examples apart."""
    if run.dataset.task != "reconstruction":
        return rows
    return max(2, min(rows, 1 + min(map(math.prod, run.network.shapes))))
