"""One optimizer step: gradient of a batch, of several or of all data, clipping, update, and its record."""

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
from engine.training.data_parallel import gradient_of_batches, squares_of_changed
from engine.training.full_batch import WholeGradient
from engine.training.gradient import WeightedSum
from engine.training.regularization import Clipping, MaxNorm, Penalty
from engine.training.rng import Generators, generator_state, restore_generator
from engine.training.updater import Updater
from engine.training.worker_pool import Team
from engine.training_settings import Training


@dataclass
class StepResult:
    """What one step found. Made once and overwritten by each step."""

    loss: float = 0.0
    """Mean loss of the batch or batches, without penalty."""
    penalty: float = 0.0
    weight: float = 0.0
    """What they count in the mean over the epoch."""
    rate: float = 0.0
    norm: float = 0.0
    """Of the whole gradient, before clipping."""
    squares: list[float] | None = None
    """Squared gradient norm of each trained layer, before clipping."""
    zero_weights: float = math.nan
    """How many of the weights that L1 acts on are exactly 0 after the step; NaN without L1. Of those that
    steps change: an average of them is hardly ever exactly 0."""
    fault: str = ""
    """What is not a finite number; parameters and running means are then as they were."""

    def row(self, place: float, updater: Updater) -> tuple[float, ...]:
        """The step's row in the history. place : behind it, in epochs. updater : what has taken it."""
        sqrt, infinite, nan = math.sqrt, math.inf, math.nan
        ratios = [
            sqrt(change / weight) if 0.0 < weight < infinite and change < infinite else nan
            for change, weight in zip(updater.change_squares, updater.weight_squares, strict=True)
        ]
        scalars = (place, self.loss, self.penalty, self.rate, self.norm, self.zero_weights)
        return (*scalars, *map(sqrt, self.squares or ()), *ratios)


class Stepper:
    """Takes optimizer steps on a network; allocates everything when it is made, or adopts other settings.

    rows : of the largest batch. team : those who work on it. by_row : see `Trainer.divides_by_row`.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        training: Training,
        dataset: Dataset,
        batches: Batches,
        generators: Generators,
        updater: Updater,
        warmup_epochs: float,
        average: Average | None,
        rows: int,
        team: Team,
        by_row: bool,
    ) -> None:
        self._network, self._layers, self._dataset = network, network.layers, dataset
        self._batches, self._generators = batches, generators
        self._rows, self._team = rows, team
        self._batch = gradient_of_batches(network, loss, rows, generators.dropout, team, by_row)
        self._kept_before = np.empty_like(network.kept)
        """What layers keep (running means), as it was before the step."""
        self._drawn_from = generator_state(generators.augmentation)
        self._sum: WeightedSum | None = None
        self._whole: WholeGradient | None = None
        self.at_rest = ""
        """Why further steps under these settings would change nothing, as a clause; empty where they do."""
        self._training, self._updater = training, updater
        self._penalty, self._max_norm = self._make_penalty(), self._make_max_norm()
        self.adopt(training, updater, warmup_epochs, average)
        # Overflow and NaN are looked for and reported in a sentence; NumPy need not warn as well. To enter a
        # context in which it does not takes a quarter of the time that np.errstate takes.
        context = copy_context()
        context.run(np.seterr, all="ignore")
        self._quietly = context.run

    def serves(self, rows: int, team: Team) -> bool:
        """Whether its arrays are those for such batches and team, and for the layers that there are now."""
        return self._rows == rows and self._team is team and self._layers is self._network.layers

    def adopt(
        self, training: Training, updater: Updater, warmup_epochs: float, average: Average | None
    ) -> None:
        """Follow these settings from the next step on; arrays are made only where they ask for others."""
        batches, network = self._batches, self._network
        self.at_rest = ""
        before, self._training = self._training, training
        earlier, self._updater = self._updater, updater
        updater.share(self._team)
        if _penalties(training) != _penalties(before):
            self._penalty = self._make_penalty()
        elif updater is not earlier:
            updater.shrink(self._penalty.sparse if training.shrinks else ())
        self._penalized = self._penalty.active
        self._clipping = Clipping(network, training) if Clipping.asked_for(training) else None
        if training.max_norm != before.max_norm:
            self._max_norm = self._make_max_norm()
        if training.accumulate == 1:
            self._sum = None
        elif self._sum is None:
            self._sum = WeightedSum(network.gradients)
        if not training.optimizer.whole:
            self._whole = None
        elif self._whole is None:
            part, dropout = self._dataset.training, self._generators.dropout
            self._whole = WholeGradient(network, self._batch, part.inputs, part.targets, self._rows, dropout)
        self._rows_a_step = batches.batch_size * training.accumulate if self._whole is None else batches.total
        steps = self._steps_per_epoch = steps_per_epoch(training, batches)
        self._rate_arguments = (round(warmup_epochs * steps), steps, training.epochs * steps)
        self._steady = training.schedule.steady and not training.warmup_steps
        self._augmentation = self._generators.augmentation if training.augmentation else None
        # Without what these settings do not find.
        self._result = StepResult()
        self._afterwards = self._after_update(average)
        untouched = self._sum is None and self._whole is None and not self._penalized
        self._squares = self._batch.squares if untouched else squares_of_changed(self._batch)

    def _make_penalty(self) -> Penalty:
        training = self._training
        penalty = Penalty(self._network, training.l1, training.l2, training.shrinks)
        self._updater.shrink(penalty.sparse if training.shrinks else ())
        return penalty

    def _make_max_norm(self) -> MaxNorm | None:
        limit = self._training.max_norm
        return None if limit is None else MaxNorm(self._network, limit)

    def _after_update(self, average: Average | None) -> list[Callable[[], None]]:
        """What is to be done after each update of the parameters, in this order."""
        done: list[Callable[[], None]] = []
        if self._max_norm is not None:
            done.append(self._max_norm.apply)
        if average is not None:
            done.append(average.update)
        result, penalty = self._result, self._penalty

        def count() -> None:
            result.zero_weights = float(penalty.zero_weights())

        if penalty.sparse:
            done.append(count)
        return done

    def take(self, epoch: int, memory: Memory) -> StepResult:
        """One step, after `epoch` completed ones.

        Where the result names a fault, parameters, what layers keep and the place in the epoch are as they
        were; the dropout has drawn on. So it is where the step is broken off by an exception.
        """
        place = self._batches.position
        if self._kept_before.size:
            self._kept_before[...] = self._network.kept
        if self._augmentation is not None:
            self._drawn_from = generator_state(self._augmentation)
        try:
            return self._quietly(self._take, epoch, memory, place)
        except BaseException:  # also Ctrl+C: what this step was to learn from comes again
            self._go_back(place)
            raise

    def _take(self, epoch: int, memory: Memory, place: int) -> StepResult:
        result, training = self._result, self._training
        self._differentiate(result)
        squares = result.squares = self._squares()
        square = sum(squares)
        clipping = self._clipping
        if clipping is not None and not math.isfinite(square):
            # In float32 squares overflow long before the numbers do: clipping can bring these back.
            squares = result.squares = clipping.squares()
            square = sum(squares)
        if not math.isfinite(square + result.loss + result.penalty):
            result.fault = self._fault(result)
            self._go_back(place)
            return result
        result.norm = math.sqrt(square)
        if clipping is not None:
            clipping.apply(squares)
        rate = training.optimizer.learning_rate
        if not self._steady:
            # By the place in the run, not by the steps taken: batches may have been of another size.
            step = epoch * self._steps_per_epoch + round(place / self._rows_a_step)
            rate *= rate_factor(training.schedule, step, *self._rate_arguments)
            rate *= training.schedule.reached(memory)
        result.rate = rate
        if self._whole is None:
            bad = self._updater.apply(rate)
        else:
            bad = self._updater.apply(rate, result.loss + result.penalty, self._whole_loss)
            # Other random numbers may show a way down.
            self.at_rest = "" if self._whole.random else self._updater.at_rest
        if bad is not None:
            self._go_back(place)
            result.fault = f"the change of {self._network.names[self._network.trained_layers[bad]]}"
            return result
        for do in self._afterwards:
            do()
        return result

    def _differentiate(self, result: StepResult) -> None:
        """Fill the network's gradients and note the loss."""
        if self._whole is not None:
            self._batches.position = self._batches.total
            result.loss, result.weight = self._whole.start()
        elif self._sum is not None:
            self._accumulate(result, self._sum)
        else:
            x, target = self._batches.next()
            result.loss, result.weight = self._batch.evaluate(x, target)
        if self._penalized:
            result.penalty = self._penalty.add()

    def _accumulate(self, result: StepResult, total: WeightedSum) -> None:
        """The gradient of several batches as if they were one; at an epoch's end there may be fewer."""
        batches = self._batches
        total.begin()
        for _ in range(self._training.accumulate):
            x, target = batches.next()
            total.add(*self._batch.evaluate(x, target))
            # The layer at fault is found in what the last batch has left.
            if batches.epoch_done or not math.isfinite(total.loss):
                break
        result.loss, result.weight = total.finish()

    def _whole_loss(self) -> float:
        """Loss and penalty on all training examples, at a point of a line search."""
        if self._whole is None:
            return math.nan
        loss = self._whole.look()
        return loss + self._penalty.add() if self._penalized else loss

    def _fault(self, result: StepResult) -> str:
        """Which number is not finite, by the name of its layer."""
        network = self._network
        if not math.isfinite(result.loss):
            name = None if self._whole else self._batch.first_bad_output(self._batches.last_rows)
            return f"the output of {name}" if name else "the loss"
        bad = [
            index
            for index, square in zip(network.trained_layers, result.squares or (), strict=True)
            if not math.isfinite(square)
        ]
        return f"the gradient of {network.names[bad[-1]]}" if bad else "the penalty"

    def _go_back(self, place: int) -> None:
        """Undo what a step does before its update: what it took from `place` on is handed out again."""
        self._batches.position = place
        if self._augmentation is not None:
            # The batch is handed out again with the same changes, as if the step had never been tried.
            restore_generator(self._augmentation, self._drawn_from)
        self._network.kept[...] = self._kept_before


def _penalties(training: Training) -> tuple[float, float, bool]:
    return training.l1, training.l2, training.shrinks


def steps_per_epoch(training: Training, batches: Batches) -> int:
    """Optimizer steps in an epoch: one for each batch or few batches, or one for all examples at once."""
    return 1 if training.optimizer.whole else -(-batches.steps_per_epoch // training.accumulate)
