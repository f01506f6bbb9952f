"""The gradient of one batch that is split into parts, one for each worker of a pool (data parallelism)."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np

from engine.arrays import Array, Targets, even_slices
from engine.losses import Loss
from engine.losses.sample_weights import batch_weight
from engine.network import Network
from engine.training.gradient import BatchGradient
from engine.training.rng import PartGenerators, RowGenerators
from engine.training.sharded_dense import Backward, sharded_layers
from engine.training.worker_pool import WorkerPool

FEWEST_ROWS = 2
"""Rows of a part; smaller batches are not split."""


class Gradient(Protocol):
    """What a training step needs from the object that computes the gradient of a batch."""

    @property
    def parts(self) -> list[BatchGradient]:
        """For each part of a batch, the object that computes its gradient."""

    def evaluate(self, x: Array, target: Targets, weights: Array | None = None) -> tuple[float, float]:
        """Overwrite the network's gradients; returns the loss and the weight of the batch.

        weights : (rows,) sample weights; None where rows count alike.
        The weight of the batch is what the batch counts in a mean over several batches.
        """

    def begin(self, rows: int) -> None:
        """Seed the random layers for the next batch of so many rows; `evaluate` does so itself."""

    def first_bad_output(self, rows: int) -> str | None:
        """Name of the first layer whose output in the last batch, of that size, is not finite."""

    def squares(self) -> list[float]:
        """Squared norm of each trained layer's gradient, as the last `evaluate` has left it."""


class PartWorker:
    """The worker of one part of a batch, as the layers see it (see `engine.layers.base.BatchWorker`)."""

    def __init__(self, pool: WorkerPool, number: int) -> None:
        self._pool, self._number = pool, number
        self.owns_statistics = number == 0
        self.rows = 0
        self.start = 0
        """The first row of its part."""
        self.alone = False
        """True for a batch that is too small to be split."""

    def all_reduce(self, array: Array) -> None:
        if not self.alone:
            self._pool.barrier.all_reduce(self._number, array)


class DataParallelGradient:
    """Like BatchGradient, with a batch in as many parts as the pool has workers.

    All parts share the network's parameters. Each has gradients of its own, which are summed in the order of
    the parts; the gradients of wide dense layers are sharded instead, see ShardedDense. So the result depends
    on the number of parts, by rounding, but not on timing. The random numbers of a row are the same in any
    number of parts, unless the parts draw as in early files, see PartGenerators.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        capacity: int,
        generator: np.random.Generator,
        pool: WorkerPool,
        by_row: bool = True,
    ) -> None:
        self._network, self._loss, self._pool = network, loss, pool
        self._random = any(layer.random for layer in network.layers)
        self._workers = [PartWorker(pool, number) for number in range(pool.size)]
        # The first part also takes the batches that are too small to be split.
        largest = max(-(-capacity // pool.size), min(capacity, FEWEST_ROWS * pool.size - 1))
        kind = RowGenerators if by_row else PartGenerators
        self._generators: RowGenerators | PartGenerators = kind(generator, pool.size)
        self._sharded = sharded_layers(network, pool.size, capacity)
        self._parts = [
            BatchGradient(
                network, loss, largest, generator, gradients, worker, self._sharded_backward(worker), source
            )
            for source, gradients, worker in zip(
                self._generators.parts,
                [network.gradients, *(_unwritten(network.gradients) for _ in self._workers[1:])],
                self._workers,
                strict=True,
            )
        ]
        self._layer_gradients = [
            (index, network.gradients[span]) for index, span in network.layer_slices().items()
        ]
        self._summands = [tuple(part.gradients[span] for part in self.parts) for span in self._summed_spans()]
        """For each span of the gradients that is summed over the parts, its views in all parts."""
        self._losses = [0.0] * pool.size
        self._last_rows = [0] * pool.size

    @property
    def parts(self) -> list[BatchGradient]:
        """For each worker, the object that computes the gradient of its part of a batch."""
        return self._parts

    def evaluate(self, x: Array, target: Targets, weights: Array | None = None) -> tuple[float, float]:
        """Loss of the batch, and its weight in a mean over several batches."""
        rows, size = len(x), self._pool.size
        slices = self._row_slices(rows)
        split = len(slices) > 1
        for worker in self._workers:
            worker.rows, worker.alone = rows, not split
        if not split:
            self._last_rows = [rows]
            self._workers[0].start = 0
            self.begin(rows)
            found = self.parts[0].evaluate(x, target, weights)
            for number in range(size):
                self._finish_shards(number, rows)
            return found
        self._last_rows = [own.stop - own.start for own in slices]
        for worker, own in zip(self._workers, slices, strict=True):
            worker.start = own.start
        if weights is None:
            counts = [self._loss.weight(target[own], self._network.dtype) for own in slices]
        else:
            counts = [batch_weight(self._loss, target[own], weights[own]) for own in slices]
        total = sum(counts)
        self.begin(rows)
        self._pool.run(
            [
                partial(
                    self._evaluate_part,
                    number,
                    x[own],
                    target[own],
                    None if weights is None else weights[own],
                    count / total,
                    rows,
                )
                for number, (own, count) in enumerate(zip(slices, counts, strict=True))
            ]
        )
        for first, *others in self._summands:
            for other in others:
                np.add(first, other, first)
        return sum(self._losses), total

    def first_bad_output(self, rows: int) -> str | None:
        """Name of the first layer whose output in the last batch is not finite."""
        found = [part.first_bad_output(own) for part, own in zip(self.parts, self._last_rows, strict=False)]
        named = [name for name in found if name is not None]
        return min(named, key=self._network.names.index, default=None)

    def squares(self) -> list[float]:
        """Squared norms of the gradients of the trained layers, as the last batch has left them."""
        return [
            self._sharded[index].square if index in self._sharded else float(gradient.dot(gradient))
            for index, gradient in self._layer_gradients
        ]

    def begin(self, rows: int) -> None:
        """Seed the random layers of all parts for the next batch, of so many rows."""
        if self._random:
            self._generators.begin(self._row_slices(rows))

    def _evaluate_part(
        self, number: int, x: Array, target: Targets, weights: Array | None, fraction: float, rows: int
    ) -> None:
        """What one worker does; fraction : of the batch's weight that its part has."""
        loss, _ = self.parts[number].evaluate(x, target, weights, fraction)
        self._losses[number] = loss * fraction
        if self._sharded:
            self._pool.barrier.wait(number)
            self._finish_shards(number, rows)

    def _finish_shards(self, worker: int, rows: int) -> None:
        """Compute one worker's shards of the gradients, when all parts have gone backward."""
        for sharded in self._sharded.values():
            sharded.finish(worker, rows)

    def _sharded_backward(self, worker: PartWorker) -> dict[int, Backward]:
        """The worker's backward passes through the layers whose gradients are sharded."""
        return {
            index: sharded.backward_from(lambda: worker.start) for index, sharded in self._sharded.items()
        }

    def _summed_spans(self) -> list[slice]:
        """The spans of the flat vector between the sharded layers."""
        start, spans = 0, []
        for index, span in self._network.layer_slices().items():
            if index in self._sharded:
                spans.append(slice(start, span.start))
                start = span.stop
        spans.append(slice(start, self._network.gradients.size))
        return [span for span in spans if span.start < span.stop]

    def _row_slices(self, rows: int) -> list[slice]:
        """Which rows of a batch each part has; a small batch is one part."""
        size = self._pool.size
        return even_slices(rows, size if rows >= FEWEST_ROWS * size else 1)


def _unwritten(like: Array) -> Array:
    """Zeros that take memory only where they are written: the spans of sharded layers never are."""
    return np.zeros(like.shape, like.dtype)


def squares_after_change(gradient: Gradient) -> Callable[[], list[float]]:
    """Like its `squares`, for a network's gradients that were changed after `evaluate`."""
    # ShardedDense keeps the squares of the batch; the first part writes to the network's own gradients.
    return gradient.parts[0].squares


def make_gradient(
    network: Network,
    loss: Loss,
    capacity: int,
    generator: np.random.Generator,
    pool: WorkerPool,
    by_row: bool = True,
) -> Gradient:
    """The object that computes the gradients of batches of up to `capacity` rows, in a part for each worker.

    by_row : False to draw random numbers as runs in early files do.
    """
    if pool.size > 1:
        return DataParallelGradient(network, loss, capacity, generator, pool, by_row)
    return BatchGradient(network, loss, capacity, generator, draws=None if by_row else generator)
