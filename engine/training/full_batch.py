"""Optimizers that need the full batch: loss and gradient of all training examples, and the line search."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Targets
from engine.network import Network
from engine.optimizers import Optimizer
from engine.training.data_parallel import Gradient
from engine.training.gradient import GradientAccumulator
from engine.training.rng import generator_state, restore_generator

SAME_OBJECTIVE = frozenset(
    {"optimizer", "schedule", "epochs", "early_stopping", "target_loss", "weight_averaging", "shuffle"}
)
"""Settings of training that affect how the objective is minimized, but not the objective itself."""


def changes_objective(path: tuple[str, ...]) -> bool:
    """Whether changing this setting changes loss, penalty or gradient at the same parameters.

    path : as from `engine.settings.differences`, of an Experiment. The curvature that an optimizer has
    estimated for one objective is worth nothing for another.
    """
    return len(path) > 1 and not (path[0] == "training" and path[1] in SAME_OBJECTIVE)


class FullBatchGradient:
    """Loss and gradient of all examples, accumulated over chunks in a fixed order.

    A step begins with `start` and may `evaluate` other points. Running statistics are updated by the pass of
    `start` alone, however many points are evaluated. Where the next step starts at the point that was
    evaluated last, its result is reused, unless random numbers are drawn.

    Parameters
    ----------
    chunk_gradient : computes the gradient of a chunk of so many rows.
    inputs, targets : (n, …), the training part.
    chunk : rows at a time; changes results only by rounding and through batch statistics.
    generator : of the dropout. Within one step every evaluation draws the same numbers from it: otherwise a
        line search would compare different networks.
    weights : (n,) sample weights; None where rows count alike.
    """

    def __init__(
        self,
        network: Network,
        chunk_gradient: Gradient,
        inputs: Array,
        targets: Targets,
        chunk: int,
        generator: np.random.Generator,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self._network, self._chunk_gradient = network, chunk_gradient
        self._inputs, self._targets = inputs, targets
        self._weights = None if weights is None else weights.astype(network.dtype)
        self._generator = generator
        self._generator_state = generator_state(generator)
        self._chunk = min(chunk, len(inputs))
        self._sum = GradientAccumulator(network.gradients)
        self._statistics = np.empty_like(network.running_statistics)
        self._statistics_there = np.empty_like(network.running_statistics)
        self._point = np.empty_like(network.parameters)
        self._equal = np.empty(network.parameters.shape, np.bool_)
        self._known = False
        """Whether the accumulated gradient and `_statistics_there` are those of `_point`."""
        self.random = False
        """Whether the last pass has drawn random numbers: another pass then finds another loss."""

    def start(self) -> tuple[float, float]:
        """Loss at the network's parameters and weight of all examples; overwrites the gradients.

        New random numbers are drawn for dropout; all evaluations of this step use them.
        """
        self._generator_state = generator_state(self._generator)
        statistics = self._network.running_statistics
        if self._is_known() and not self.random and np.array_equal(statistics, self._statistics):
            statistics[...] = self._statistics_there
        else:
            self._accumulate()
        self._known = False
        self._statistics[...] = statistics
        return self._sum.finish()

    def evaluate(self) -> float:
        """Loss at other parameters, in the same step; overwrites the gradients."""
        if not self._is_known():
            self._known = False
            restore_generator(self._generator, self._generator_state)
            try:
                self._accumulate()
                self._statistics_there[...] = self._network.running_statistics
            finally:
                self._network.running_statistics[...] = self._statistics
            self._point[...] = self._network.parameters
            self._known = True
        loss, _ = self._sum.finish()
        return loss

    def _is_known(self) -> bool:
        if not self._known:
            return False
        np.equal(self._point, self._network.parameters, self._equal)
        return bool(self._equal.all())

    def _accumulate(self) -> None:
        self._sum.begin()
        for start in range(0, len(self._inputs), self._chunk):
            rows = slice(start, start + self._chunk)
            weights = None if self._weights is None else self._weights[rows]
            self._sum.add(*self._chunk_gradient.evaluate(self._inputs[rows], self._targets[rows], weights))
        self.random = not np.array_equal(generator_state(self._generator), self._generator_state)


class OptimizerMemory(Protocol):
    """What an updater keeps for its optimizer."""

    steps: int

    def reset(self) -> None:
        """Set slots and count of steps to zero."""


def search_length(
    optimizer: Optimizer,
    network: Network,
    start: Array,
    rate: float,
    loss: float,
    evaluate: Callable[[], float],
    slots: tuple[Array, ...],
    change: Array,
    scratch: Array,
    memory: OptimizerMemory,
) -> tuple[float, str]:
    """Scale the change to the length that the optimizer's line search finds.

    Returns the factor, and where it is 0, why, as a clause. Where the search finds no lower loss, the
    optimizer's memory may be misleading: it is reset, and the search is made once more. A step of length 0 is
    not counted. The parameters are in the end as they were.

    Parameters
    ----------
    start : an array that keeps the parameters during the search.
    rate, slots, change, scratch : as for `Optimizer.update`; `change` is what it has written.
    loss : at the present parameters.
    evaluate : overwrites the network's gradients by those at its parameters, and returns the loss.
    memory : the updater, whose slots and count of steps are reset.
    """
    gradient, parameters = network.gradients, network.parameters
    start[...] = parameters

    def along(length: float) -> tuple[float, float]:
        np.multiply(change, length, scratch)
        np.subtract(start, scratch, parameters)
        return evaluate(), -float(gradient.dot(change))

    length, slope = 0.0, -float(gradient.dot(change))
    reason = optimizer.convergence_reason(gradient, scratch)
    try:
        if not reason:
            length = optimizer.search(along, loss, slope)
            if not length and rate and memory.steps > 1:
                memory.reset()
                memory.steps = 1
                parameters[...] = start
                evaluate()
                optimizer.update(gradient, parameters, slots, change, scratch, rate, memory.steps)
                first, slope = slope, -float(gradient.dot(change))
                # The same slope belongs to the same direction, in which nothing was found.
                length = optimizer.search(along, loss, slope) if slope != first else 0.0
    finally:
        parameters[...] = start
    if length:
        np.multiply(change, length, change)
        return length, reason
    change.fill(0.0)
    memory.steps -= 1
    if rate and not reason:
        reason = "no lower loss was found, not even straight down the gradient"
    return 0.0, reason
