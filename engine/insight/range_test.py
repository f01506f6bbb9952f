"""Learning-rate range test: a short trial with a rising rate shows which rates a setting can learn with.

Works on a copy: the run is only read. Reference: Smith 2017, Cyclical learning rates for training neural
networks, section 3.3; the two readings of the smoothed curve are those that became usual with fast.ai.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from engine.errors import UserError
from engine.experiment import Experiment
from engine.insight.rate_curve import FEWEST_STEPS, Curve, RunningMean, decay_of, readings, smoothed_losses
from engine.insight.run_copies import Start, take_over, without_held_out
from engine.optimizers import Optimizer
from engine.optimizers.sign_based import Rprop
from engine.schedules import Schedule
from engine.settings import number_text
from engine.training.trainer import Trainer

STEPS = 200

BELOW, ABOVE = 1e4, 1e3
"""The usual range, around the optimizer's usual learning rate, since rules differ by orders of magnitude."""

HIGHEST_RATE = 1000.0
"""The highest rate that can be set."""

StopKind = Literal["done", "exploded", "not finite", "cancelled"]


@dataclass(frozen=True)
class RangeTestResult:
    """What a range test found; curves of equal length, one entry for each step taken.

    rates, losses : of each step; the loss is that of its batch before the step, without penalty.
    smoothed : the loss as an average over neighbouring rates.
    steepest : the rate at which the smoothed loss falls fastest. tenth : a tenth of the rate with the lowest
    smoothed loss. Both are None where the loss does not clearly fall.
    suggestion : between the two, at the root of their product. set_rate : the one that the run has.
    """

    rates: Curve
    losses: Curve
    smoothed: Curve
    stop: StopKind
    stop_reason: str
    steepest: float | None
    tenth: float | None
    suggestion: float | None
    set_rate: float
    advice: str

    @property
    def breaking_rate(self) -> float | None:
        """The rate that ended the test, None where it ended otherwise."""
        broken = self.stop in ("exploded", "not finite") and len(self.rates)
        return float(self.rates[-1]) if broken else None

    @property
    def set_rate_breaks(self) -> bool:
        """True where the run's own learning rate is as high as the one that ended the test."""
        return self.breaking_rate is not None and self.set_rate >= self.breaking_rate

    @property
    def lowest(self) -> float | None:
        """The rate with the lowest smoothed loss, None where there are too few steps to tell."""
        return float(self.rates[self.smoothed.argmin()]) if len(self.rates) >= FEWEST_STEPS else None

    @property
    def suggested_rate(self) -> float | None:
        """The suggestion in the two digits of the advice: seeds alone move it by more than the rest."""
        return None if self.suggestion is None else float(rate_text(self.suggestion))

    @property
    def readings_sentence(self) -> str:
        """What the suggestion is made of; empty where there is none."""
        if self.steepest is None or self.tenth is None:
            return ""
        return (
            f"The loss falls fastest at {self.steepest:.2g}; a tenth of the rate where it is lowest is "
            f"{self.tenth:.2g}."
        )


class RangeTest:
    """Iterates over the steps of a trial, giving how many are taken; `result` reads them at any time.

    The loop may be left after any step. Schedule, warm-up, and rules that end a run are off, all else
    is as in the run: batches (over as many epochs as it takes), dropout, penalties, clipping.

    Parameters
    ----------
    run : a trainer, at a step boundary. start : see `Start`; the trial begins an epoch of its own.
    low, high : learning rates of the first and of the last step; a range around the optimizer's usual rate
    if left out. steps : optimizer steps, at rates of equal ratio.

    Raises UserError where the range is none, or the optimizer finds the length of its steps itself.
    """

    def __init__(
        self,
        run: Trainer,
        *,
        start: Start = "fresh",
        low: float | None = None,
        high: float | None = None,
        steps: int = STEPS,
    ) -> None:
        optimizer = run.experiment.training.optimizer
        usual = float(type(optimizer).model_fields["learning_rate"].default)
        self.low = usual / BELOW if low is None else low
        self.high = min(usual * ABOVE, HIGHEST_RATE) if high is None else high
        self.steps = steps
        _check(optimizer, self.low, self.high, steps)
        self._run, self._start = run, start
        self._trial: Trainer | None = None
        self._stop: StopKind = "cancelled"

    def __iter__(self) -> Iterator[int]:
        run = self._run
        batches = run.steps_per_epoch
        experiment = _rising(run.experiment, self.low, self.high, self.steps, -(-self.steps // batches))
        trial = self._trial = Trainer(experiment, without_held_out(run.dataset))
        if self._start == "present":
            take_over(trial, run)
        average = RunningMean(decay_of(self.low, self.high, self.steps))
        taken, record = 0, trial.history.steps
        self._stop = "cancelled"
        for _ in trial.run():
            # Between two steps the trainer may be scoring an epoch.
            if trial.step > taken:
                taken = trial.step
                average.add(record.read("loss", taken - 1)[0])
                if average.exploded:
                    self._stop = "exploded"
                elif taken == self.steps:
                    self._stop = "done"
            yield taken
            if self._stop != "cancelled":
                return
        # Nothing else ends a trial by itself.
        self._stop = "not finite"

    def result(self) -> RangeTestResult:
        """What the steps so far tell."""
        record = self._trial.history.steps if self._trial is not None else None
        losses = record.read("loss") if record is not None else np.empty(0)
        rates = record.read("learning_rate") if record is not None else np.empty(0)
        smoothed = smoothed_losses(losses, decay_of(self.low, self.high, self.steps))
        steepest, tenth = readings(rates, smoothed)
        suggestion = None if steepest is None or tenth is None else math.sqrt(steepest * tenth)
        return RangeTestResult(
            rates,
            losses,
            smoothed,
            self._stop,
            self._stop_sentence(rates),
            steepest,
            tenth,
            suggestion,
            self._run.experiment.training.optimizer.learning_rate,
            self._advice(rates, smoothed, suggestion),
        )

    def _stop_sentence(self, rates: Curve) -> str:
        taken = len(rates)
        if self._stop == "done":
            return f"All {taken} steps are done, up to a rate of {rate_text(self.high)}."
        if self._stop == "cancelled":
            return f"Cancelled after {taken} of {self.steps} steps."
        if not taken:
            return "Stopped before the first step: a number is not finite at the starting weights."
        at = f"at a rate of {rate_text(float(rates[-1]))}"
        if self._stop == "exploded":
            return f"Stopped after step {taken} of {self.steps}, {at}: the loss exploded."
        return f"Stopped after step {taken} of {self.steps}, {at}: a number was no longer finite."

    def _advice(self, rates: Curve, smoothed: Curve, suggestion: float | None) -> str:
        if suggestion is not None:
            more = ""
            if isinstance(self._run.experiment.training.optimizer, Rprop):
                more = " Rprop goes on to find the length of its steps itself, so that not much hangs on it."
            elif self._stop == "done" and int(smoothed.argmin()) == len(smoothed) - 1:
                more = " The loss was still falling at the highest rate: higher ones may do as well."
            own = rate_text(self._run.experiment.training.optimizer.learning_rate)
            return (
                f"The test suggests a learning rate of about {rate_text(suggestion)}; "
                f"that of the run tested is {own}.{more}"
            )
        if self._stop == "cancelled":
            return "Let the test go on: so far the loss has not clearly fallen."
        if len(rates) < FEWEST_STEPS:
            return (
                "Test lower rates: the loss broke before it could fall. Where it breaks at any rate, look "
                "for extreme numbers in the data or in the starting weights."
            )
        if self._start == "present":
            return (
                "The loss did not fall at any rate: the run has learned what these batches can teach it, or "
                "they are too noisy to tell. Test the starting weights, or larger batches."
            )
        return (
            "The loss did not fall at any rate. Look at the gradients, the activations and the scaling of "
            "the data first, or test with larger batches where they are noisy."
        )


class _Rise(Schedule):
    """The factor goes from 1 up to `ratio` in equal ratios; for trials alone, so in no list of schedules."""

    heading: ClassVar[str] = "Range test"

    kind: Literal["range_test"] = "range_test"
    ratio: float
    steps: int

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        return float(self.ratio ** (step / (self.steps - 1)))


def _rising(experiment: Experiment, low: float, high: float, steps: int, epochs: int) -> Experiment:
    """The experiment with a rising rate, and without what would end it, change the rate, or tell nothing."""
    training = experiment.training
    plain = training.replace(
        optimizer=training.optimizer.replace(learning_rate=low),
        warmup_steps=0,
        epochs=epochs,
        weight_averaging=None,
        early_stopping=None,
        target_loss=None,
    )
    # Not validated: the schedule is no member of the list that a setting is chosen from.
    rising = plain.model_copy(update={"schedule": _Rise(ratio=high / low, steps=steps)})
    return experiment.model_copy(update={"training": rising})


def _check(optimizer: Optimizer, low: float, high: float, steps: int) -> None:
    if optimizer.needs_full_batch:
        raise UserError(
            "Range test",
            expected="an optimizer that goes as far as its learning rate says",
            got=f"{optimizer.heading}, which searches for the length of each step itself",
            help="It needs no range test; leave its learning rate at 1.",
        )
    if not 0 < low < high <= HIGHEST_RATE:
        raise UserError(
            "Range test",
            expected=f"rates above 0 and up to {number_text(HIGHEST_RATE)}, the low one below the high one",
            got=f"{number_text(low)} and {number_text(high)}",
            help="Correct the range.",
        )
    if steps < FEWEST_STEPS:
        raise UserError(
            "Range test", expected=f"at least {FEWEST_STEPS} steps", got=str(steps), help="Take more steps."
        )


def rate_text(rate: float) -> str:
    """A learning rate with the two digits that matter of it."""
    return number_text(float(f"{rate:.2g}"))


def usual_start(run: Trainer) -> Start:
    """The present weights of a run that has been trained; before that they are the starting weights."""
    return "present" if run.step else "fresh"


def same_trial(one: Experiment, other: Experiment) -> bool:
    """Whether a range test of either takes the same steps: they may differ in what it switches off."""
    alike = {"name": "", "description": ""}
    trials = [_rising(each, 0.1, 1.0, STEPS, 1).model_copy(update=alike) for each in (one, other)]
    return trials[0] == trials[1]
