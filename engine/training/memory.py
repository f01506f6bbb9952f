"""Whether a network can be trained in this machine's memory: asked before any of it is taken."""

import math
import os
from collections.abc import Sequence

from engine.arrays import Shape
from engine.errors import UserError
from engine.layers import Layer
from engine.network import count_parameters


def bytes_needed(
    layers: Sequence[Layer], shapes: Sequence[Shape], batch: int, slots: int, bytes_per_number: int
) -> int:
    """A lower bound: parameters, gradients, the optimizer's slots, and what layers keep of a batch.

    shapes : before, between and behind the layers. batch : its rows.
    """
    trained = sum(count_parameters(layer, before) for layer, before in zip(layers, shapes, strict=False))
    numbers = trained * (2 + slots) + batch * numbers_per_sample(layers, shapes)
    return numbers * bytes_per_number


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
