"""One optimizer step: the gradient of a batch or of all data, clipping, the update, and its record."""

import math
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.data import Dataset
from engine.experiment import Experiment, Training
from engine.losses import Loss
from engine.network import Network
from engine.schedules import Memory, rate_factor
from engine.training.batches import Batches
from engine.training.generators import Generators
from engine.training.gradient import BatchGradient
from engine.training.penalty import Penalty
from engine.training.updater import Updater
from engine.training.whole import WholeGradient


@dataclass
class StepResult:
    """What one step found. Made once and overwritten by each step."""

    loss: float = 0.0
    """Mean loss of the batch, without penalty."""
    penalty: float = 0.0
    weight: float = 0.0
    """What the batch counts in the mean over the epoch."""
    rate: float = 0.0
    norm: float = 0.0
    """Of the whole gradient, before clipping."""
    squares: list[float] | None = None
    """Squared gradient norm of each trained layer."""
    fault: str = ""
    """What is not a finite number; parameters and running means are then as they were."""


class Stepper:
    """Takes optimizer steps on a network; allocates everything when it is made."""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        experiment: Experiment,
        dataset: Dataset,
        batches: Batches,
        generators: Generators,
        updater: Updater,
        warmup_epochs: float,
    ) -> None:
        training = experiment.training
        self._network, self._training = network, training
        self._batches, self._updater = batches, updater
        self._layer_gradients = [network.gradients[place] for place in network.layer_slices().values()]
        penalty = Penalty(network, training.l1, training.l2)
        capacity = min(training.batch_size, batches.total)
        self._batch = BatchGradient(network, loss, capacity, generators.dropout, penalty)
        self._whole: WholeGradient | None = None
        self._rows_a_step, steps = batches.batch_size, steps_per_epoch(training, batches)
        if training.optimizer.whole:
            self._rows_a_step, part = batches.total, dataset.training
            self._whole = WholeGradient(
                network, loss, part.inputs, part.targets, capacity, generators.dropout, penalty
            )
        self._steps_per_epoch = steps
        self._rate_arguments = (round(warmup_epochs * steps), steps, training.epochs * steps)
        self._steady = training.schedule.steady and not training.warmup_steps
        self._layer_state = [
            (array, np.empty_like(array)) for state in network.state for array in state.values()
        ]
        """What layers keep (running means), each with room for what it was before the step."""
        self._result = StepResult()

    def take(self, epoch: int, memory: Memory) -> StepResult:
        """One step, after `epoch` completed ones; where the result names a fault, nothing has changed."""
        result, training, place = self._result, self._training, self._batches.position
        for array, kept in self._layer_state:
            kept[...] = array
        # Overflow and NaN are looked for below and reported in a sentence; NumPy need not warn as well.
        with np.errstate(all="ignore"):
            self._differentiate(result)
            squares = result.squares = [float(part.dot(part)) for part in self._layer_gradients]
            square = sum(squares)
            if not math.isfinite(square) and training.clip_norm is not None:
                # In float32 squares overflow long before the numbers do: clipping can bring these back.
                squares = result.squares = [_wide_square(part) for part in self._layer_gradients]
                square = sum(squares)
            if not math.isfinite(square + result.loss + result.penalty):
                result.fault = self._fault(result)
                self._go_back(place)
                return result
            result.norm = norm = math.sqrt(square)
            if training.clip_norm is not None and norm > training.clip_norm:
                gradients = self._network.gradients
                np.multiply(gradients, training.clip_norm / norm, gradients)
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
            if bad is not None:
                self._go_back(place)
                result.fault = f"the change of {self._network.names[self._network.trained_layers[bad]]}"
        return result

    def _differentiate(self, result: StepResult) -> None:
        """Fill the network's gradients and note the loss."""
        if self._whole is None:
            x, target = self._batches.next()
            result.loss, result.penalty, result.weight = self._batch.evaluate(x, target)
        else:
            self._batches.position = self._batches.total
            self._whole.begin_step()
            result.loss, result.penalty = self._whole.evaluate()
            result.weight = 1.0

    def _whole_loss(self) -> float:
        """Loss and penalty on all training examples, at a point of a line search."""
        return sum(self._whole.evaluate()) if self._whole else math.nan

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
        """Undo what a step does before its update: the batch from `place` on is handed out again."""
        self._batches.position = place
        for array, kept in self._layer_state:
            array[...] = kept


def steps_per_epoch(training: Training, batches: Batches) -> int:
    """Optimizer steps in an epoch: one for each batch, or one where the rule wants all examples at once."""
    return 1 if training.optimizer.whole else batches.steps_per_epoch


def _wide_square(values: Array) -> float:
    """The sum of squares in float64."""
    wide = values.astype(np.float64)
    return float(wide.dot(wide))
