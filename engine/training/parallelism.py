"""In how many parts a batch is worked on, and how many of them at the same time: set, not left to chance.

The number of parts follows from the network and the size of the batch, never from the cores of this machine:
sums over a batch are those of its parts, in their order, and so come out the same everywhere. Matrix products
use one thread each, since with several their last bits depend on how many there are.
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
from engine.training.sharded_dense import shareable, shared_parameters
from engine.training.worker_pool import Team

NUMBERS_WORTH_SPLITTING = 500_000
"""Numbers that the layers keep of a batch, from which on it is split: about a millisecond of work."""

NUMBERS_OF_A_PART = 8_000_000
"""Where there are more parts than two. Each part costs its calls, and reads all weights: on one or two cores,
four parts of 6 million numbers take 7 % longer than two of 12 million, and four of 1 million 8 %."""

MULTIPLICATIONS_WORTH_SPLITTING = 30_000_000
"""In the largest product of a wide dense layer, from which on a batch is split too: then the members also
work on the update at the same time, and wait for one another three times a step, not in each product."""

SHARE_SHARED_OUT = 0.75
"""Of the parameters, in such layers."""

FEWEST_ROWS_OF_WIDE = 64
"""Of a part of such a batch: each member reads all weights, which fewer rows do not outweigh."""

MULTIPLICATIONS_OF_STEPWISE = 8_000_000
"""In a product of one step, from which on a batch is split whose layers go through sequences step by step."""

FEWEST_ROWS_OF_STEPWISE = 64
"""Of such a batch. Two parts, for LSTMs of 512 and 256 units (64 and 128 rows), take a third less time than
one on two cores, and 24 and 11 % more on one core."""

FEWEST_PARTS = EARLY_PARTS = 2
"""Of a batch that is split; and of all of them in runs of early files, which had as many on two cores."""

MOST_PARTS = 8
"""More of them wait longer for one another and for the memory than they save."""

LIMITING = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Variables by which a person, or whoever runs several processes side by side, asks for fewer threads."""


def cores() -> int:
    """Cores that this process may use: those it is given, or fewer where the environment says so."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = [os.environ.get(variable, "") for variable in LIMITING]
    return min([there, *(int(text) for text in asked if text.isdecimal() and int(text) > 0)])


def batch_parts(network: Network, batch_size: int, early: bool = False) -> int:
    """In how many parts a batch is worked on: the same on every machine.

    One where the layers keep little of a batch, or less than they have parameters: then the products are
    most of the work; unless they are those of dense layers so wide that the members share them out.
    early : for a run in a file that does not say how its batches are divided.
    """
    stages = list(zip(network.layers, network.shapes, strict=False))
    if any(layer.stepwise for layer in network.layers):
        # Many small calls would wait for one another to let go of Python's lock.
        largest = batch_size * max(layer.largest_product(before) for layer, before in stages)
        large = largest >= MULTIPLICATIONS_OF_STEPWISE and batch_size >= FEWEST_ROWS_OF_STEPWISE
        return FEWEST_PARTS if large and not early else 1
    numbers = batch_size * numbers_per_sample(network.layers, network.shapes)
    if numbers >= max(NUMBERS_WORTH_SPLITTING, network.parameters.size):
        parts = EARLY_PARTS if early else _parts(numbers)
        return max(min(parts, batch_size // 2), 1)
    products = [layer.largest_product(before) for layer, before in stages if shareable(layer, before)]
    wide = batch_size * max(products, default=0) >= MULTIPLICATIONS_WORTH_SPLITTING
    # Each member would fill the gradients of the other layers, and all would be added up.
    wide = wide and shared_parameters(network) >= SHARE_SHARED_OUT * network.parameters.size
    return FEWEST_PARTS if wide and batch_size >= FEWEST_PARTS * FEWEST_ROWS_OF_WIDE else 1


def _parts(numbers: int) -> int:
    """For a batch of so much work. A power of two: with three parts, one of two cores would wait."""
    enough = max(numbers // NUMBERS_OF_A_PART, 1)
    return min(max(1 << (enough.bit_length() - 1), FEWEST_PARTS), MOST_PARTS)


def batch_team(network: Network, batch_size: int) -> Team:
    """A member for each part of a batch, of whom as many run at the same time as there are cores."""
    return Team(batch_parts(network, batch_size), cores())


class Limit:
    """While entered, matrix products use this many threads, in the whole process.

    Several may be entered at the same time, by runs that take turns: the one applies that came last, or that
    came back with `hold`. When all are left, in whatever order, all is as it was before the first.
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
        """Apply again, if others have come in between; takes next to no time if none has."""
        if _entered[-1] is not self:
            with _lock:
                _entered.remove(self)
                _entered.append(self)
                self._apply()

    def _apply(self) -> AbstractContextManager[object]:
        """Set the number; what is returned sets the earlier one when it is left."""
        limiter: AbstractContextManager[object] = _controller().limit(limits=self._threads, user_api="blas")
        return limiter


_lock = threading.Lock()
"""Runs may be on threads of their own."""

_entered: list[Limit] = []
"""Those that are not left yet; the last one applies."""

_before: list[AbstractContextManager[object]] = []
"""What sets the number that was there before the first."""


def limited_to(threads: int) -> Limit:
    """What is entered for matrix products to use this many threads."""
    return Limit(threads)


@cache
def _controller() -> ThreadpoolController:
    # To find the loaded libraries takes a millisecond, to set their number of threads next to nothing.
    return ThreadpoolController()
