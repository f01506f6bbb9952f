"""Whether a network can be trained in this machine's memory: asked before any of it is taken."""

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
    """A lower bound: parameters, gradients, vectors beside them, and what layers keep of a batch.

    shapes : before, between and behind the layers. batch : its rows. slots : the vectors beside, those of the
    optimizer and others as long as the parameters.
    """
    trained = sum(count_parameters(layer, before) for layer, before in zip(layers, shapes, strict=False))
    numbers = trained * (2 + slots) + batch * numbers_per_sample(layers, shapes)
    return numbers * bytes_per_number


def check_training(training: Training, layers: Sequence[Layer], shapes: Sequence[Shape], rows: int) -> None:
    """Raises UserError where layers cannot be trained on so many examples in this machine's memory.

    shapes : before, between and behind the layers.
    """
    rule = training.early_stopping
    more = (training.average is not None, training.accumulate > 1, rule is not None and rule.keep_best)
    vectors = len(training.optimizer.slots) + sum(more)
    batch, number = min(training.batch_size, rows), np.dtype(training.precision).itemsize
    check_memory(bytes_needed(layers, shapes, batch, vectors, number))


def numbers_per_sample(layers: Sequence[Layer], shapes: Sequence[Shape]) -> int:
    """How many numbers layers keep of each sample of a batch; shapes as in `bytes_needed`."""
    return sum(
        math.prod(buffer.shape)
        for layer, before in zip(layers, shapes, strict=False)
        for buffer in layer.buffers(before).values()
        if buffer.per_sample
    )


def memory_of_this_machine() -> int | None:
    """Bytes, or None where the system does not tell."""
    if not hasattr(os, "sysconf"):
        return None
    try:
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None
    return pages * page if pages > 0 and page > 0 else None


def check_memory(needed: int) -> None:
    """Raises UserError where a network takes more bytes than this machine has.

    Left to itself, the system would promise them all, and end the program when they are used.
    """
    there = memory_of_this_machine()
    if there is not None and needed > there:
        raise UserError(
            "Network",
            expected=f"one that can be trained in the {_text(there)} of memory of this machine",
            got=f"one that takes {_text(needed)}",
            help="Choose smaller layers or smaller batches.",
        )


def _text(amount: int) -> str:
    return f"{amount / 2**30:,.1f} GiB"
