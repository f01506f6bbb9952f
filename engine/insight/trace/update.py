"""The update to come: what one step of the run's optimizer would make of a parameter, and of the losses.

The step is taken on a copy of the weights, by the parts that a trainer is made of; the run stays as it is.
"""

import copy
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import Array, Targets
from engine.errors import UserError
from engine.insight.query import Query
from engine.insight.trace.derivation import Factor, Place
from engine.insight.trace.recording import compare, float64_copy
from engine.insight.trace.sample import batch_of
from engine.insight.trace.trace import Trace, TracedSample
from engine.insight.trace.update_words import REFUSED, formula_of, sentence, symbol_of
from engine.losses import Loss
from engine.losses.base import in_precision
from engine.network import Network
from engine.schedules import rate_factor
from engine.training.full_batch import FullBatchGradient
from engine.training.gradient import BatchGradient
from engine.training.regularization import Clipping, MaxNorm, Penalty
from engine.training.trainer import Trainer
from engine.training.updater import Updater
from engine.training_settings import Training

BatchName = Literal["sample", "next"]
"""What the step is taken with: the sample alone, or the batch that the run takes next."""


@dataclass(frozen=True)
class UpdateTrace:
    """One parameter before and after a step.

    gradient : of the mean loss of the batch, by the pass of a training step. penalty : what L1 and L2 add to
    it. clipping : by what the sum is multiplied, 1 without. used : what the optimizer gets.
    rate : of this step. decay : what weight decay adds to the gradient's part, λ p.
    workings : the optimizer's own numbers. shrinkage : what L1's proximal step and max-norm change at last.
    sample_loss, batch_loss : before and after, without penalty, as they are evaluated.
    rows : of the batch. sentence : the whole in words.
    """

    place: Place
    symbol: str
    text: str
    before: float
    after: float
    gradient: float
    penalty: float
    clipping: float
    used: float
    rate: float
    decay: float
    optimizer: str
    formula: str
    formula_text: str
    workings: tuple[Factor, ...]
    shrinkage: float
    sample_loss: tuple[float, float]
    batch_loss: tuple[float, float]
    rows: int
    sentence: str


@dataclass(frozen=True)
class UpdateQuery(Query[UpdateTrace]):
    """The update of one parameter by a step with the sample, or with the next batch."""

    sample: TracedSample
    place: Place
    batch: BatchName = "sample"

    def answer(self, trainer: Trainer) -> UpdateTrace:
        return update_of(trainer, self.sample, self.place, self.batch)


class Rows(NamedTuple):
    """The examples of a step."""

    inputs: Array
    targets: Targets
    weights: Array | None


def update_of(
    trainer: Trainer, sample: TracedSample | Trace, place: Place, batch: BatchName = "sample"
) -> UpdateTrace:
    """The step that the trainer would take with the sample alone, or with its next batch, at one parameter.

    Augmentation is left out. Raises UserError where there is no such parameter or sample.
    """
    chosen = sample.sample if isinstance(sample, Trace) else sample
    own = batch_of(trainer, chosen, "evaluation")
    alone = Rows(own.inputs, own.targets, own.weights)
    rows = alone if batch == "sample" else _next(trainer)
    step = TrialStep(trainer, rows)
    number = step.number(place)
    with np.errstate(all="ignore"):
        before = step.losses(alone, rows)
        step.take()
        after = step.losses(alone, rows)
    return step.result(place, number, (before[0], after[0]), (before[1], after[1]))


def _next(trainer: Trainer) -> Rows:
    if trainer.experiment.training.optimizer.needs_full_batch:
        part = trainer.dataset.training
        weights = None if part.weights is None else part.weights.astype(part.inputs.dtype)
        return Rows(part.inputs, part.targets, weights)
    return Rows(*trainer.batches.peek(trainer.experiment.training.accumulate_batches))


class TrialStep:
    """One step of a trainer on copies of its weights and of its optimizer's memory."""

    def __init__(self, trainer: Trainer, rows: Rows) -> None:
        trained, training = trainer.weights.trained, trainer.experiment.training
        self._trainer, self._training, self._loss = trainer, training, trainer.loss
        dtype = trained.dtype.type
        self._network = Network(trained.layers, trained.input_shape, dtype, trained.names)
        self._network.state_vectors.take(trained.state_vectors)
        weights = None if rows.weights is None else rows.weights.astype(dtype)
        self._rows = Rows(rows.inputs.astype(dtype), in_precision(rows.targets, dtype), weights)
        self._updater = Updater(training.optimizer, self._network)
        for name, vector in trainer.updater.slots.items():
            self._updater.slots[name][...] = vector
        self._updater.steps = trainer.updater.steps
        self._generator = copy.deepcopy(trainer.generators.dropout)
        self._rate = self._learning_rate()
        self._data = self._penalty = self._used = self._changed = self._network.parameters
        self._refused = False

    def number(self, place: Place) -> int:
        """Where in the flat vector a parameter is."""
        for span in self._network.spans:
            fits = (
                span.layer == place.layer and span.name == place.name and len(span.shape) == len(place.index)
            )
            if fits and all(0 <= one < size for one, size in zip(place.index, span.shape, strict=True)):
                return span.start + int(np.ravel_multi_index(place.index, span.shape))
        raise UserError(
            "Inspector, update",
            expected="a parameter of this network",
            got=f"{place.name or place.quantity} {list(place.index)} of layer {place.layer + 1}",
            help="Choose a weight or a bias.",
        )

    def losses(self, alone: Rows, rows: Rows) -> tuple[float, float]:
        """The mean losses of the sample and of the batch as evaluated, in float64."""
        wide = float64_copy(self._network, "evaluation")
        own = _evaluated(wide, self._loss, alone)
        return own, own if rows is alone else _evaluated(wide, self._loss, rows)

    def take(self) -> None:
        """Take the step, and remember the gradient at each stage."""
        network, training = self._network, self._training
        gradient = BatchGradient(network, self._loss, len(self._rows.inputs), self._generator)
        full = FullBatchGradient(
            network,
            gradient,
            self._rows.inputs,
            self._rows.targets,
            len(self._rows.inputs),
            self._generator,
            None if self._rows.weights is None else self._rows.weights.astype(np.float64),
        )
        needs_full = training.optimizer.needs_full_batch
        loss, _ = full.start() if needs_full else gradient.evaluate(*self._rows)
        self._data = network.gradients.copy()
        penalty = Penalty(network, training.l1, training.l2, training.l1_is_proximal)
        self._updater.set_l1_ranges(penalty.l1_ranges if training.l1_is_proximal else ())
        loss += penalty.add() if penalty.active else 0.0
        self._penalty = network.gradients - self._data
        if Clipping.asked_for(training):
            clipping = Clipping(network, training)
            clipping.apply(clipping.squares())
        self._used = network.gradients.copy()
        before = network.parameters.copy()

        def at_point() -> float:
            found = full.evaluate()
            return found + penalty.add() if penalty.active else found

        if needs_full:
            bad = self._updater.apply(self._rate, loss, at_point)
        else:
            bad = self._updater.apply(self._rate)
        self._refused = bad is not None or not np.isfinite(self._used).all()
        self._changed = network.parameters.copy()
        if training.max_norm is not None:
            MaxNorm(network, training.max_norm).apply()
        self._before = before

    def result(
        self, place: Place, number: int, sample_loss: tuple[float, float], batch_loss: tuple[float, float]
    ) -> UpdateTrace:
        """What became of one parameter."""
        optimizer, rate = self._training.optimizer, self._rate
        before, after = float(self._before[number]), float(self._network.parameters[number])
        data, penalty, used = (float(one[number]) for one in (self._data, self._penalty, self._used))
        whole = data + penalty
        slots = {name: float(vector[number]) for name, vector in self._updater.slots.items()}
        workings = tuple(
            Factor(one.symbol, one.text, one.value, "", one.meaning)
            for one in (() if self._refused else optimizer.workings(slots, used, self._updater.steps))
        )
        name = symbol_of(self._network, place)
        decay = float(getattr(optimizer, "weight_decay", 0.0)) * before
        return UpdateTrace(
            place,
            name[0],
            name[1],
            before,
            after,
            data,
            penalty,
            used / whole if whole else 1.0,
            used,
            rate,
            decay,
            optimizer.heading,
            *formula_of(optimizer),
            workings,
            after - float(self._changed[number]),
            sample_loss,
            batch_loss,
            len(self._rows.inputs),
            REFUSED if self._refused else sentence(optimizer, rate, name[1], (before, after), sample_loss),
        )

    def _learning_rate(self) -> float:
        """Of the step to come, with schedule and warm-up, as in `Stepper`."""
        trainer, training = self._trainer, self._training
        rate = training.optimizer.learning_rate
        if training.schedule.steady and not training.warmup_steps:
            return rate
        steps = trainer.steps_per_epoch
        step = trainer.epoch * steps + round(_position(trainer) / _rows_per_step(trainer, training))
        # A run that has ended takes no more steps: one like its last.
        step = min(step, training.epochs * steps - 1)
        rate *= rate_factor(
            training.schedule, step, round(trainer.warmup_epochs * steps), steps, training.epochs * steps
        )
        return rate * training.schedule.reached(trainer.schedule_state)


def _position(trainer: Trainer) -> int:
    return trainer.batches.position if trainer.in_epoch else 0


def _rows_per_step(trainer: Trainer, training: Training) -> int:
    if training.optimizer.needs_full_batch:
        return trainer.batches.total
    return trainer.batches.batch_size * training.accumulate_batches


def _evaluated(wide: Network, loss: Loss, rows: Rows) -> float:
    count = len(rows.inputs)
    spaces = wide.workspaces(count).rows(count)
    output = wide.forward(rows.inputs.astype(np.float64), spaces, True)
    weights = None if rows.weights is None else rows.weights.astype(np.float64)
    value, _ = compare(loss, output, in_precision(rows.targets, np.float64), weights)
    return value
