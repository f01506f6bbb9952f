"""Runs a network over whole parts of the data, in chunks, and computes the mean loss chunk by chunk."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from engine.arrays import Array, Targets, even_slices
from engine.data.stored_arrays import RELEASED_BYTES, release
from engine.losses import Loss
from engine.losses.sample_weights import loss_arrays, weighted_mean
from engine.network import Network
from engine.training.batch_parts import batch_worker_pool
from engine.training.resources import limited_to, numbers_per_sample
from engine.training.worker_pool import WorkerPool

LEAST_WEIGHT = 1e-30
"""More than what losses say of chunks in which no example counts, less than the weight of any that does."""


def mean_loss(total: float, weight: float) -> float:
    """A weighted sum over a part of the data as a mean; NaN where nothing counts, as 0 would be the best."""
    return total / weight if weight > LEAST_WEIGHT else math.nan


class RunningLoss:
    """The mean loss of all outputs that were added.

    It is found of chunks of so many rows from the first on, whatever the pieces are: its last bits do not
    depend on the number of threads.

    chunk_loss : mean loss and weight of a chunk. targets : of all rows. rows : of a chunk.
    weights : sample weights of all rows; None where they count alike.
    """

    def __init__(
        self,
        chunk_loss: Callable[[Array, Targets, Array | None], tuple[float, float]],
        targets: Targets,
        rows: int,
        weights: Array | None = None,
    ) -> None:
        self._chunk_loss, self._targets, self._rows, self._weights = chunk_loss, targets, rows, weights
        self._waiting: Array | None = None
        """Outputs of a chunk that is not complete yet; the first `_filled` rows are there."""
        self._filled = self._done = 0
        self._total = self._total_weight = 0.0

    def add(self, outputs: Array) -> None:
        """Take in the outputs for the rows that follow."""
        place = 0
        while place < len(outputs):
            piece = outputs[place : place + self._rows - self._filled]
            place += len(piece)
            if len(piece) == self._rows:
                self._count(piece)
                continue
            if self._waiting is None:
                self._waiting = np.empty((self._rows, *outputs.shape[1:]), outputs.dtype)
            self._waiting[self._filled : self._filled + len(piece)] = piece
            self._filled += len(piece)
            if self._filled == self._rows:
                self._count_waiting()

    def mean(self) -> float:
        """After the last piece; NaN where there is no example, or none that counts."""
        self._count_waiting()
        return mean_loss(self._total, self._total_weight)

    def _count_waiting(self) -> None:
        if self._waiting is not None and self._filled:
            self._count(self._waiting[: self._filled])
            self._filled = 0

    def _count(self, outputs: Array) -> None:
        now = slice(self._done, self._done + len(outputs))
        weights = None if self._weights is None else self._weights[now]
        loss, weight = self._chunk_loss(outputs, self._targets[now], weights)
        self._done += len(outputs)
        self._total, self._total_weight = self._total + loss * weight, self._total_weight + weight


MOST_ROWS_AT_ONCE = 512
"""Enough for the matrix products, small enough for the cache."""

NUMBERS_AT_ONCE = 4_000_000
"""Fewer rows where layers keep many numbers of each: 16 MB in float32, and some milliseconds of work."""

SECONDS_A_PIECE = 0.005
"""How long scoring goes on before it lets its driver look up."""


def rows_at_once(numbers: int) -> int:
    """How many rows are scored at a time, of a network that keeps so many numbers of each."""
    return max(min(MOST_ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(numbers, 1)), 1)


class Evaluator:
    """Forward passes without training: outputs, loss and scores on any rows. Owns its workspaces."""

    def __init__(self, network: Network, loss: Loss) -> None:
        self._network, self._loss = network, loss
        self._rows = rows_at_once(numbers_per_sample(network.layers, network.shapes))
        self._workspaces = [network.workspaces(self._rows)]
        self._scratch = {
            name: np.empty((self._rows, *shape), network.dtype)
            for name, shape in loss_arrays(loss, network.output_shape).items()
        }
        self.rows_done = 0
        """How many rows of the part at hand have gone through the network."""

    def outputs(self, inputs: Array) -> Array:
        """The network's outputs (rows, outputs) for prepared inputs (rows, *input_shape).

        Where there are many, on as many threads as training would use.
        """
        network = self._network
        out = np.empty((len(inputs), *network.output_shape), network.dtype)
        if len(inputs) <= self._rows:
            for _ in self.fill_outputs(inputs, out):
                pass
            return out
        pool = batch_worker_pool(network, self._rows)
        try:
            with limited_to(1):
                for _ in self.fill_outputs(inputs, out, pool):
                    pass
        finally:
            pool.shutdown()
        return out

    def fill_outputs(self, inputs: Array, out: Array, pool: WorkerPool | None = None) -> Iterator[None]:
        """Write the outputs for all inputs into `out`, a chunk at a time."""
        for found in self.chunks(inputs, pool):
            for rows, output in found:
                out[rows] = output
            yield

    def chunks(self, inputs: Array, pool: WorkerPool | None = None) -> Iterator[list[tuple[slice, Array]]]:
        """Rows, and the outputs for them, of the chunks that are worked on at the same time.

        The outputs are views that live until the next are asked for, or anything else of this evaluator:
        a caller that reports progress has to have read them all before.
        pool : those who work on several chunks at the same time.
        """
        size = pool.size if pool is not None else 1
        # As many chunks as members can work on at the same time, all of about one size.
        count = -(-len(inputs) // self._rows)
        count = -(-count // size) * size if count > 1 else count
        places = even_slices(len(inputs), count)
        while len(self._workspaces) < size:
            self._workspaces.append(self._network.workspaces(self._rows))
        row_bytes, released = inputs[:1].nbytes, 0
        for first in range(0, len(places), size):
            now = places[first : first + size]
            outputs = [np.empty(0, self._network.dtype)] * len(now)

            def work(number: int, rows: slice, outputs: list[Array] = outputs) -> None:
                x = inputs[rows]
                outputs[number] = self._network.forward(x, self._workspaces[number].rows(len(x)))

            with np.errstate(all="ignore"):
                if pool is not None and len(now) == size > 1:
                    pool.run([partial(work, number, rows) for number, rows in enumerate(now)])
                else:
                    for number, rows in enumerate(now):
                        work(number, rows)
            self.rows_done = now[-1].stop
            yield list(zip(now, outputs, strict=True))
            if (self.rows_done - released) * row_bytes > RELEASED_BYTES:
                release(inputs)
                released = self.rows_done

    def all_activations(self, inputs: Array, wanted: dict[int, Array]) -> dict[int, Array]:
        """Fill, for each wanted layer, its outputs for all rows."""
        network = self._network
        for start in range(0, len(inputs), self._rows):
            x = inputs[start : start + self._rows]
            rows = len(x)
            spaces = self._workspaces[0].rows(rows)
            layers = zip(network.layers, network.parameter_views, spaces, strict=True)
            for index, (layer, parameters, workspace) in enumerate(layers):
                x = layer.forward(parameters, x, workspace, False)
                if index in wanted:
                    wanted[index][start : start + rows] = x
        return wanted

    def loss(self, outputs: Array, targets: Targets, weights: Array | None = None) -> float:
        """The mean loss, without penalty; NaN where there is no example, or none that counts."""
        found = self.running_loss(targets, weights)
        found.add(outputs)
        return found.mean()

    def running_loss(self, targets: Targets, weights: Array | None = None) -> RunningLoss:
        """The mean loss for these targets, of outputs that are added piece by piece."""
        return RunningLoss(self.chunk_loss, targets, self._rows, weights)

    def chunk_loss(self, output: Array, target: Targets, weights: Array | None = None) -> tuple[float, float]:
        """The mean loss of one chunk, and what it counts in a mean over several."""
        scratch = {name: array[: len(output)] for name, array in self._scratch.items()}
        if self._loss.inverse_link == "sigmoid":
            # Inputs to be reconstructed, scaled to the training's range, may lie beyond it where they are
            # held out: they are no shares of yes then, and the loss of them would have no lower bound.
            target = target.clip(0.0, 1.0)
        loss = self._loss.forward(output, target, scratch)
        if weights is None:
            return loss, self._loss.weight(target, output.dtype)
        counts = weights.astype(output.dtype, copy=False)
        return weighted_mean(self._loss, output, target, counts, scratch)
