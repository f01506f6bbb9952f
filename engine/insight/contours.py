"""Levels of contour lines over a surface, and round numbers for them."""

import math

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
Interval = tuple[float, float]


def contour_levels(values: Field, most: int = 10, *, logarithmic: bool = False) -> Field:
    """At most so many levels for contour lines, rising.

    Robust: between the lowest value and the one that nine tenths of the surface lie below, so that a steep
    corner does not take them all. Round numbers; with `logarithmic`, even in the logarithm. None where the
    surface is flat; values that are not finite, or with `logarithmic` not above 0, count for nothing.
    """
    low, high = level_range(values, logarithmic=logarithmic)
    if not high > low or high - low <= 1e-12 * abs(high):
        return np.empty(0)
    if logarithmic:
        powers = np.linspace(math.log10(low), math.log10(high), most + 2)
        return np.asarray(10.0 ** powers[1:-1], np.float64)
    step = round_up((high - low) / most)
    numbers = np.arange(math.floor(low / step) + 1, math.ceil(high / step), dtype=np.float64)
    return numbers * step


def level_range(values: Field, *, logarithmic: bool = False) -> Interval:
    """The lowest value, and the one that nine tenths lie below; equal ones where there is nothing between."""
    finite = values[np.isfinite(values)]
    if logarithmic:
        finite = finite[finite > 0]
    if not len(finite):
        return (1.0, 1.0)
    return float(finite.min()), float(np.quantile(finite, 0.9, method="higher"))


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-12)))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= value * (1 - 1e-9))
