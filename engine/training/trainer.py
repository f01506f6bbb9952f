"""The trainer: a generator that takes one training step at a time.

The caller decides after each step to go on, to pause, to query the run, to change a setting, or to
stop. One step, one epoch, a complete run and a run without a window are the same code.

One training step is five files, in this order: here, `Trainer._take_step`; stepping.py, the step itself;
batches.py, the examples of the next batch; gradient.py, forward, loss and backward through the layers (split
among workers by data_parallel.py, where batches are large); updater.py, the optimizer's update. Then the step
is added to the history, here.
"""

import math
import time
from collections.abc import Iterator, Sequence

from engine.data import Dataset
from engine.data.augmentation import Samples
from engine.data.augmentation.augmenter import Augmenter
from engine.experiment import Experiment
from engine.metrics import Metric
from engine.model import Model
from engine.network_assembly import Architecture
from engine.schedules import Memory, counts_after_warmup
from engine.training.averaging import Weights
from engine.training.batch_parts import batch_parts
from engine.training.batches import Batches
from engine.training.history import History
from engine.training.live_changes import change_settings
from engine.training.parameter_edits import Edit, edit_parameters
from engine.training.resources import check_training, cores, limited_to
from engine.training.rng import spawn
from engine.training.scoring import EpochScores, recorded_metrics
from engine.training.stepping import Stepper, steps_per_epoch
from engine.training.stopping import (
    STOP_MARKS,
    BestSoFar,
    Event,
    StopKind,
    StopReason,
    all_done,
    monitor_of,
    stop_after_epoch,
)
from engine.training.trainer_queries import TrainerQueries
from engine.training.updater import BLOCK_LENGTH, Updater
from engine.training.worker_pool import WorkerPool


class Trainer(TrainerQueries):
    """Trains a network on a dataset as an Experiment says; what it can be asked is `TrainerQueries`.

    Public state: `model` (with the weights in use), `weights` (which are in use and which are trained),
    `history`, `step` (optimizer steps taken), `epoch` (epochs completed), `stop_reason` (None while a run may
    go on), `seconds` (time spent in steps and scores).

    Raises UserError (ShapeError) where layers, loss and data do not fit together, or the network not into
    the memory of this machine.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.experiment, self.dataset = experiment, dataset
        self.generators = spawn(experiment.training.seed)
        architecture = Architecture.of(experiment, dataset.preparation)
        training, part = experiment.training, dataset.training
        check_training(training, architecture.layers, architecture.shapes, part.rows_count)
        network = architecture.build()
        network.initialize(self.generators.initialization)
        self.weights = Weights(network, training.weight_averaging, BLOCK_LENGTH)
        loss = architecture.loss.fitted(part.targets, dataset.classes, part.weights)
        self.model = Model.of(experiment, dataset.preparation, self.network, loss)
        self.history = History(
            {index: self.network.names[index] for index in self.network.trained_layers},
            [metric.name for metric in recorded_metrics(experiment, dataset.task)],
        )
        self.step = 0
        self.epoch = 0
        self.seconds = 0.0
        self.stop_reason: StopReason | None = None
        self.best = BestSoFar()
        self.updater = Updater(training.optimizer, network)
        samples = Samples.of(dataset, architecture.layers)
        self.augmenter = Augmenter(samples, loss, self.generators.augmentation)
        self.augmenter.choose(training.augmentation)
        self.batches = Batches(
            part.inputs,
            part.targets,
            dataset.outputs,
            training.batch_size,
            training.shuffle,
            self.generators.shuffling,
            self.augmenter,
            part.weights,
        )
        self.in_epoch = False
        """True between the first step of an epoch and its end."""
        self.loss_sum = 0.0
        """Sum over this epoch's batches so far of weight times loss."""
        self.weight_sum = 0.0
        """Sum of these weights: the number of examples, unless some count more than others."""
        self.schedule_state: Memory = ()
        """What the schedule remembers of the epochs' losses."""
        self.warmup_epochs = training.warmup_steps / steps_per_epoch(training, self.batches)
        """How long the warm-up takes, whatever sizes batches have later."""
        self.random_by_row = True
        """False in a run of an early file: its batches are split, and random numbers are drawn, by core."""
        self._pool = WorkerPool(1)
        self._running = False
        self.edits = 0
        """How many edits of parameters there were since it was made."""
        self.stepper: Stepper | None = None
        self.prepare_steps()

    # --- driving -----------------------------------------------------------------------------------------

    def run(self) -> Iterator[Event]:
        """Train until a stop rule holds, yielding after each optimizer step.

        Can be called again after a run has ended or was closed: it goes on where the last one stopped.
        """
        self.stop_reason = None
        self._running = True
        if self.epoch < self.experiment.training.epochs:
            self.weights.go_on()
        try:
            with limited_to(1) as limit:
                for event in self._train_on():
                    yield event
                    # Other code that runs in between may set another number of threads, which would change
                    # the last bits of matrix products.
                    limit.hold()
        finally:
            self._running = False
            self._pool.shutdown()
            self.updater.shutdown()

    def _train_on(self) -> Iterator[Event]:
        """Train until a stop rule holds."""
        while self.stop_reason is None:
            epochs = self.experiment.training.epochs
            if self.epoch >= epochs:
                self._finish("finished", all_done(self.epoch, epochs), self.best.missed())
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
        """Change settings between two steps; adds a mark to the history for each.

        Raises ValueError where a setting differs that cannot change in mid-run, UserError where one does not
        fit the data or this machine's memory, MemoryError where that runs out; then nothing has changed.
        """
        change_settings(self, experiment)

    def edit_parameters(self, edits: Sequence[Edit], text: str = "") -> tuple[Edit, ...]:
        """Edit weights and biases between two steps, and mark it; returns the edits that undo it.

        See `engine.training.parameter_edits`; where that raises UserError, nothing has changed.
        """
        return edit_parameters(self, edits, text)

    def resume_warmup(self, epochs: float) -> None:
        """Take the length of the warm-up from a run that began with batches of another size."""
        self.warmup_epochs = epochs
        self.prepare_steps()

    def set_random_by_row(self, by_row: bool) -> None:
        """Split batches, and draw random numbers for them, as the run has done from its beginning."""
        self.random_by_row, self.stepper = by_row, None
        self.prepare_steps()

    # --- one step ----------------------------------------------------------------------------------------

    def prepare_steps(self) -> Stepper:
        """Make the stepper follow the settings; only arrays that are missing are allocated."""
        training, trained, average = self.experiment.training, self.weights.trained, self.weights.average
        rows = min(training.batch_size, self.batches.total)
        parts = batch_parts(trained, rows, early=not self.random_by_row)
        if parts != self._pool.size:
            self._pool.shutdown()
            self._pool = WorkerPool(parts, cores())
        # None until it is ready: if memory runs out, the next step makes it again. And the old arrays are
        # released first, or both would be in memory at the same time.
        stepper, self.stepper = self.stepper, None
        if stepper is None or not stepper.serves(rows, self._pool):
            stepper = None
            stepper = Stepper(
                trained,
                self.loss,
                self.dataset,
                self.batches,
                self.generators,
                rows,
                self._pool,
                self.random_by_row,
            )
        stepper.configure(training, self.updater, self.warmup_epochs, average)
        self.stepper = stepper
        return stepper

    def _take_step(self) -> bool:
        """One training step; False where a number is not finite: then the weights are as they were."""
        # It is None if memory ran out when settings changed.
        stepper = self.stepper or self.prepare_steps()
        result = stepper.take(self.epoch, self.schedule_state)
        if result.fault:
            self._finish(
                "not finite",
                f"Stopped before step {self.step + 1}, in epoch {self.epoch + 1}: {result.fault} is no "
                "longer a finite number.",
                f"The weights of step {self.step} are kept.",
                "Lower the learning rate or clip the norm.",
            )
            result.fault = ""
            return False
        self.step += 1
        self.loss_sum += result.loss * result.weight
        self.weight_sum += result.weight
        position = self.epoch + self.batches.position / self.batches.total
        self.history.add_step(result.row(position, self.updater))
        return True

    def _start_epoch(self) -> None:
        self.batches.start_epoch()
        self.in_epoch = True
        self.loss_sum = self.weight_sum = 0.0

    def _score_epoch(self) -> Iterator[Event]:
        """Score the epoch, remember the best weights, and see whether a stop rule holds."""
        training_loss = self.loss_sum / self.weight_sum
        # Settings may change between two pieces, but what is scored stays.
        network, evaluator, averaged = self.network, self.evaluator, self.weights.average is not None
        edits = -1
        while edits != self.edits:  # edited in between, the weights are scored again
            edits = self.edits
            scores = EpochScores(evaluator, self.experiment, self.dataset, self._pool, averaged)
            for _ in scores:
                yield Event.SCORING
            self.seconds += scores.seconds
        scored, held_out = scores.training, scores.validation
        self.epoch += 1
        self.in_epoch = False
        validation_loss = held_out.loss if held_out else math.nan
        row = [self.epoch, self.step, self.seconds, training_loss, validation_loss]
        for found in (scored, held_out):
            values = found.metrics if found else {}
            # A run whose settings have changed may measure others than it began with.
            row += [values.get(name, math.nan) for name in self.history.metrics]
        self.history.epochs.append(row)
        # The loss of the epoch is that of the weights in use, unless these are an average.
        seen_loss = scored.loss if scored and averaged else training_loss
        watched_loss = validation_loss if held_out else seen_loss
        watched_scores = held_out or scored
        training, rule = self.experiment.training, self.experiment.training.early_stopping

        def value(metric: Metric | None) -> float:
            if metric is None:
                return watched_loss
            return watched_scores.metrics.get(metric.name, math.nan) if watched_scores else math.nan

        if counts_after_warmup(self.epoch, self.warmup_epochs):
            self.schedule_state = training.schedule.observe(
                self.schedule_state, value(training.schedule.monitored)
            )
        self.best.observe(value(monitor_of(rule)), self.epoch, network.state_vectors, rule)
        watched = "validation" if held_out else "training"
        convergence_reason = self.stepper.convergence_reason if self.stepper else ""
        reason = stop_after_epoch(training, self.best, self.epoch, training_loss, watched, convergence_reason)
        if reason is not None:
            self._finish(reason.kind, reason.sentence)

    def _finish(self, kind: StopKind, why: str, kept: str = "", advice: str = "") -> None:
        """End the run, with the best weights if early stopping keeps them; kept : which weights otherwise."""
        best, rule = self.best, self.experiment.training.early_stopping
        keeps = kind != "stopped" and rule is not None and rule.restore_best_weights
        if keeps and best.weights is not None and best.epoch < self.position:
            kept = f"The weights are those of epoch {best.epoch}, the best."
            if kind == "not finite":
                self.weights.start_from(best.weights)
                self.updater.reset()
            else:
                self.weights.use(best.weights, for_good=kind != "finished")
        if kind in ("early", "not finite", "finished"):
            # Training on begins with the same patience again.
            best.patience_epoch = self.epoch
        self.stop_reason = StopReason(kind, " ".join(filter(None, (why, kept, advice))))
        if kind != "finished":
            self.history.mark(self.step, self.position, STOP_MARKS[kind])
