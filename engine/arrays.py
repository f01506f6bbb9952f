"""Array types of the engine, small shared arrays, scratch memory, and selection by sign with bit masks."""

import math
import threading
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

Array = NDArray[np.floating[Any]]
"""Floating-point values, float32 or float64; one network uses one of them throughout."""

ClassIndices = NDArray[np.intp]
"""For each row the index of its class, from 0: (rows,)."""

Targets = NDArray[np.floating[Any] | np.intp]
"""Targets of a loss: an Array (rows, outputs), or ClassIndices (rows,) in place of one-hot rows."""

Shape = tuple[int, ...]
"""Shape of one sample or one parameter, without the batch axis."""


def shape_text(shape: Shape) -> str:
    """A sample's shape in words: "64 numbers", "an image of 8 × 8 × 1"."""
    if len(shape) == 0:
        return "a single number"
    if len(shape) == 1:
        return f"{shape[0]} number" + ("s" if shape[0] != 1 else "")
    if len(shape) == 2:
        return f"a sequence of {shape[0]} steps × {shape[1]} features"
    if len(shape) == 3:
        return "an image of " + " × ".join(map(str, shape))
    return "samples of shape " + " × ".join(map(str, shape))


class IntegerEncodedColumn(NamedTuple):
    """An input that is not a quantity but the index of a category."""

    position: Annotated[int, Field(ge=0)]
    """In the flattened sample, from 0."""
    cardinality: Annotated[int, Field(ge=2)]
    """Number of indices: 0 for unknown categories, then one for each category of the training data."""


_MOST_VIEWS = 4096
"""Of each of the shared arrays; beyond it some are made again, which costs time, not memory."""


@lru_cache(maxsize=256)
def constant(value: float, dtype: np.dtype[Any]) -> Array:
    """A read-only array without axes. A ufunc takes half the time with it that it takes with a Python float.

    Only for values that are used again (a setting, 1 / batch size): each one is an entry in this cache.
    """
    array = np.array(value, dtype)
    array.flags.writeable = False
    return array


@lru_cache(maxsize=_MOST_VIEWS)
def ones(count: int, dtype: np.dtype[Any]) -> Array:
    """A read-only vector of ones: for short arrays, x.dot(ones) sums in half the time of np.add.reduce."""
    return _front(1.0, count, dtype)


@lru_cache(maxsize=_MOST_VIEWS)
def zeros(shape: Shape, dtype: np.dtype[Any]) -> Array:
    """A read-only array of zeros: for small arrays, a ufunc is faster with it than with a single number."""
    return _front(0.0, math.prod(shape), dtype).reshape(shape)


def scratch(shape: Shape, dtype: np.dtype[Any]) -> Array:
    """An array to use while a function runs; the next caller in this thread gets the same memory."""
    view = _scratch.views.get((shape, dtype))
    return _scratch.new_view(shape, dtype) if view is None else view


class _Scratch(threading.local):
    """For each precision a vector of this thread, as long as the longest array asked for, and its views."""

    def __init__(self) -> None:
        self._vectors: dict[np.dtype[Any], Array] = {}
        self.views: dict[tuple[Shape, np.dtype[Any]], Array] = {}

    def new_view(self, shape: Shape, dtype: np.dtype[Any]) -> Array:
        count, vector = math.prod(shape), self._vectors.get(dtype)
        if vector is None or vector.size < count:
            # Views of the shorter vector would keep its memory.
            self.views.clear()
            vector = self._vectors[dtype] = np.empty(count, dtype)
        if len(self.views) >= _MOST_VIEWS:
            self.views.clear()
        view = self.views[shape, dtype] = vector[:count].reshape(shape)
        return view


_scratch = _Scratch()


def even_slices(length: int, count: int) -> list[slice]:
    """Consecutive slices from 0 to `length`, as equal as possible; some are empty if count > length.

    A small last one would cost as many calls as the others, or keep a worker waiting.
    """
    return [slice(length * number // count, length * (number + 1) // count) for number in range(count)]


def _front(value: float, count: int, dtype: np.dtype[Any]) -> Array:
    """The front of a longer vector, so that many lengths take little more memory than the largest."""
    return _vector(value, 1 << max(count - 1, 0).bit_length(), dtype)[:count]


@lru_cache(maxsize=256)
def _vector(value: float, count: int, dtype: np.dtype[Any]) -> Array:
    array = np.full(count, value, dtype)
    array.flags.writeable = False
    return array


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
