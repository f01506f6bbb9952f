"""What a run may use of the machine: how many threads, and whether the memory is large enough for it."""

import math
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from types import TracebackType
from typing import Self

import numpy as np
from threadpoolctl import ThreadpoolController

from engine.arrays import Shape
from engine.errors import UserError
from engine.layers import Layer
from engine.network import count_parameters
from engine.training_settings import Training

LIMITING = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Environment variables that ask for fewer threads, such as where several processes run side by side."""


def cores() -> int:
    """Cores that this process may use: those the system grants, or fewer where the environment says so."""
    granted = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [os.environ.get(variable, "") for variable in LIMITING]
    return min([granted, *(int(text) for text in limits if text.isdecimal() and int(text) > 0)])


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


def bytes_needed(
    layers: Sequence[Layer], shapes: Sequence[Shape], batch: int, slots: int, bytes_per_number: int
) -> int:
    """A lower bound: parameters, gradients, vectors of the same length, and the layers' workspaces.

    shapes : before, between and after the layers. batch : its rows. slots : vectors as long as the
    parameters, those of the optimizer and others.
    """
    trained = sum(count_parameters(layer, before) for layer, before in zip(layers, shapes, strict=False))
    numbers = trained * (2 + slots) + batch * numbers_per_sample(layers, shapes)
    return numbers * bytes_per_number


def check_training(training: Training, layers: Sequence[Layer], shapes: Sequence[Shape], rows: int) -> None:
    """Raises UserError where layers cannot be trained on so many examples in this machine's memory.

    shapes : before, between and after the layers.
    """
    rule = training.early_stopping
    more = (
        training.weight_averaging is not None,
        training.accumulate_batches > 1,
        rule is not None and rule.restore_best_weights,
    )
    vectors = len(training.optimizer.slots) + sum(more)
    batch, number = min(training.batch_size, rows), np.dtype(training.precision).itemsize
    check_memory(bytes_needed(layers, shapes, batch, vectors, number))


def numbers_per_sample(layers: Sequence[Layer], shapes: Sequence[Shape]) -> int:
    """How many numbers the layers' workspaces hold for each sample; shapes as in `bytes_needed`."""
    return sum(
        math.prod(spec.shape)
        for layer, before in zip(layers, shapes, strict=False)
        for spec in layer.workspace_arrays(before).values()
        if spec.per_sample
    )


def memory_of_this_machine() -> int | None:
    """In bytes; None where the system does not report it."""
    if not hasattr(os, "sysconf"):
        return None
    try:
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None
    return pages * page if pages > 0 and page > 0 else None


def check_memory(needed: int) -> None:
    """Raises UserError where a network needs more bytes than this machine has.

    Without this check, the system would grant them all, and kill the program when they are used.
    """
    available = memory_of_this_machine()
    if available is not None and needed > available:
        raise UserError(
            "Network",
            expected=f"one that can be trained in the {_text(available)} of memory of this machine",
            got=f"one that takes {_text(needed)}",
            help="Choose smaller layers or smaller batches.",
        )


def _text(amount: int) -> str:
    return f"{amount / 2**30:,.1f} GiB"
