"""Columns of pixels: which rows fall into one, and the points that stand for it. Pure NumPy."""

from collections.abc import Callable

import numpy as np

from gui.panels.plots.pyramid import (
    BLOCK,
    FANOUT,
    FINITE,
    GAPS,
    HIGH,
    LOW,
    X_HIGH,
    X_LOW,
    Numbers,
    Places,
)

RAW = -1
"""The level of a node that is one row of the record."""
LEAST_X = 1e-12
"""In epochs: no step is so small a part of one."""

Across = Callable[[Numbers], Numbers]
"""Where x stand on their axis."""


def linear(x: Numbers) -> Numbers:
    """On an even axis: x itself."""
    return x


def logarithmic(x: Numbers) -> Numbers:
    """On a logarithmic axis: powers of ten; what is not above 0 stands far to the left."""
    powers: Numbers = np.log10(np.maximum(x, LEAST_X))
    return powers


def column_width(low: float, high: float, columns: int) -> float:
    """The power of two that divides low … high into this many columns at most, and half of them at least.

    Powers of two, counted from 0, keep columns where they are while the range grows: the picture rests.
    """
    span = max(high - low, np.finfo(float).tiny)
    return float(2.0 ** np.ceil(np.log2(span / max(columns, 1))))


def aligned(start: int, stop: int) -> tuple[Places, Places]:
    """Levels and numbers of the largest whole blocks that make up rows start … stop, in order."""
    left: list[tuple[int, int, int]] = []
    right: list[tuple[int, int, int]] = []
    level, low, high = RAW, start, stop
    while low < high:
        parts = BLOCK if level == RAW else FANOUT
        inner_low, inner_high = -(-low // parts), high // parts
        if inner_low >= inner_high:
            left.append((level, low, high))
            break
        left.append((level, low, inner_low * parts))
        right.append((level, inner_high * parts, high))
        level, low, high = level + 1, inner_low, inner_high
    runs = [*left, *reversed(right)]
    if not runs:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    levels = np.concatenate([np.full(high - low, level) for level, low, high in runs])
    return levels, np.concatenate([np.arange(low, high) for _, low, high in runs])


def group_starts(x: Numbers, width: float) -> Places:
    """The nodes that begin a column of this width; every node does where the width is 0."""
    if width <= 0:
        return np.arange(len(x))
    return np.flatnonzero(np.diff(np.floor(x / width), prepend=np.nan) != 0)


def points_of(columns: Numbers, x: Numbers) -> tuple[Numbers, Numbers]:
    """Two points for each column of pixels in their true order, one if they are the same, NaN for a gap."""
    low_first = columns[X_LOW] <= columns[X_HIGH]
    ends = np.stack([columns[[X_LOW, LOW]], columns[[X_HIGH, HIGH]]])  # (2, x and y, columns)
    one, other = np.where(low_first, ends, ends[::-1])
    filled, gaps = columns[FINITE] > 0, columns[GAPS] > 0
    keep = np.stack([filled, filled & (one != other).any(axis=0), gaps], axis=1)
    gap_x = np.where(filled, other[0], x)
    across = np.stack([one[0], other[0], gap_x], axis=1)
    upward = np.stack([one[1], other[1], np.full(len(x), np.nan)], axis=1)
    return across[keep], upward[keep]
