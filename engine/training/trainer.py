"""The trainer: a generator that takes one optimizer step at a time.

Whoever drives it decides after each step to go on, to pause, to look, to change a setting, or to stop. One
step, one epoch, a whole run and a run without a window are the same code.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import replace

from engine.data import Dataset
from engine.data.augmentation import Samples
from engine.data.augmentation.augmenter import Augmenter
from engine.experiment import Experiment
from engine.model import Model
from engine.network import Learned
from engine.network_assembly import Architecture
from engine.schedules import Memory, counts_after_warmup
from engine.settings import describe_difference, differences
from engine.training.averaging import Weights
from engine.training.batches import Batches
from engine.training.epoch_scores import EpochScores
from engine.training.evaluation import METRICS
from engine.training.full_batch import makes_another_function
from engine.training.history import History
from engine.training.looking import Looking
from engine.training.memory_estimate import check_training
from engine.training.parallelism import batch_parts, cores, limited_to
from engine.training.rng import spawn
from engine.training.rollback import rolled_back_on_failure
from engine.training.stepping import Stepper, steps_per_epoch
from engine.training.stopping import (
    STOP_MARKS,
    BestSoFar,
    Event,
    StopKind,
    StopReason,
    all_done,
    stop_after_epoch,
)
from engine.training.updater import BLOCK_LENGTH, Updater
from engine.training.worker_pool import Team


class Trainer(Looking):
    """Trains a network on a dataset as an Experiment says; what it can be asked is `Looking`.

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
        self.weights = Weights(network, training.average, BLOCK_LENGTH)
        loss = architecture.loss.fitted(part.targets, dataset.classes)
        self.model = Model.of(experiment, dataset.preparation, self.network, loss)
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
        self.divides_by_row = True
        """False in a run of an early file: there, a batch in parts was divided and drawn for by core."""
        self._team = Team(1)
        self._running = False
        self._stepper: Stepper | None = None
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
            with limited_to(1) as limit:
                for event in self._train_on():
                    yield event
                    # Whatever runs in between may set another number, on which the last bits depend.
                    limit.hold()
        finally:
            self._running = False
            self._team.dismiss()
            self.updater.dismiss()

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
        """Take other settings between two steps; leaves a mark in the history for each.

        Raises ValueError where a setting differs that cannot change in mid-run, UserError where one does not
        fit the data or this machine's memory, MemoryError where that runs out; then nothing has changed.
        """
        found = list(differences(self.experiment, experiment))
        fixed = [".".join(path) for path, live, _, _ in found if not live]
        if fixed:
            raise ValueError(f"cannot change in mid-run: {', '.join(fixed)}")
        if not found:
            return
        layers = Architecture.of(experiment, self.dataset.preparation).layers
        old, new = self.experiment.training, experiment.training
        check_training(new, layers, self.network.shapes, self.batches.total)
        texts = [
            describe_difference(experiment, path, before, after)
            for path, _, before, after in found
            if len(path) > 1  # the experiment's own name is no event of the run
        ]
        weights = self.weights
        changing = [self, weights, weights.trained, weights.in_use, self.augmenter, self.batches, self.best]
        changing += [self.updater] if weights.average is None else [self.updater, weights.average]
        # Everything is made before anything is written that was there: memory may run out at each array.
        # What takes steps is left out, since the old arrays have to go before the new ones are made.
        with rolled_back_on_failure(changing, but=("_stepper",)):
            self.augmenter.choose(new.augmentation)
            if layers != self.network.layers:
                weights.replace_layers(layers)
            self.experiment = experiment
            kept = type(new.optimizer) is type(old.optimizer)
            if not kept:
                self.updater = Updater(new.optimizer, weights.trained)
            self.updater.optimizer = new.optimizer
            if type(new.schedule) is not type(old.schedule):
                self.schedule_memory = ()
            self.batches.resize(new.batch_size, new.shuffle)
            if not self.step:
                self.warmup_epochs = new.warmup_steps / steps_per_epoch(new, self.batches)
            self.best.adopt(new.early_stopping, old.early_stopping, self.epoch)
            move_weights = weights.set_decay(new.average)
            if (new.average is None) != (old.average is None):
                self.model = Model.of(experiment, self.model.preparation, self.network, self.loss)
            else:
                self.model = replace(self.model, experiment=experiment)
            self._prepare()
        move_weights()
        if kept:
            new.optimizer.adopt(tuple(self.updater.slots.values()), old.optimizer)
            if new.optimizer.whole and any(makes_another_function(path) for path, *_ in found):
                self.updater.begin_anew()
        if self.step:
            for text in texts:
                self.history.mark(self.step, self.position, text)

    def resume_warmup(self, epochs: float) -> None:
        """Take the length of the warm-up from a run that began with batches of another size."""
        self.warmup_epochs = epochs
        self._prepare()

    def divide(self, by_row: bool) -> None:
        """Divide batches, and draw for them, as the run did from its beginning."""
        self.divides_by_row, self._stepper = by_row, None
        self._prepare()

    # --- one step ----------------------------------------------------------------------------------------

    def _prepare(self) -> Stepper:
        """Make what takes steps follow the settings; arrays are made anew where others are needed."""
        training, trained, average = self.experiment.training, self.weights.trained, self.weights.average
        rows = min(training.batch_size, self.batches.total)
        parts = batch_parts(trained, rows, early=not self.divides_by_row)
        if parts != self._team.size:
            self._team.dismiss()
            self._team = Team(parts, cores())
        # Without one until it is ready: where memory runs out, the next step makes it again. And the old
        # arrays go first, or both would be in memory at once.
        stepper, self._stepper = self._stepper, None
        if stepper is not None and stepper.serves(rows, self._team):
            stepper.adopt(training, self.updater, self.warmup_epochs, average)
        else:
            stepper = None
            stepper = Stepper(
                trained,
                self.loss,
                training,
                self.dataset,
                self.batches,
                self.generators,
                self.updater,
                self.warmup_epochs,
                average,
                rows,
                self._team,
                self.divides_by_row,
            )
        self._stepper = stepper
        return stepper

    def _take_step(self) -> bool:
        """One optimizer step; False where a number is not finite: then the weights are as they were."""
        # It is missing where there was no memory for it when settings changed.
        stepper = self._stepper or self._prepare()
        result = stepper.take(self.epoch, self.schedule_memory)
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
        place = self.epoch + self.batches.position / self.batches.total
        self.history.steps.append(result.row(place, self.updater))
        return True

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
        self.best.observe(watched_loss, self.epoch, network.learned, training.early_stopping)
        watched = "validation" if held_out else "training"
        at_rest = self._stepper.at_rest if self._stepper else ""
        reason = stop_after_epoch(training, self.best, self.epoch, training_loss, watched, at_rest)
        if reason is not None:
            self._finish(reason.kind, reason.sentence)

    def _finish(self, kind: StopKind, why: str, kept: str = "", advice: str = "") -> None:
        """End the run, with the best weights where the rule keeps them; `kept` says which ones otherwise."""
        best, rule = self.best, self.experiment.training.early_stopping
        keeps = kind != "stopped" and rule is not None and rule.keep_best
        if keeps and best.weights is not None and best.epoch < self.position:
            kept = f"The weights are those of epoch {best.epoch}, the best."
            if kind == "not finite":
                self._begin_again_from(best.weights)
            else:
                self.weights.use(best.weights, for_good=kind != "finished")
        if kind in ("early", "not finite", "finished"):
            # Training on begins with the same patience again.
            best.waiting_since = self.epoch
        self.stop_reason = StopReason(kind, " ".join(filter(None, (why, kept, advice))))
        if kind != "finished":
            self.history.mark(self.step, self.position, STOP_MARKS[kind])

    def _begin_again_from(self, weights: Learned) -> None:
        """Let training on begin with these weights, and without what has led it astray."""
        self.weights.start_from(weights)
        self.updater.begin_anew()
