"""Into how many parts a batch is split, and how many threads are used: set, not left to chance.

The number of parts follows from the network and the size of the batch, never from the number of cores: sums
over a batch are those of its parts, in their order, and so they are the same on every machine. Matrix
products use one thread each, since their last bits depend on the number of threads.
"""

import os
import threading
from contextlib import AbstractContextManager
from functools import cache
from types import TracebackType
from typing import Self

from threadpoolctl import ThreadpoolController

from engine.network import Network
from engine.training.memory_estimate import numbers_per_sample
from engine.training.sharded_dense import can_shard, count_sharded_parameters
from engine.training.worker_pool import WorkerPool

NUMBERS_WORTH_SPLITTING = 500_000
"""Numbers in the layers' workspaces, from which on a batch is split: about a millisecond of work."""

NUMBERS_OF_A_PART = 8_000_000
"""Where there are more parts than two. Each part costs its calls, and reads all weights: on one or two cores,
four parts of 6 million numbers take 7 % longer than two of 12 million, and four of 1 million 8 %."""

MULTIPLICATIONS_WORTH_SPLITTING = 30_000_000
"""In the largest product of a wide dense layer, from which on a batch is split too: then the workers also
update the parameters in parallel, and wait for one another three times a step, not in each product."""

SHARDED_FRACTION = 0.75
"""Of the parameters are at least in such layers, whose gradients are sharded."""

FEWEST_ROWS_OF_WIDE = 64
"""Of a part of such a batch: each worker reads all weights, which does not pay for fewer rows."""

MULTIPLICATIONS_OF_STEPWISE = 8_000_000
"""In a product of one time step, from which on a batch is split where layers are recurrent."""

FEWEST_ROWS_OF_STEPWISE = 64
"""Of such a batch. Two parts, for LSTMs of 512 and 256 units (64 and 128 rows), take a third less time than
one on two cores, and 24 and 11 % more on one core."""

FEWEST_PARTS = EARLY_PARTS = 2
"""Parts of a batch that is split; in runs of early files always two, as they had on two cores."""

MOST_PARTS = 8
"""With more parts, waiting for one another and for the memory takes longer than it saves."""

LIMITING = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Variables by which a person, or whoever runs several processes side by side, asks for fewer threads."""


def cores() -> int:
    """Cores that this process may use: those the system grants, or fewer where the environment says so."""
    granted = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [os.environ.get(variable, "") for variable in LIMITING]
    return min([granted, *(int(text) for text in limits if text.isdecimal() and int(text) > 0)])


def batch_parts(network: Network, batch_size: int, early: bool = False) -> int:
    """Into how many parts a batch is split: the same on every machine.

    One part where the layers' workspaces are small, or smaller than the parameters: then the matrix products
    are most of the work. The exception are dense layers so wide that their gradients are sharded.
    early : for a run in a file that does not say how its batches are split.
    """
    stages = list(zip(network.layers, network.shapes, strict=False))
    if any(layer.stepwise for layer in network.layers):
        # Many small calls would wait for Python's lock.
        largest = batch_size * max(layer.largest_product(before) for layer, before in stages)
        large = largest >= MULTIPLICATIONS_OF_STEPWISE and batch_size >= FEWEST_ROWS_OF_STEPWISE
        return FEWEST_PARTS if large and not early else 1
    numbers = batch_size * numbers_per_sample(network.layers, network.shapes)
    if numbers >= max(NUMBERS_WORTH_SPLITTING, network.parameters.size):
        parts = EARLY_PARTS if early else _parts(numbers)
        return max(min(parts, batch_size // 2), 1)
    products = [layer.largest_product(before) for layer, before in stages if can_shard(layer, before)]
    wide = batch_size * max(products, default=0) >= MULTIPLICATIONS_WORTH_SPLITTING
    # The gradients of the other layers are computed by each worker and summed.
    wide = wide and count_sharded_parameters(network) >= SHARDED_FRACTION * network.parameters.size
    return FEWEST_PARTS if wide and batch_size >= FEWEST_PARTS * FEWEST_ROWS_OF_WIDE else 1


def _parts(numbers: int) -> int:
    """For so many numbers. A power of two: with three parts, one of two cores would wait."""
    enough = max(numbers // NUMBERS_OF_A_PART, 1)
    return min(max(1 << (enough.bit_length() - 1), FEWEST_PARTS), MOST_PARTS)


def batch_worker_pool(network: Network, batch_size: int) -> WorkerPool:
    """A worker for each part of a batch, of which as many run at the same time as there are cores."""
    return WorkerPool(batch_parts(network, batch_size), cores())


class Limit:
    """A context in which matrix products use this many threads, in the whole process.

    Several may be entered at the same time, by runs that take turns: the last one applies, or the one that
    called `hold`. When all are left, in whatever order, the setting is as it was before the first.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def __enter__(self) -> Self:
        with _lock:
            before = self._apply()
            if not _entered:
                _before.append(before)
            _entered.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _lock:
            _entered.remove(self)
            if _entered:
                _entered[-1]._apply()
            else:
                _before.pop().__exit__(None, None, None)

    def hold(self) -> None:
        """Apply again, if others were entered in between; takes next to no time if none was."""
        if _entered[-1] is not self:
            with _lock:
                _entered.remove(self)
                _entered.append(self)
                self._apply()

    def _apply(self) -> AbstractContextManager[object]:
        """Set the number of threads; leaving the returned context restores the earlier one."""
        limiter: AbstractContextManager[object] = _controller().limit(limits=self._threads, user_api="blas")
        return limiter


_lock = threading.Lock()
"""Runs may be on threads of their own."""

_entered: list[Limit] = []
"""The limits that are entered; the last one applies."""

_before: list[AbstractContextManager[object]] = []
"""The context that restores the number of threads from before the first limit."""


def limited_to(threads: int) -> Limit:
    """The context in which matrix products use this many threads."""
    return Limit(threads)


@cache
def _controller() -> ThreadpoolController:
    # Finding the loaded libraries takes a millisecond, setting their number of threads next to nothing.
    return ThreadpoolController()
