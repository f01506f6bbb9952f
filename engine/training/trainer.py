"""The trainer: a generator that takes one optimizer step at a time.

Whoever drives it decides after each step to go on, to pause, to look, to change a setting, or to stop. One
step, one epoch, a whole run and a run without a window are the same code.
"""

import math
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.assembly import loss_of, network_layers, predictions
from engine.data import Dataset
from engine.data.augmentation import Samples
from engine.data.augmentation.augmenter import Augmenter
from engine.experiment import Experiment
from engine.network import Network, infer_shapes
from engine.schedules import Memory, counts_after_warmup
from engine.settings import describe_difference, differences
from engine.training.averaging import Weights
from engine.training.batches import Batches
from engine.training.epoch_scores import EpochScores
from engine.training.evaluation import METRICS, Scores, classes_of
from engine.training.evaluator import Evaluator
from engine.training.events import Event
from engine.training.generators import spawn
from engine.training.history import History
from engine.training.memory import bytes_needed, check_memory
from engine.training.parallelism import batch_parts, blas_threads, limited_to
from engine.training.stepping import Stepper, StepResult, steps_per_epoch
from engine.training.stopping import STOP_MARKS, BestSoFar, StopKind, StopReason, stop_after_epoch
from engine.training.team import Team
from engine.training.updater import BLOCK_LENGTH, Updater


class Trainer:
    """Trains a network on a dataset as an Experiment says.

    Public state: `network` (the one in use), `weights` (which are in use and which are trained), `history`,
    `step` (optimizer steps taken), `epoch` (epochs completed), `stop_reason` (None while a run may go on),
    `seconds` (time spent in steps and scores).

    Raises UserError (ShapeError) where layers, loss and data do not fit together, or the network not into
    the memory of this machine.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.experiment, self.dataset = experiment, dataset
        self.generators = spawn(experiment.training.seed)
        codes = dataset.preparation.codes
        layers, names = network_layers(experiment, dataset.outputs, dataset.task, codes)
        training, part = experiment.training, dataset.training
        batch = min(training.batch_size, part.rows_count)
        number = np.dtype(experiment.dtype).itemsize
        shapes = infer_shapes(layers, dataset.input_shape, names)
        vectors = len(training.optimizer.slots) + (training.average is not None) + (training.accumulate > 1)
        check_memory(bytes_needed(layers, shapes, batch, vectors, number))
        network = Network(layers, dataset.input_shape, experiment.dtype, names)
        network.initialize(self.generators.initialization)
        self.weights = Weights(network, training.average, BLOCK_LENGTH)
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
        self.updater = Updater(training.optimizer, network)
        self.augmenter = Augmenter(Samples.of(dataset), self.loss, self.generators.augmentation)
        self.augmenter.choose(training.augmentation)
        self.batches = Batches(
            part.inputs,
            part.targets,
            training.batch_size,
            training.shuffle,
            self.generators.shuffling,
            self.augmenter,
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
        self._team = Team(1)
        self._running = False
        self._prepare()

    # --- driving -----------------------------------------------------------------------------------------

    def run(self) -> Iterator[Event]:
        """Train until a stop rule holds, yielding after each optimizer step.

        Can be called again after a run has ended or was left: it goes on where the last one stopped.
        """
        self.stop_reason = None
        self._running = True
        if self.epoch < self.experiment.training.epochs:
            self.weights.go_on()
        try:
            while self.stop_reason is None:
                with limited_to(self._threads) as limit:
                    for event in self._train_on(self._threads):
                        yield event
                        # Another run may have taken its turn: sums depend on the number of threads.
                        limit.hold()
        finally:
            self._running = False
            self._team.dismiss()

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

        Raises ValueError where a setting differs that cannot change in mid-run, UserError where one does not
        fit the data; then nothing has changed.
        """
        found = list(differences(self.experiment, experiment))
        fixed = [".".join(path) for path, live, _, _ in found if not live]
        if fixed:
            raise ValueError(f"cannot change in mid-run: {', '.join(fixed)}")
        if not found:
            return
        dataset = self.dataset
        layers, _ = network_layers(experiment, dataset.outputs, dataset.task, dataset.preparation.codes)
        self.augmenter.choose(experiment.training.augmentation)
        self.weights.replace_layers(layers)
        old, new = self.experiment.training, experiment.training
        self.experiment = experiment
        if type(new.optimizer) is not type(old.optimizer):
            self.updater = Updater(new.optimizer, self.weights.trained)
        else:
            new.optimizer.adopt(tuple(self.updater.slots.values()), old.optimizer)
        self.updater.optimizer = new.optimizer
        if type(new.schedule) is not type(old.schedule):
            self.schedule_memory = ()
        self.batches.resize(new.batch_size, new.shuffle)
        if not self.step:
            self.warmup_epochs = new.warmup_steps / steps_per_epoch(new, self.batches)
        self.best.adopt(new.early_stopping, old.early_stopping, self.epoch)
        self.weights.set_decay(new.average)
        if (new.average is None) != (old.average is None):
            self.evaluator = Evaluator(self.network, self.loss)
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
    def parts(self) -> int:
        """In how many parts a batch is worked on at the same time."""
        return self._team.size

    @property
    def position(self) -> float:
        """Where the run is, in epochs."""
        return self.epoch + (self.batches.position / self.batches.total if self.in_epoch else 0.0)

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in an epoch, under the present settings."""
        return steps_per_epoch(self.experiment.training, self.batches)

    # --- looking -----------------------------------------------------------------------------------------

    @property
    def network(self) -> Network:
        """The network in use: with the average of its weights where one is kept, with the best at the end.

        Steps change `weights.trained`, which is the same one unless an average is kept.
        """
        return self.weights.in_use

    def evaluate(self, part: str, limit: int | None = None) -> Scores:
        """Scores on "training", "validation" or "test"; on evenly spaced `limit` rows where given."""
        scores = None
        for found in self.scoring(part, limit):
            scores = found
        if scores is None:
            raise ValueError(f"there is no {part} data")
        return scores

    def scoring(self, part: str, limit: int | None = None) -> Iterator[Scores | None]:
        """As `evaluate`, piece by piece: yields None in between, at last the scores if there are rows."""
        scoring = self.evaluator.scoring(self.experiment, self.dataset, part, limit, team=self._team)
        try:
            # As in a run: other numbers of threads sum in another order.
            with limited_to(self._threads) as threads:
                for _ in scoring:
                    yield None
                    threads.hold()
        finally:
            if not self._running:
                self._team.dismiss()
        yield scoring.result

    def predict(self, inputs: Array) -> Array:
        """Probabilities or (scaled) values (rows, outputs) for prepared inputs (rows, *input_shape)."""
        outputs = self.evaluator.outputs(inputs)
        return predictions(self.experiment, self.dataset.task, outputs)

    def predict_classes(self, inputs: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """Class numbers for prepared inputs."""
        return classes_of(self.predict(inputs), self.dataset.task)

    def reconstruction_errors(self, inputs: Array) -> NDArray[np.float64]:
        """How badly each prepared sample comes back, (rows,): see `Evaluator.reconstruction_errors`.

        Raises ValueError where the task is not reconstruction.
        """
        if self.dataset.task != "reconstruction":
            raise ValueError("only what is trained on its own input reconstructs it")
        return self.evaluator.reconstruction_errors(inputs)

    # --- one step ----------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Allocate what steps need, after the settings or sizes have changed."""
        batch = min(self.experiment.training.batch_size, self.batches.total)
        self._threads = blas_threads(self.network, batch)
        parts = batch_parts(self.network, batch)
        if parts != self._team.size:
            self._team.dismiss()
            self._team = Team(parts)
        self._stepper = Stepper(
            self.weights.trained,
            self.loss,
            self.experiment,
            self.dataset,
            self.batches,
            self.generators,
            self.updater,
            self.warmup_epochs,
            self._team,
            self.weights.average,
        )

    def _take_step(self) -> bool:
        """One optimizer step; False where a number is not finite: then the weights are as they were."""
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
        updater, sqrt, infinite, nan = self.updater, math.sqrt, math.inf, math.nan
        ratios = [
            sqrt(change / weight) if weight and change < infinite else nan
            for change, weight in zip(updater.change_squares, updater.weight_squares, strict=True)
        ]
        place = self.epoch + self.batches.position / self.batches.total
        row = (place, result.loss, result.penalty, result.rate, result.norm, result.zero_weights)
        self.history.steps.append((*row, *map(sqrt, result.squares or ()), *ratios))

    def _start_epoch(self) -> None:
        self.batches.start_epoch()
        self.in_epoch = True
        self.loss_sum = self.weight_sum = 0.0

    def _score_epoch(self) -> Iterator[Event]:
        """Score the epoch, remember the best weights, and see whether a stop rule holds."""
        training_loss = self.loss_sum / self.weight_sum
        # Settings may change between two pieces, but what is scored stays.
        network, averaged = self.network, self.weights.average is not None
        scores = EpochScores(self.evaluator, self.experiment, self.dataset, self._team, averaged)
        for _ in scores:
            yield Event.SCORING
        self.seconds += scores.seconds
        scored, held_out = scores.training, scores.validation
        self.epoch += 1
        self.in_epoch = False
        validation_loss = held_out.loss if held_out else math.nan
        row = [self.epoch, self.step, self.seconds, training_loss, validation_loss]
        for found in (scored, held_out):
            row += [found.metrics[name] if found else math.nan for name in self.history.metrics]
        self.history.epochs.append(row)
        # The loss of the epoch is that of the weights in use, unless these are an average.
        seen_loss = scored.loss if scored and averaged else training_loss
        watched_loss = validation_loss if held_out else seen_loss
        training = self.experiment.training
        if counts_after_warmup(self.epoch, self.warmup_epochs):
            self.schedule_memory = training.schedule.observe(self.schedule_memory, watched_loss)
        self.best.observe(watched_loss, self.epoch, network.parameters, training.early_stopping)
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
            self.weights.use(self.best.parameters, for_good=kind != "finished")
            why += f" The weights are those of epoch {self.best.epoch}, the best."
        self.stop_reason = StopReason(kind, why)
        if kind != "finished":
            self.history.mark(self.step, self.position, STOP_MARKS[kind])


def _all_done(done: int, asked: int) -> str:
    """The sentence for a run that has its epochs, or more: their number can be lowered in mid-run."""
    if done == asked:
        return f"All {asked} epochs are done."
    return f"{done} epochs are done; the run was to have {asked}."
