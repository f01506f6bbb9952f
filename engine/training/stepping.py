"""One optimizer step: the gradient of a batch or of all data, clipping, the update, and its record."""

import math
from dataclasses import dataclass

import numpy as np

from engine.data import Dataset
from engine.experiment import Experiment
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
    """What is not a finite number; the parameters are then as they were."""


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
    ) -> None:
        training = experiment.training
        self._network, self._training = network, training
        self._batches, self._updater = batches, updater
        self._layer_gradients = [network.gradients[place] for place in network.layer_slices().values()]
        penalty = Penalty(network, training.l1, training.l2)
        capacity = min(training.batch_size, batches.total)
        self._batch = BatchGradient(network, loss, capacity, generators.dropout, penalty)
        self._whole: WholeGradient | None = None
        steps = batches.steps_per_epoch
        if training.optimizer.whole:
            steps, part = 1, dataset.training
            self._whole = WholeGradient(
                network, loss, part.inputs, part.targets, capacity, generators.dropout, penalty
            )
        self._rate_arguments = (training.warmup_steps, steps, training.epochs * steps)
        self._steady = training.schedule.steady and not training.warmup_steps
        self._result = StepResult()

    def take(self, step: int, memory: Memory) -> StepResult:
        """One step, the `step`-th of the run from 0; where the result names a fault, nothing has changed."""
        result, training = self._result, self._training
        # Overflow and NaN are looked for below and reported in a sentence; NumPy need not warn as well.
        with np.errstate(all="ignore"):
            self._differentiate(result)
            squares = result.squares = [float(part.dot(part)) for part in self._layer_gradients]
            square = sum(squares)
            if not math.isfinite(square + result.loss + result.penalty):
                result.fault = self._fault(result)
                return result
            result.norm = norm = math.sqrt(square)
            if training.clip_norm is not None and norm > training.clip_norm:
                gradients = self._network.gradients
                np.multiply(gradients, training.clip_norm / norm, gradients)
            rate = training.optimizer.learning_rate
            if not self._steady:
                rate *= rate_factor(training.schedule, step, *self._rate_arguments)
                rate *= training.schedule.reached(memory)
            result.rate = rate
            if self._whole is None:
                self._updater.apply(rate)
            else:
                self._updater.apply(rate, result.loss + result.penalty, self._whole_loss)
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
        """Which number is not finite, by the name of its layer; the batch is handed out again."""
        batches, network = self._batches, self._network
        rows = batches.position if self._whole else batches.last_rows
        batches.position -= rows
        if not math.isfinite(result.loss):
            name = None if self._whole else self._batch.first_bad_output(rows)
            return f"the output of {name}" if name else "the loss"
        bad = [
            index
            for index, square in zip(network.trained_layers, result.squares or (), strict=True)
            if not math.isfinite(square)
        ]
        return f"the gradient of {network.names[bad[-1]]}" if bad else "the penalty"
