"""Numerical gradients by central differences, on a float64 copy of a run's network."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from engine.arrays import Array, even_slices
from engine.losses.base import in_precision
from engine.losses.sample_weights import loss_arrays, weighted_mean
from engine.network import Network
from engine.training.data_parallel import FEWEST_ROWS, DataParallelGradient, PartWorker, make_gradient
from engine.training.trainer import Trainer
from engine.training.worker_pool import WorkerPool

STEP = 1e-5
"""Half the distance of the two points of a central difference (CS231n)."""

KINK = 1e-4
"""Where the slopes to the left and to the right differ by more than this fraction, there may be a kink. The
error of a central difference across a kink is half of it, which is otherwise no more than rounding."""

CURVATURE_TOLERANCE = 0.1
"""Where the function is smooth, the difference of the slopes is halved by half the step, and quartered by a
quarter of it, up to this tolerance."""

NOISE = 2e-10
"""Rounding error of such a difference, for a loss of up to 1."""

Function = Callable[[], float]


class Differences:
    """Partial derivatives of a function of a vector.

    parameters : the vector; an entry is changed temporarily and restored. value : the function.
    """

    def __init__(self, parameters: Array, value: Function) -> None:
        self._parameters, self._value = parameters, value
        self._here = value()
        self.scale = max(abs(self._here), 1.0) if math.isfinite(self._here) else 1.0
        """Rounding grows with the value, if that is above 1."""

    def slope(self, index: int) -> tuple[float, bool]:
        """Central difference at one entry, and whether a kink was crossed there."""
        right, left = self._one_sided(index, STEP)
        slope, jump = (right + left) / 2, abs(right - left)
        noise = NOISE * self.scale
        if not math.isfinite(jump) or jump <= KINK * max(abs(right), abs(left)) + noise:
            return slope, False
        return slope, not all(self._is_smooth(index, jump, fraction, noise) for fraction in (0.5, 0.25))

    def _is_smooth(self, index: int, jump: float, fraction: float, noise: float) -> bool:
        """Whether the difference of the slopes shrinks with the step, as for a smooth function.

        At a kink it is constant, or vanishes once the kink is outside of the step; where one of two smaller
        steps happens to halve it, the other does not.
        """
        right, left = self._one_sided(index, fraction * STEP)
        return abs(abs(right - left) - fraction * jump) <= CURVATURE_TOLERANCE * jump + noise / fraction

    def _one_sided(self, index: int, step: float) -> tuple[float, float]:
        """Slopes to the right and to the left of one entry."""
        parameters = self._parameters
        value = parameters[index]
        try:
            parameters[index] = value + step
            above = self._value()
            parameters[index] = value - step
            below = self._value()
        finally:
            parameters[index] = value
        return (above - self._here) / step, (self._here - below) / step


# --- the network of a gradient check ---------------------------------------------------------------------

SEED = 0
"""Of the dropout generator: every pass draws the same numbers."""


class CheckedNetwork:
    """A float64 copy of a run's network with one batch of its data; its parameters may be changed.

    Gradients are computed as in training, with fused layers and parallel workers. The loss is computed by the
    layers one by one, so that neither can hide a fault of the other.
    rows : training examples in the batch. Has threads if the run splits its batches: `shutdown` ends them.
    """

    def __init__(self, trainer: Trainer, rows: int) -> None:
        part, run = trainer.dataset.training, trainer.network
        self._x = part.inputs[:rows].astype(np.float64)
        self._target = in_precision(part.targets[:rows], np.float64)
        self._weights = None if part.weights is None else part.weights[:rows]
        self._loss = trainer.loss
        self.network = Network(run.layers, run.input_shape, np.float64, run.names)
        self.network.parameters[...] = run.parameters
        self._generator = np.random.default_rng(SEED)
        self._generator_state = self._generator.bit_generator.state
        self._pool = WorkerPool(trainer.parts)
        count = len(self._x)
        self._gradient = make_gradient(self.network, self._loss, count, self._generator, self._pool)
        self._arrays = {
            name: np.empty((count, *shape))
            for name, shape in loss_arrays(self._loss, self.network.output_shape).items()
        }
        self._output = np.empty((count, *self.network.output_shape))
        self._split = self._gradient if isinstance(self._gradient, DataParallelGradient) else None
        if count < FEWEST_ROWS * self._pool.size:
            self._split = None
        self._prepare_forward()

    def backpropagate(self) -> None:
        """Fill the network's gradients by backpropagation."""
        self._generator.bit_generator.state = self._generator_state
        self._gradient.evaluate(self._x, self._target, self._weights)

    def value(self) -> float:
        """The data term of the loss, always with the same random draws."""
        self._generator.bit_generator.state = self._generator_state
        self._gradient.begin(len(self._x))
        if self._split is None:
            self._forward(0)
        else:
            # The workers wait for one another where batches are normalized.
            self._pool.run([partial(self._forward, number) for number in range(self._pool.size)])
        loss = self._loss.forward(self._output, self._target, self._arrays)
        if self._weights is None:
            return loss
        mean, _ = weighted_mean(self._loss, self._output, self._target, self._weights, self._arrays)
        return mean

    def shutdown(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _prepare_forward(self) -> None:
        """The rows of each part, and a workspace for each."""
        rows, size = len(self._x), self._pool.size if self._split is not None else 1
        self._row_slices = even_slices(rows, size)
        parts = self._gradient.parts
        self._workspaces = []
        for number, (own, part) in enumerate(zip(self._row_slices, parts, strict=False)):
            worker = None
            if self._split is not None:
                worker = PartWorker(self._pool, number)
                worker.rows = rows
            count = own.stop - own.start
            self._workspaces.append(self.network.workspaces(count, part.draws, worker).rows(count))

    def _forward(self, number: int) -> None:
        own = self._row_slices[number]
        self._output[own] = self.network.forward(self._x[own], self._workspaces[number], True)
