"""Selection by sign with bit masks: the sign bit of a number, copied to all its bits, masks another number.

NumPy multiplies by booleans, or copies under a boolean mask, three to fifty times slower than it combines
integers of equal width.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, constant, scratch

Integers = NDArray[np.signedinteger[Any]]

_INTEGERS: dict[int, tuple[type[np.signedinteger[Any]], Integers]] = {
    4: (np.int32, np.array(31, np.int32)),
    8: (np.int64, np.array(63, np.int64)),
}
"""For each width in bytes: the integer type of that width, and the index of the sign bit."""

_BLOCK = 256 * 1024
"""Numbers in a block; with smaller blocks, the threads of a worker pool wait more for Python's lock."""


def as_integers(array: Array) -> Integers:
    """The same memory as integers of the same width."""
    return array.view(_INTEGERS[array.itemsize][0])


def sign_mask(array: Array) -> Integers:
    """Turn each number, in place, into a mask of its width: all ones where it was negative, else zeros.

    −0.0 counts as negative, so let it come from a difference that is +0.0 where both are equal.
    """
    kind, sign_bit = _INTEGERS[array.itemsize]
    mask = array.view(kind)
    np.right_shift(mask, sign_bit, mask)
    return mask


def keep_where_positive(y: Array, dy: Array, out: Array) -> None:
    """Write dy into `out` where y > 0, and 0 elsewhere; out is neither of them."""
    np.subtract(constant(0.0, y.dtype), y, out)
    mask = sign_mask(out)
    np.bitwise_and(mask, as_integers(dy), mask)


def clear_where_not_positive(y: Array, dy: Array) -> None:
    """Set dy to 0 where y is not above 0, in blocks, whose masks stay in the cache."""
    if not (y.flags.c_contiguous and dy.flags.c_contiguous):
        mask = scratch(y.shape, y.dtype)
        keep_where_positive(y, dy, mask)
        np.copyto(dy, mask)
        return
    values, masked = y.reshape(-1), as_integers(dy.reshape(-1))
    for start in range(0, y.size, _BLOCK):
        block = slice(start, min(start + _BLOCK, y.size))
        mask = scratch((block.stop - start,), y.dtype)
        np.subtract(constant(0.0, y.dtype), values[block], mask)
        np.bitwise_and(sign_mask(mask), masked[block], masked[block])


def choose_by_sign(y: Array, positive: float, other: float, chosen: Array) -> None:
    """Write `positive` where y > 0, and `other` elsewhere; chosen is not y."""
    np.subtract(constant(0.0, y.dtype), y, chosen)
    mask = sign_mask(chosen)
    base, difference = _choice(positive, other, y.dtype)
    np.bitwise_and(mask, difference, mask)
    np.bitwise_xor(mask, base, mask)


@lru_cache(maxsize=64)
def _choice(positive: float, other: float, dtype: np.dtype[Any]) -> tuple[Integers, Integers]:
    """The bits of `other`, and the bits in which `positive` differs."""
    base, top = as_integers(constant(other, dtype)), as_integers(constant(positive, dtype))
    return base, np.asarray(base ^ top)
