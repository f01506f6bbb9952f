"""The update of a step: an optimizer applied to the flat vectors, in blocks that stay in the cache.

A block is a slice of the flat vectors, with all views that an update needs. The blocks are split among the
workers of a pool; each worker's blocks are a `Shard`.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, even_slices
from engine.network import Network
from engine.optimizers import Optimizer
from engine.training.batch_parts import MOST_PARTS
from engine.training.full_batch import search_length
from engine.training.regularization import soft_threshold
from engine.training.resources import cores
from engine.training.worker_pool import WorkerPool

BLOCK_LENGTH = 131_072
"""Numbers in a block: its few arrays stay in the second-level cache or near it, and its calls cost little.
Measured for Adam on 110,000 to 5,800,000 parameters: half of it takes up to 7 % longer, a quarter 15 %."""

FEWEST_PARALLEL_BLOCKS = 4
"""From so many on, the blocks are updated in parallel also where batches are not split: for Adam, that saves
the better part of a millisecond, and waiting for one another takes some hundredths."""

L1Range = tuple[int, int, float]
"""Start and stop of an array of weights in the flat vectors, and its λ₁."""


class L1Span(NamedTuple):
    """The part of a block on which L1 acts, with the arrays that its proximal step needs."""

    l1: float
    parameters: Array
    slots: tuple[Array, ...]
    change: Array
    after: Array
    threshold: Array
    scratch: Array


class LayerSpan(NamedTuple):
    """The part of a block that belongs to one layer; number : of the layer, among the trained ones."""

    number: int
    change: Array
    parameters: Array


class Block(NamedTuple):
    """Views of one block of the flat vectors."""

    start: int
    gradient: Array
    parameters: Array
    slots: tuple[Array, ...]
    change: Array
    scratch: Array
    layers: list[LayerSpan]
    l1_spans: list[L1Span]


class Shard:
    """The blocks that one worker updates, and what it found in the last step.

    Parameters
    ----------
    slots : the optimizer's vectors.
    starts : of the blocks. length : of a block; the network's last one may be shorter. `change` and `scratch`
        have this length and are shared by the blocks of a shard.
    """

    def __init__(self, network: Network, slots: Sequence[Array], starts: Sequence[int], length: int) -> None:
        self._dtype, self._length = network.dtype, length
        change, scratch = np.empty((2, length), network.dtype)
        spans = list(network.layer_slices().values())
        self.blocks = [_block(network, slots, spans, start, change, scratch) for start in starts]
        self.squares: list[tuple[int, float, float]] = []
        """For each layer in each block: its number among the trained ones, and the sums of squares of its
        change and of its parameters before it."""
        self.bad: int | None = None
        """The first layer with a parameter that would no longer be finite, by its number."""
        self.written = 0
        """How many blocks were copied and then changed; 0 where there is but one block."""

    def begin(self) -> None:
        """Forget the last step."""
        self.bad, self.written = None, 0
        self.squares.clear()

    def set_l1_ranges(self, ranges: Sequence[L1Range]) -> None:
        """Let L1 act on these parts of the flat vectors, and on no others."""
        after, threshold = np.empty((2, self._length if ranges else 0), self._dtype)
        for block in self.blocks:
            block.l1_spans.clear()
            for start, stop, l1 in ranges:
                span = slice(max(start - block.start, 0), min(stop - block.start, block.parameters.size))
                if span.start < span.stop:
                    slots = tuple(vector[span] for vector in block.slots)
                    views = (array[span] for array in (block.change, after, threshold, block.scratch))
                    block.l1_spans.append(L1Span(l1, block.parameters[span], slots, *views))


def _block(
    network: Network,
    slots: Sequence[Array],
    spans: Sequence[slice],
    start: int,
    change: Array,
    scratch: Array,
) -> Block:
    """The block from `start` on, as long as `change`, or up to the end of the vectors."""
    stop = min(start + len(change), network.parameters.size)
    change, scratch = change[: stop - start], scratch[: stop - start]
    layers = []
    for number, span in enumerate(spans):
        low, high = max(span.start, start), min(span.stop, stop)
        if low < high:
            layers.append(LayerSpan(number, change[low - start : high - start], network.parameters[low:high]))
    gradient, parameters = network.gradients[start:stop], network.parameters[start:stop]
    own_slots = tuple(vector[start:stop] for vector in slots)
    return Block(start, gradient, parameters, own_slots, change, scratch, layers, [])


class Updater:
    """Applies an optimizer to a network and measures how far each layer's parameters moved.

    `change_squares` and `weight_squares` hold, for each trained layer, the sum of squares of the last change
    (by optimizer and L1, before max-norm) and of the parameters before it; infinite where a square overflows.

    Parameters stay finite: a step that would make one infinite or NaN is undone. The optimizer's slots have
    taken part in it by then, so they are reset: slots at zero, no steps taken.
    """

    def __init__(self, optimizer: Optimizer, network: Network) -> None:
        self.optimizer, self._network = optimizer, network
        self.slots = {name: np.zeros_like(network.parameters) for name in optimizer.slots}
        self.steps = 0
        """Steps taken by this optimizer; bias corrections count them."""
        self._trained = len(network.trained_layers)
        self.change_squares = [0.0] * self._trained
        self.weight_squares = [0.0] * self._trained
        size = network.parameters.size
        blocks = 1 if optimizer.needs_full_batch else max(-(-size // BLOCK_LENGTH), 1)
        self._length = max(-(-size // blocks), 1)
        self._starts = range(0, size, self._length)
        # With one block, nothing is written before all of it is known to be finite, unless by a line search.
        needed = len(self._starts) > 1 or optimizer.needs_full_batch
        self._before = np.empty_like(network.parameters) if needed else None
        self.convergence_reason = ""
        """Why the last line search found no length but 0, as a clause; empty where it did."""
        self._l1_ranges: Sequence[L1Range] = ()
        self._pool, self._shards = WorkerPool(1), [self._make_shard(self._starts)]

    def use_pool(self, pool: WorkerPool) -> None:
        """From now on, the workers of a pool update the blocks in parallel, each its own.

        It changes no result: blocks are independent of one another. For a run that does not split its batches
        (a pool of one), a larger pool is made if there are many blocks.
        """
        blocks = len(self._starts)
        if pool.size > blocks:
            pool = WorkerPool(1)
        elif pool.size == 1 and blocks >= FEWEST_PARALLEL_BLOCKS:
            size = min(cores(), blocks // 2, MOST_PARTS)
            pool = self._pool if self._pool.size == size else WorkerPool(size)
        self._pool = pool
        if len(self._shards) != self._pool.size:
            slices = even_slices(len(self._starts), self._pool.size)
            self._shards = [self._make_shard(self._starts[own]) for own in slices]
            self.set_l1_ranges(self._l1_ranges)

    def shutdown(self) -> None:
        """End the threads that update the blocks; the next step starts new ones."""
        self._pool.shutdown()

    def _make_shard(self, starts: range) -> Shard:
        return Shard(self._network, tuple(self.slots.values()), starts, self._length)

    def apply(
        self, rate: float, loss: float = 0.0, evaluate: Callable[[], float] | None = None
    ) -> int | None:
        """Change the parameters by one step at this learning rate.

        Returns None, or where a parameter would no longer be finite, the number of its layer among the
        trained ones; the parameters are then as they were.
        loss : at the present parameters. evaluate : overwrites the network's gradients by those at its
        parameters and returns the loss; needed by optimizers with a line search.
        """
        self.steps += 1
        for shard in self._shards:
            shard.begin()
        try:
            if len(self._shards) > 1:
                self._pool.run([partial(self._update, shard, rate) for shard in self._shards])
            else:
                self._update(self._shards[0], rate, loss, evaluate)
        except BaseException:  # also Ctrl+C: no half of a step is left
            self._undo()
            raise
        bad = [shard.bad for shard in self._shards if shard.bad is not None]
        if bad:
            self._undo()
            return bad[0]
        self._sum_squares()
        return None

    def _update(
        self, shard: Shard, rate: float, loss: float = 0.0, evaluate: Callable[[], float] | None = None
    ) -> None:
        """Change the parameters of a shard, up to the first block in which one would no longer be finite."""
        update, steps, before, squares = self.optimizer.update, self.steps, self._before, shard.squares
        for start, gradient, parameters, slots, change, scratch, layers, l1_spans in shard.blocks:
            update(gradient, parameters, slots, change, scratch, rate, steps)
            if l1_spans:
                self._shrink(l1_spans, rate)
            length = 1.0
            if evaluate is not None and before is not None:
                length, self.convergence_reason = search_length(
                    self.optimizer, self._network, before, rate, loss, evaluate, slots, change, scratch, self
                )
            total = 0.0
            for number, own_change, own_parameters in layers:
                change_square = float(own_change.dot(own_change))
                weight_square = float(own_parameters.dot(own_parameters))
                squares.append((number, change_square, weight_square))
                total += change_square + weight_square
            # Numbers whose squares are finite are far from the largest there is, and so is their difference.
            if not math.isfinite(total):
                shard.bad = self._first_bad(layers, scratch)
                if shard.bad is not None:
                    return
            if before is not None:
                before[start : start + parameters.size] = parameters
                shard.written += 1
            np.subtract(parameters, change, parameters)
            if evaluate is not None and length:
                evaluate()  # returns at once, where the search has ended at this point
                self.optimizer.record_step(gradient, parameters, slots, self.steps)

    def _sum_squares(self) -> None:
        """Sum up the squares of all blocks, in their order, whichever worker updated them."""
        changes = self.change_squares = [0.0] * self._trained
        weights = self.weight_squares = [0.0] * self._trained
        for shard in self._shards:
            for number, change, weight in shard.squares:
                changes[number] += change
                weights[number] += weight

    def set_l1_ranges(self, ranges: Sequence[L1Range]) -> None:
        """From now on, end each step by a proximal step of L1 on these parts of the vectors.

        It is w ← sign(w) max(|w| − t, 0), which makes weights exactly 0. The optimizer says how large t is:
        ρ λ₁ for plain gradient descent (ISTA), and for rules that scale a gradient up or down, as much more
        or less, so that all of them converge to the minimum of loss and penalty together.
        Reference: Parikh & Boyd 2014, Proximal algorithms, section 4.2; for adaptive rules Duchi, Hazan &
        Singer 2011; Yun, Lozano & Yang 2021, Adaptive proximal gradient methods for structured neural
        networks.
        """
        self._l1_ranges = ranges
        for shard in self._shards:
            shard.set_l1_ranges(ranges)

    def _shrink(self, l1_spans: Sequence[L1Span], rate: float) -> None:
        """Replace the change of a block by one that ends at the shrunk weights; p − (p − 0) is exactly 0."""
        for l1, parameters, slots, change, after, out, scratch in l1_spans:
            np.subtract(parameters, change, after)
            threshold = self.optimizer.threshold(l1, slots, out, scratch, rate, self.steps)
            soft_threshold(after, threshold, scratch)
            np.subtract(parameters, after, change)

    @staticmethod
    def _first_bad(layers: Sequence[LayerSpan], scratch: Array) -> int | None:
        """The first layer of a block with a parameter that would no longer be finite."""
        for number, change, parameters in layers:
            after = scratch[: change.size]
            np.subtract(parameters, change, after)
            if not np.isfinite(after).all():
                return number
        return None

    def _undo(self) -> None:
        """Restore the parameters that were written, and reset the optimizer."""
        if self._before is not None:
            for shard in self._shards:
                for block in shard.blocks[: shard.written]:
                    block.parameters[...] = self._before[block.start : block.start + block.parameters.size]
        self.reset()

    def reset(self) -> None:
        """Set the optimizer's slots to zero, as before its first step."""
        for vector in self.slots.values():
            vector.fill(0.0)
        self.steps = 0
