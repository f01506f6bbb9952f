"""One training step: gradient of a batch, of several or of the full batch; clipping; update; its record."""

import math
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass

import numpy as np

from engine.data import Dataset
from engine.losses import Loss
from engine.network import Network
from engine.schedules import Memory, rate_factor
from engine.training.averaging import Average
from engine.training.batches import Batches
from engine.training.data_parallel import make_gradient, squares_after_change
from engine.training.full_batch import FullBatchGradient
from engine.training.gradient import GradientAccumulator
from engine.training.regularization import Clipping, MaxNorm, Penalty
from engine.training.rng import Generators, generator_state, restore_generator
from engine.training.updater import Updater
from engine.training.worker_pool import WorkerPool
from engine.training_settings import Training


@dataclass
class StepResult:
    """Results of one step; one object that each step overwrites."""

    loss: float = 0.0
    """Mean loss of the batch or batches, without penalty."""
    penalty: float = 0.0
    weight: float = 0.0
    """What the batch or batches count in the mean over the epoch."""
    rate: float = 0.0
    norm: float = 0.0
    """Of the gradient of all layers, before clipping."""
    squares: list[float] | None = None
    """Squared gradient norm of each trained layer, before clipping."""
    zero_weights: float = math.nan
    """How many of the weights that L1 acts on are exactly 0 after the step; NaN without L1. Counted in the
    trained weights: in an average of them hardly any is exactly 0."""
    fault: str = ""
    """Which number is not finite; the parameters and running statistics are then as before the step."""

    def row(self, position: float, updater: Updater) -> tuple[float, ...]:
        """The step's row in the history. position : after it, in epochs. updater : that has taken it."""
        sqrt, infinite, nan = math.sqrt, math.inf, math.nan
        ratios = [
            sqrt(change / weight) if 0.0 < weight < infinite and change < infinite else nan
            for change, weight in zip(updater.change_squares, updater.weight_squares, strict=True)
        ]
        scalars = (position, self.loss, self.penalty, self.rate, self.norm, self.zero_weights)
        return (*scalars, *map(sqrt, self.squares or ()), *ratios)


class Stepper:
    """Takes training steps on a network.

    All arrays are allocated by `__init__` and `configure`, which has to be called before the first step.

    Parameters
    ----------
    rows : of the largest batch.
    pool : the workers that a batch is split among.
    by_row : see `Trainer.random_by_row`.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        dataset: Dataset,
        batches: Batches,
        generators: Generators,
        rows: int,
        pool: WorkerPool,
        by_row: bool,
    ) -> None:
        self._network, self._layers, self._dataset = network, network.layers, dataset
        self._batches, self._generators = batches, generators
        self._rows, self._pool = rows, pool
        self.batch_gradient = make_gradient(network, loss, rows, generators.dropout, pool, by_row)
        self._statistics_before = np.empty_like(network.running_statistics)
        """The running statistics before the step."""
        self._augmentation_state = generator_state(generators.augmentation)
        self._accumulator: GradientAccumulator | None = None
        self.full_batch: FullBatchGradient | None = None
        self._max_norm: MaxNorm | None = None
        self._configured: Training | None = None
        self.convergence_reason = ""
        """Why further steps under these settings would change nothing, as a clause; empty where they do."""
        # Overflow and NaN are found and reported in a sentence; NumPy need not warn as well. Entering a
        # context with these settings takes a quarter of the time that np.errstate takes.
        context = copy_context()
        context.run(np.seterr, all="ignore")
        self._without_warnings = context.run

    def serves(self, rows: int, pool: WorkerPool) -> bool:
        """Whether its arrays are right for such batches, this pool, and the network's present layers."""
        return self._rows == rows and self._pool is pool and self._layers is self._network.layers

    def configure(
        self, training: Training, updater: Updater, warmup_epochs: float, average: Average | None
    ) -> None:
        """Use these settings from the next step on; only arrays that are missing are allocated."""
        batches, network = self._batches, self._network
        self.convergence_reason = ""
        before, self._configured, self._training = self._configured, training, training
        updater.use_pool(self._pool)
        new_penalty = before is None or _penalties(training) != _penalties(before)
        if new_penalty:
            self._penalty = Penalty(network, training.l1, training.l2, training.l1_is_proximal)
        if new_penalty or updater is not self._updater:
            updater.set_l1_ranges(self._penalty.l1_ranges if training.l1_is_proximal else ())
        self._updater: Updater = updater
        self._penalized = self._penalty.active
        self._clipping = Clipping(network, training) if Clipping.asked_for(training) else None
        if before is None or training.max_norm != before.max_norm:
            self._max_norm = None if training.max_norm is None else MaxNorm(network, training.max_norm)
        if training.accumulate_batches == 1:
            self._accumulator = None
        elif self._accumulator is None:
            self._accumulator = GradientAccumulator(network.gradients)
        if not training.optimizer.needs_full_batch:
            self.full_batch = None
        elif self.full_batch is None:
            part, dropout = self._dataset.training, self._generators.dropout
            self.full_batch = FullBatchGradient(
                network, self.batch_gradient, part.inputs, part.targets, self._rows, dropout, part.weights
            )
        accumulated = batches.batch_size * training.accumulate_batches
        self._rows_per_step = accumulated if self.full_batch is None else batches.total
        steps = self._steps_per_epoch = steps_per_epoch(training, batches)
        self._rate_arguments = (round(warmup_epochs * steps), steps, training.epochs * steps)
        self._steady = training.schedule.steady and not training.warmup_steps
        self._augmentation = self._generators.augmentation if training.augmentation else None
        # A new one, so that nothing is left in it that these settings do not compute.
        self._result = StepResult()
        self._after_update = self._actions_after_update(average)
        unchanged = self._accumulator is None and self.full_batch is None and not self._penalized
        self._squares = (
            self.batch_gradient.squares if unchanged else squares_after_change(self.batch_gradient)
        )

    def _actions_after_update(self, average: Average | None) -> list[Callable[[], None]]:
        """What follows each update of the parameters, in this order."""
        actions: list[Callable[[], None]] = []
        if self._max_norm is not None:
            actions.append(self._max_norm.apply)
        if average is not None:
            actions.append(average.update)
        result, penalty = self._result, self._penalty

        def count_zeros() -> None:
            result.zero_weights = float(penalty.zero_weights())

        if penalty.l1_ranges:
            actions.append(count_zeros)
        return actions

    def take(self, epoch: int, memory: Memory) -> StepResult:
        """One step, after `epoch` completed ones.

        Where the result names a fault, or an exception is raised, parameters, running statistics and the
        position in the epoch are as they were; only the dropout's generator has moved on.
        """
        position = self._batches.position
        if self._statistics_before.size:
            self._statistics_before[...] = self._network.running_statistics
        if self._augmentation is not None:
            self._augmentation_state = generator_state(self._augmentation)
        try:
            return self._without_warnings(self._take, epoch, memory, position)
        except BaseException:  # also Ctrl+C: the examples of this step come again in the next one
            self._restore(position)
            raise

    def _take(self, epoch: int, memory: Memory, position: int) -> StepResult:
        result, training = self._result, self._training
        self._compute_gradient(result)
        squares = result.squares = self._squares()
        square = sum(squares)
        clipping = self._clipping
        if clipping is not None and not math.isfinite(square):
            # In float32 squares overflow long before the numbers do: clipping can bring these back.
            squares = result.squares = clipping.squares()
            square = sum(squares)
        if not math.isfinite(square + result.loss + result.penalty):
            result.fault = self._fault(result)
            self._restore(position)
            return result
        result.norm = math.sqrt(square)
        if clipping is not None:
            clipping.apply(squares)
        rate = training.optimizer.learning_rate
        if not self._steady:
            # By the position in the run, not by the steps taken: batches may have been of another size.
            step = epoch * self._steps_per_epoch + round(position / self._rows_per_step)
            rate *= rate_factor(training.schedule, step, *self._rate_arguments)
            rate *= training.schedule.reached(memory)
        result.rate = rate
        if self.full_batch is None:
            bad = self._updater.apply(rate)
        else:
            bad = self._updater.apply(rate, result.loss + result.penalty, self._loss_at_point)
            # With other random numbers, the next search may find a lower loss.
            self.convergence_reason = "" if self.full_batch.random else self._updater.convergence_reason
        if bad is not None:
            self._restore(position)
            result.fault = f"the change of {self._network.names[self._network.trained_layers[bad]]}"
            return result
        for action in self._after_update:
            action()
        return result

    def _compute_gradient(self, result: StepResult) -> None:
        """Fill the network's gradients and note the loss."""
        if self.full_batch is not None:
            self._batches.position = self._batches.total
            result.loss, result.weight = self.full_batch.start()
        elif self._accumulator is not None:
            self._accumulate(result, self._accumulator)
        else:
            x, target = self._batches.next()
            result.loss, result.weight = self.batch_gradient.evaluate(x, target, self._batches.batch_weights)
        if self._penalized:
            result.penalty = self._penalty.add()

    def _accumulate(self, result: StepResult, total: GradientAccumulator) -> None:
        """The gradient of several batches as if they were one; at an epoch's end there may be fewer."""
        batches = self._batches
        total.begin()
        for _ in range(self._training.accumulate_batches):
            x, target = batches.next()
            total.add(*self.batch_gradient.evaluate(x, target, batches.batch_weights))
            # If the loss is not finite, `_fault` looks for the layer in the arrays of the last batch.
            if batches.epoch_done or not math.isfinite(total.loss):
                break
        result.loss, result.weight = total.finish()

    def _loss_at_point(self) -> float:
        """Loss and penalty of the full batch at the present parameters, a point of a line search."""
        if self.full_batch is None:
            return math.nan
        loss = self.full_batch.evaluate()
        return loss + self._penalty.add() if self._penalized else loss

    def _fault(self, result: StepResult) -> str:
        """Which number is not finite, by the name of its layer."""
        network = self._network
        if not math.isfinite(result.loss):
            name = None if self.full_batch else self.batch_gradient.first_bad_output(self._batches.last_rows)
            return f"the output of {name}" if name else "the loss"
        bad = [
            index
            for index, square in zip(network.trained_layers, result.squares or (), strict=True)
            if not math.isfinite(square)
        ]
        return f"the gradient of {network.names[bad[-1]]}" if bad else "the penalty"

    def _restore(self, position: int) -> None:
        """Undo what a step does before its update: the next step gets the same examples again."""
        self._batches.position = position
        if self._augmentation is not None:
            # Also with the same augmentation, as if the step had never been tried.
            restore_generator(self._augmentation, self._augmentation_state)
        self._network.running_statistics[...] = self._statistics_before


def _penalties(training: Training) -> tuple[float, float, bool]:
    return training.l1, training.l2, training.l1_is_proximal


def steps_per_epoch(training: Training, batches: Batches) -> int:
    """Optimizer steps in an epoch: one for each batch or accumulated batches, or one for the full batch."""
    return (
        1
        if training.optimizer.needs_full_batch
        else -(-batches.steps_per_epoch // training.accumulate_batches)
    )
