"""The array types that the whole engine speaks of, and the small constant arrays that it shares."""

from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

Array = NDArray[np.floating[Any]]
"""Floating-point values, float32 or float64; one network uses one of them throughout."""

Shape = tuple[int, ...]
"""Shape of one sample or one parameter, without the batch axis."""


class CodedColumn(NamedTuple):
    """A place in a sample where there is no quantity but a code, which stands for a category."""

    place: Annotated[int, Field(ge=0)]
    """In the flattened sample, from 0."""
    codes: Annotated[int, Field(ge=2)]
    """How many there are: 0 for what training did not hold, then one for each of its categories."""


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


@lru_cache(maxsize=64)
def zeros(shape: Shape, dtype: np.dtype[Any]) -> Array:
    """A read-only array of zeros: for small arrays, a ufunc takes it in less time than a single number."""
    array = np.zeros(shape, dtype)
    array.flags.writeable = False
    return array
