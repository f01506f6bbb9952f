"""Slopes of a loss by central differences, on a float64 copy of a run's network."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from engine.arrays import Array, even_slices
from engine.losses.class_indices import in_precision
from engine.network import Network
from engine.training.data_parallel import FEWEST_ROWS, DataParallelGradient, PartWorker, make_gradient
from engine.training.trainer import Trainer
from engine.training.worker_pool import WorkerPool

STEP = 1e-5
"""Half the distance of the two points of a central difference (CS231n)."""

KINK = 1e-4
"""Where the slopes to the left and to the right differ by more than this share, a kink is looked for: half of
it is what a difference across a kink is off by, which is then no more than rounding may be."""

BEND = 0.1
"""How far from one half the factor may be by which that difference shrinks with half the step where the
function only bends; and from one quarter, with a quarter of it."""

NOISE = 2e-10
"""What rounding leaves of such a difference, for a loss of up to 1."""

Function = Callable[[], float]


class Differences:
    """Slopes of a function of a vector that it reads.

    parameters : the vector; an entry is changed for a moment and put back. value : the function.
    """

    def __init__(self, parameters: Array, value: Function) -> None:
        self._parameters, self._value = parameters, value
        self._here = value()
        self.scale = max(abs(self._here), 1.0) if math.isfinite(self._here) else 1.0
        """Rounding grows with the value, if that is above 1."""

    def slope(self, place: int) -> tuple[float, bool]:
        """Central difference at one entry, and whether a kink was crossed there."""
        right, left = self._one_sided(place, STEP)
        slope, jump = (right + left) / 2, abs(right - left)
        noise = NOISE * self.scale
        if not math.isfinite(jump) or jump <= KINK * max(abs(right), abs(left)) + noise:
            return slope, False
        return slope, not all(self._bends(place, jump, share, noise) for share in (0.5, 0.25))

    def _bends(self, place: int, jump: float, share: float, noise: float) -> bool:
        """Whether the jump shrinks with the step, as that of a smooth function does.

        Across a kink it stays as it is, or vanishes once the kink is out of reach; where one of two smaller
        steps happens to halve it, the other does not.
        """
        right, left = self._one_sided(place, share * STEP)
        return abs(abs(right - left) - share * jump) <= BEND * jump + noise / share

    def _one_sided(self, place: int, step: float) -> tuple[float, float]:
        """Slopes to the right and to the left of one entry."""
        parameters = self._parameters
        kept = parameters[place]
        try:
            parameters[place] = kept + step
            above = self._value()
            parameters[place] = kept - step
            below = self._value()
        finally:
            parameters[place] = kept
        return (above - self._here) / step, (self._here - below) / step


# What a gradient check looks at: a float64 copy of a run's network, with one batch of its data.
#
# Gradients come from what training uses, layers in a row trained as one and a batch in parts among them. The
# loss comes from the layers one by one, so that neither can hide a fault of the other.

SEED = 0
"""Of the dropout: every pass draws the same numbers."""


class Subject:
    """The copy; its parameters may be changed, the run is not.

    rows : training examples in the batch. Has threads if the run splits its batches: `dismiss` ends them.
    """

    def __init__(self, trainer: Trainer, rows: int) -> None:
        part, run = trainer.dataset.training, trainer.network
        self._x = part.inputs[:rows].astype(np.float64)
        self._target = in_precision(part.targets[:rows], np.float64)
        self._loss = trainer.loss
        self.network = Network(run.layers, run.input_shape, np.float64, run.names)
        self.network.parameters[...] = run.parameters
        self._generator = np.random.default_rng(SEED)
        self._drawn_from = self._generator.bit_generator.state
        self._pool = WorkerPool(trainer.parts)
        count = len(self._x)
        self._gradient = make_gradient(self.network, self._loss, count, self._generator, self._pool)
        self._arrays = {
            name: np.empty((count, *shape))
            for name, shape in self._loss.workspace_arrays(self.network.output_shape).items()
        }
        self._output = np.empty((count, *self.network.output_shape))
        self._split = self._gradient if isinstance(self._gradient, DataParallelGradient) else None
        if count < FEWEST_ROWS * self._pool.size:
            self._split = None
        self._prepare_forward()

    def analyse(self) -> None:
        """Fill the network's gradients by backpropagation."""
        self._generator.bit_generator.state = self._drawn_from
        self._gradient.evaluate(self._x, self._target)

    def value(self) -> float:
        """The data term of the loss, always with the same random draws."""
        self._generator.bit_generator.state = self._drawn_from
        self._gradient.begin(len(self._x))
        if self._split is None:
            self._forward(0)
        else:
            # The parts meet where batches are normalized.
            self._pool.run([partial(self._forward, number) for number in range(self._pool.size)])
        return self._loss.forward(self._output, self._target, self._arrays)

    def dismiss(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _prepare_forward(self) -> None:
        """Places of the parts in the batch, and a workspace for each."""
        rows, size = len(self._x), self._pool.size if self._split is not None else 1
        self._places = even_slices(rows, size)
        parts = self._gradient.parts
        self._workspaces = []
        for number, (place, part) in enumerate(zip(self._places, parts, strict=False)):
            member = None
            if self._split is not None:
                member = PartWorker(self._pool, number)
                member.rows = rows
            own = place.stop - place.start
            self._workspaces.append(self.network.workspaces(own, part.draws, member).rows(own))

    def _forward(self, number: int) -> None:
        place = self._places[number]
        self._output[place] = self.network.forward(self._x[place], self._workspaces[number], True)
