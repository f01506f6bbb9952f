"""The array types that the whole engine speaks of, and the small constant arrays that it shares."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""Floating-point values, float32 or float64; one network uses one of them throughout."""

Shape = tuple[int, ...]
"""Shape of one sample or one parameter, without the batch axis."""


@lru_cache(maxsize=256)
def constant(value: float, dtype: np.dtype[Any]) -> Array:
    """A read-only array of no axes. A ufunc takes one in half the time that a Python float costs it.

    Only for values that come back (a setting, 1 / batch size): each new one pays for its entry here.
    """
    array = np.array(value, dtype)
    array.flags.writeable = False
    return array


@lru_cache(maxsize=16)
def ones(count: int, dtype: np.dtype[Any]) -> Array:
    """A read-only vector of ones: for short arrays, x.dot(ones) sums in half the time of np.add.reduce."""
    array = np.ones(count, dtype)
    array.flags.writeable = False
    return array
