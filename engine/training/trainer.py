"""The trainer: a generator that takes one optimizer step at a time.

Whoever drives it decides after each step to go on, to pause, to look, to change a setting, or to stop. One
step, one epoch, a whole run and a run without a window are the same code.
"""

import math
import time
from collections.abc import Iterator
from enum import IntEnum

import numpy as np

from engine.arrays import Array
from engine.assembly import loss_of, network_layers, predictions
from engine.data import Dataset
from engine.experiment import Experiment
from engine.network import Network, infer_shapes
from engine.schedules import Memory
from engine.settings import describe_difference, differences
from engine.training.batches import Batches
from engine.training.evaluation import METRICS, Scores, classes_of
from engine.training.evaluator import Evaluator
from engine.training.generators import spawn
from engine.training.history import History
from engine.training.memory import bytes_needed, check_memory
from engine.training.parallelism import blas_threads, limited_to
from engine.training.stepping import Stepper, StepResult, steps_per_epoch
from engine.training.stopping import STOP_MARKS, BestSoFar, StopKind, StopReason, stop_after_epoch
from engine.training.updater import Updater

ROWS_SCORED_EACH_EPOCH = 4096
"""Training examples that the scores after an epoch are from; those after a run are from all."""


class Event(IntEnum):
    """What just happened in a run."""

    STEP = 1
    """An optimizer step."""
    SCORING = 2
    """A part of an epoch's scores: large data is scored in pieces, so that a Stop need not wait."""
    EPOCH = 3
    """The last step of an epoch was taken and scored; the scores are in the history."""


class Trainer:
    """Trains a network on a dataset as an Experiment says.

    Public state: `network`, `history`, `step` (optimizer steps taken), `epoch` (epochs completed),
    `stop_reason` (None while a run may go on), `seconds` (time spent in steps and scores).

    Raises UserError (ShapeError) where layers, loss and data do not fit together, or the network not into
    the memory of this machine.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.experiment, self.dataset = experiment, dataset
        self.generators = spawn(experiment.training.seed)
        layers, names = network_layers(experiment, dataset.outputs, dataset.task)
        training, part = experiment.training, dataset.training
        batch = min(training.batch_size, part.rows_count)
        number = np.dtype(experiment.dtype).itemsize
        shapes = infer_shapes(layers, dataset.input_shape, names)
        check_memory(bytes_needed(layers, shapes, batch, len(training.optimizer.slots), number))
        self.network = Network(layers, dataset.input_shape, experiment.dtype, names)
        self.network.initialize(self.generators.initialization)
        self.loss = loss_of(experiment, dataset.task).fitted(dataset.training.targets)
        self.history = History(
            {index: self.network.names[index] for index in self.network.trained_layers},
            METRICS[dataset.task],
        )
        self.step = 0
        self.epoch = 0
        self.seconds = 0.0
        self.stop_reason: StopReason | None = None
        self.best = BestSoFar()
        self.last_parameters: Array | None = None
        """Those of the last epoch, while the network has the best ones: more epochs go on from these."""
        self.updater = Updater(training.optimizer, self.network)
        self.batches = Batches(
            part.inputs, part.targets, training.batch_size, training.shuffle, self.generators.shuffling
        )
        self.in_epoch = False
        """True between the first step of an epoch and its end."""
        self.loss_sum = 0.0
        """Sum over this epoch's batches so far of weight times loss."""
        self.weight_sum = 0.0
        """Sum of these weights: the number of examples, unless some count more than others."""
        self.schedule_memory: Memory = ()
        """What the schedule remembers of the epochs' losses."""
        self.warmup_epochs = training.warmup_steps / steps_per_epoch(training, self.batches)
        """How long the warm-up takes, whatever sizes batches have later."""
        self.evaluator = Evaluator(self.network, self.loss)
        self._prepare()

    # --- driving -----------------------------------------------------------------------------------------

    def run(self) -> Iterator[Event]:
        """Train until a stop rule holds, yielding after each optimizer step.

        Can be called again after a run has ended or was left: it goes on where the last one stopped.
        """
        self.stop_reason = None
        if self.last_parameters is not None and self.epoch < self.experiment.training.epochs:
            self.network.parameters[...] = self.last_parameters
            self.last_parameters = None
        while self.stop_reason is None:
            with limited_to(self._threads):
                yield from self._train_on(self._threads)

    def _train_on(self, threads: int) -> Iterator[Event]:
        """Train until a stop rule holds, or until another number of threads is called for."""
        while self.stop_reason is None and self._threads == threads:
            epochs = self.experiment.training.epochs
            if self.epoch >= epochs:
                self._finish("finished", _all_done(self.epoch, epochs))
                return
            started = time.perf_counter()
            if not self.in_epoch:
                self._start_epoch()
            if not self.batches.epoch_done and not self._take_step():
                return
            self.seconds += time.perf_counter() - started
            if self.batches.epoch_done:
                yield from self._score_epoch()
                yield Event.EPOCH
            else:
                yield Event.STEP

    def stop(self, sentence: str = "") -> None:
        """End the run at this step boundary, by a person's wish; it can go on later."""
        self._finish("stopped", sentence or f"Stopped by you in epoch {self.epoch + self.in_epoch}.")

    def change(self, experiment: Experiment) -> None:
        """Take other settings between two steps; leaves a mark in the history for each.

        Raises ValueError where a setting differs that cannot change in mid-run.
        """
        found = list(differences(self.experiment, experiment))
        fixed = [".".join(path) for path, live, _, _ in found if not live]
        if fixed:
            raise ValueError(f"cannot change in mid-run: {', '.join(fixed)}")
        if not found:
            return
        layers, _ = network_layers(experiment, self.dataset.outputs, self.dataset.task)
        self.network.replace_layers(layers)
        old, new = self.experiment.training, experiment.training
        self.experiment = experiment
        if type(new.optimizer) is not type(old.optimizer):
            self.updater = Updater(new.optimizer, self.network)
        else:
            new.optimizer.adopt(tuple(self.updater.slots.values()), old.optimizer)
        self.updater.optimizer = new.optimizer
        if type(new.schedule) is not type(old.schedule):
            self.schedule_memory = ()
        self.batches.resize(new.batch_size, new.shuffle)
        if not self.step:
            self.warmup_epochs = new.warmup_steps / steps_per_epoch(new, self.batches)
        self.best.adopt(new.early_stopping, old.early_stopping, self.epoch)
        self._prepare()
        if self.step:
            for path, _, before, after in found:
                if len(path) > 1:  # the experiment's own name is no event of the run
                    self.history.mark(self.step, self.position, describe_difference(path, before, after))

    def resume_warmup(self, epochs: float) -> None:
        """Take the length of the warm-up from a run that began with batches of another size."""
        self.warmup_epochs = epochs
        self._prepare()

    @property
    def position(self) -> float:
        """Where the run is, in epochs."""
        return self.epoch + (self.batches.position / self.batches.total if self.in_epoch else 0.0)

    # --- looking -----------------------------------------------------------------------------------------

    def evaluate(self, part: str, limit: int | None = None) -> Scores:
        """Scores on "training", "validation" or "test"; on evenly spaced `limit` rows where given."""
        scoring = self.evaluator.scoring(self.experiment, self.dataset, part, limit)
        # As in a run: other numbers of threads sum in another order.
        with limited_to(self._threads):
            for _ in scoring:
                pass
        if scoring.result is None:
            raise ValueError(f"there is no {part} data")
        return scoring.result

    def predict(self, inputs: Array) -> Array:
        """Probabilities or (scaled) values (rows, outputs) for prepared inputs (rows, *input_shape)."""
        outputs = self.evaluator.outputs(inputs)
        return predictions(self.experiment, self.dataset.task, outputs)

    def predict_classes(self, inputs: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """Class numbers for prepared inputs."""
        return classes_of(self.predict(inputs), self.dataset.task)

    # --- one step ----------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Allocate what steps need, after the settings or sizes have changed."""
        self._stepper = Stepper(
            self.network,
            self.loss,
            self.experiment,
            self.dataset,
            self.batches,
            self.generators,
            self.updater,
            self.warmup_epochs,
        )
        self._threads = blas_threads(self.network, self.experiment.training.batch_size)

    def _take_step(self) -> bool:
        """One optimizer step; False where a number is not finite: then nothing has changed."""
        result = self._stepper.take(self.epoch, self.schedule_memory)
        if result.fault:
            self._finish(
                "not finite",
                f"Stopped before step {self.step + 1}, in epoch {self.epoch + 1}: {result.fault} is no "
                f"longer a finite number. The weights of step {self.step} are kept. "
                "Lower the learning rate or clip the norm.",
            )
            result.fault = ""
            return False
        self.step += 1
        self.loss_sum += result.loss * result.weight
        self.weight_sum += result.weight
        self._record(result)
        return True

    def _record(self, result: StepResult) -> None:
        updater = self.updater
        row = [self.position, result.loss, result.penalty, result.rate, result.norm]
        row += map(math.sqrt, result.squares or ())
        for change, weight in zip(updater.change_squares, updater.weight_squares, strict=True):
            row.append(math.sqrt(change / weight) if weight and change < math.inf else math.nan)
        self.history.steps.append(row)

    def _start_epoch(self) -> None:
        self.batches.start_epoch()
        self.in_epoch = True
        self.loss_sum = self.weight_sum = 0.0

    def _score_epoch(self) -> Iterator[Event]:
        """Score the epoch, remember the best weights, and see whether a stop rule holds."""
        training_loss = self.loss_sum / self.weight_sum
        found: list[Scores | None] = []
        limits = {"training": ROWS_SCORED_EACH_EPOCH, "validation": None}
        for part, limit in limits.items():
            started = time.perf_counter()
            scoring = self.evaluator.scoring(self.experiment, self.dataset, part, limit)
            for _ in scoring:
                self.seconds += time.perf_counter() - started
                yield Event.SCORING
                started = time.perf_counter()
            found.append(scoring.result)
            self.seconds += time.perf_counter() - started
        scored, held_out = found
        self.epoch += 1
        self.in_epoch = False
        validation_loss = held_out.loss if held_out else math.nan
        row = [self.epoch, self.step, self.seconds, training_loss, validation_loss]
        for scores in (scored, held_out):
            row += [scores.metrics[name] if scores else math.nan for name in self.history.metrics]
        self.history.epochs.append(row)
        watched_loss = validation_loss if held_out else training_loss
        training = self.experiment.training
        self.schedule_memory = training.schedule.observe(self.schedule_memory, watched_loss)
        self.best.observe(watched_loss, self.epoch, self.network.parameters, training.early_stopping)
        watched = "validation" if held_out else "training"
        reason = stop_after_epoch(training, self.best, self.epoch, training_loss, watched)
        if reason is not None:
            self._finish(reason.kind, reason.sentence)
        if reason is not None and reason.kind == "early":
            # Whoever trains on gets the same patience again.
            self.best.waiting_since = self.epoch

    def _finish(self, kind: StopKind, why: str) -> None:
        rule = self.experiment.training.early_stopping
        by_rule = kind in ("finished", "early", "threshold") and rule is not None and rule.keep_best
        if by_rule and self.best.parameters is not None and self.best.epoch < self.epoch:
            if kind == "finished" and self.last_parameters is None:
                self.last_parameters = self.network.parameters.copy()
            self.network.parameters[...] = self.best.parameters
            why += f" The weights are those of epoch {self.best.epoch}, the best."
        self.stop_reason = StopReason(kind, why)
        if kind != "finished":
            self.history.mark(self.step, self.position, STOP_MARKS[kind])


def _all_done(done: int, asked: int) -> str:
    """The sentence for a run that has its epochs, or more: their number can be lowered in mid-run."""
    if done == asked:
        return f"All {asked} epochs are done."
    return f"{done} epochs are done; the run was to have {asked}."
