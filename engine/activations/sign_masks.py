"""Choosing by sign without comparing: sign bits, spread over whole words, mask other numbers.

A comparison makes booleans, and NumPy multiplies numbers by booleans, or copies under a mask, three to fifty
times slower than it combines words of equal width.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, constant, scratch

Words = NDArray[np.signedinteger[Any]]

_WORDS: dict[int, tuple[type[np.signedinteger[Any]], Words]] = {
    4: (np.int32, np.array(31, np.int32)),
    8: (np.int64, np.array(63, np.int64)),
}
"""For each width in bytes: the integers of that width, and the place of the sign bit."""

_BLOCK = 256 * 1024
"""Numbers masked at once; in smaller blocks, threads that work side by side wait more for Python's lock."""


def words(array: Array) -> Words:
    """The same memory as whole numbers of the same width."""
    return array.view(_WORDS[array.itemsize][0])


def spread_sign(array: Array) -> Words:
    """Turn each number, in place, into a mask of its width: all ones where it was negative, else zeros.

    −0.0 counts as negative, so let it come from a difference that is +0.0 where both are equal.
    """
    kind, place = _WORDS[array.itemsize]
    mask = array.view(kind)
    np.right_shift(mask, place, mask)
    return mask


def keep_where_positive(y: Array, dy: Array, kept: Array) -> None:
    """Write dy into `kept` where y > 0, and 0 elsewhere; kept is neither of them."""
    np.subtract(constant(0.0, y.dtype), y, kept)
    mask = spread_sign(kept)
    np.bitwise_and(mask, words(dy), mask)


def clear_where_not_positive(y: Array, dy: Array) -> None:
    """Set dy to 0 where y is not above 0, a block at a time: the masks need not leave the cache."""
    if not (y.flags.c_contiguous and dy.flags.c_contiguous):
        mask = scratch(y.shape, y.dtype)
        keep_where_positive(y, dy, mask)
        np.copyto(dy, mask)
        return
    values, kept = y.reshape(-1), words(dy.reshape(-1))
    for start in range(0, y.size, _BLOCK):
        block = slice(start, min(start + _BLOCK, y.size))
        mask = scratch((block.stop - start,), y.dtype)
        np.subtract(constant(0.0, y.dtype), values[block], mask)
        np.bitwise_and(spread_sign(mask), kept[block], kept[block])


def choose_by_sign(y: Array, positive: float, other: float, chosen: Array) -> None:
    """Write `positive` where y > 0, and `other` elsewhere; chosen is not y."""
    np.subtract(constant(0.0, y.dtype), y, chosen)
    mask = spread_sign(chosen)
    base, difference = _choice(positive, other, y.dtype)
    np.bitwise_and(mask, difference, mask)
    np.bitwise_xor(mask, base, mask)


@lru_cache(maxsize=64)
def _choice(positive: float, other: float, dtype: np.dtype[Any]) -> tuple[Words, Words]:
    """The words of `other`, and where those of `positive` differ."""
    base, top = words(constant(other, dtype)), words(constant(positive, dtype))
    return base, np.asarray(base ^ top)
