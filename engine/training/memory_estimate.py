"""Estimates whether a network can be trained in this machine's memory, before any of it is allocated."""

import math
import os
from collections.abc import Sequence

import numpy as np

from engine.arrays import Shape
from engine.errors import UserError
from engine.layers import Layer
from engine.network import count_parameters
from engine.training_settings import Training


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
