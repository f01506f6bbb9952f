"""The array types that the whole engine speaks of, the small arrays that it shares, and cuts into pieces."""

import math
import threading
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

Array = NDArray[np.floating[Any]]
"""Floating-point values, float32 or float64; one network uses one of them throughout."""

ClassNumbers = NDArray[np.intp]
"""For each row the number of its class, from 0: (rows,)."""

Targets = NDArray[np.floating[Any] | np.intp]
"""What outputs are compared with: an Array (rows, outputs), or ClassNumbers in place of one-hot rows."""

Shape = tuple[int, ...]
"""Shape of one sample or one parameter, without the batch axis."""


class CodedColumn(NamedTuple):
    """A place in a sample where there is no quantity but a code, which stands for a category."""

    place: Annotated[int, Field(ge=0)]
    """In the flattened sample, from 0."""
    codes: Annotated[int, Field(ge=2)]
    """How many there are: 0 for what training did not hold, then one for each of its categories."""


_MOST_VIEWS = 4096
"""Of each of the shared arrays; beyond it some are made anew, which costs time, not room."""


@lru_cache(maxsize=256)
def constant(value: float, dtype: np.dtype[Any]) -> Array:
    """A read-only array of no axes. A ufunc takes one in half the time that a Python float costs it.

    Only for values that come back (a setting, 1 / batch size): each new one pays for its entry here.
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
    """A read-only array of zeros: for small arrays, a ufunc takes it in less time than a single number."""
    return _front(0.0, math.prod(shape), dtype).reshape(shape)


def scratch(shape: Shape, dtype: np.dtype[Any]) -> Array:
    """Room for what a function needs while it runs; the next caller in this thread gets the same memory."""
    view = _own.views.get((shape, dtype))
    return _own.new_view(shape, dtype) if view is None else view


class _Own(threading.local):
    """For each precision a vector of a thread's own, as long as the longest that was asked for, and views."""

    def __init__(self) -> None:
        self._vectors: dict[np.dtype[Any], Array] = {}
        self.views: dict[tuple[Shape, np.dtype[Any]], Array] = {}

    def new_view(self, shape: Shape, dtype: np.dtype[Any]) -> Array:
        count, vector = math.prod(shape), self._vectors.get(dtype)
        if vector is None or vector.size < count:
            # Views of a shorter one would keep its memory.
            self.views.clear()
            vector = self._vectors[dtype] = np.empty(count, dtype)
        if len(self.views) >= _MOST_VIEWS:
            self.views.clear()
        view = self.views[shape, dtype] = vector[:count].reshape(shape)
        return view


_own = _Own()


def even_slices(length: int, count: int) -> list[slice]:
    """Slices one behind the other from 0 to `length`, as equal as can be; some are empty if there are more.

    A small last one would cost as many calls as the others, or keep a member of a team waiting.
    """
    return [slice(length * number // count, length * (number + 1) // count) for number in range(count)]


def _front(value: float, count: int, dtype: np.dtype[Any]) -> Array:
    """The front of a longer vector, so that many lengths take little more room than the largest."""
    return _vector(value, 1 << max(count - 1, 0).bit_length(), dtype)[:count]


@lru_cache(maxsize=256)
def _vector(value: float, count: int, dtype: np.dtype[Any]) -> Array:
    array = np.full(count, value, dtype)
    array.flags.writeable = False
    return array
