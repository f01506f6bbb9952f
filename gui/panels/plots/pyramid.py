"""Summaries of ever larger blocks of a column that only grows: extremes, where they are, sums, gaps.

A block of the lowest level is 16 rows; eight blocks make one of the next level. Pure NumPy.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

BLOCK = 16
"""Rows in a block of the lowest level."""
FANOUT = 8
"""Blocks in a block of the next level."""

LOW, HIGH, X_LOW, X_HIGH, TOTAL, FINITE, GAPS = range(7)
"""Rows of a summary: smallest and largest finite value, where they are, sum and number of the finite values,
number of the others. Where no value is finite, LOW is inf and HIGH is -inf."""
SUMMARY_ROWS = 7


class Growing:
    """A table (rows, columns) that grows by columns at its end, doubling its room."""

    def __init__(self, rows: int) -> None:
        self._room = np.empty((rows, 64))
        self.count = 0

    def append(self, columns: Numbers) -> None:
        needed = self.count + columns.shape[1]
        if needed > self._room.shape[1]:
            room = np.empty((len(self._room), max(needed, 2 * self._room.shape[1])))
            room[:, : self.count] = self.filled
            self._room = room
        self._room[:, self.count : needed] = columns
        self.count = needed

    @property
    def filled(self) -> Numbers:
        return self._room[:, : self.count]


class Pyramid:
    """The summaries of one column, level by level; only complete blocks are in it."""

    def __init__(self) -> None:
        self._levels = [Growing(SUMMARY_ROWS)]
        self.gaps = 0
        """Values so far that are NaN or infinite."""

    def append(self, x: Numbers, y: Numbers) -> None:
        """Take further rows; their number is a multiple of BLOCK."""
        summaries = summaries_of_values(x.reshape(-1, BLOCK), y.reshape(-1, BLOCK))
        self.gaps += int(summaries[GAPS].sum())
        self._levels[0].append(summaries)
        # As far as there are complete blocks: many rows at once may add several levels.
        for level in itertools.count(1):
            below = self._levels[level - 1]
            known = self._levels[level].count if level < len(self._levels) else 0
            fresh = below.filled[:, known * FANOUT : below.count // FANOUT * FANOUT]
            if not fresh.shape[1]:
                break
            if level == len(self._levels):
                self._levels.append(Growing(SUMMARY_ROWS))
            self._levels[level].append(merged(fresh, np.arange(0, fresh.shape[1], FANOUT)))

    def summaries(self, level: int, blocks: Places) -> Numbers:
        """(SUMMARY_ROWS, len(blocks))."""
        return self._levels[level].filled[:, blocks]


def summaries_of_values(x: Numbers, y: Numbers) -> Numbers:
    """x, y (blocks, values) → (SUMMARY_ROWS, blocks)."""
    out = np.empty((SUMMARY_ROWS, len(y)))
    finite = np.isfinite(y)
    low = high = kept = y
    if not finite.all():
        low, high = np.where(finite, y, np.inf), np.where(finite, y, -np.inf)
        kept = np.where(finite, y, 0.0)
    blocks = np.arange(len(y))
    lowest, highest = low.argmin(axis=1), high.argmax(axis=1)
    out[LOW], out[HIGH] = low[blocks, lowest], high[blocks, highest]
    out[X_LOW], out[X_HIGH] = x[blocks, lowest], x[blocks, highest]
    with np.errstate(over="ignore"):
        out[TOTAL] = kept.sum(axis=1)
    out[FINITE] = finite.sum(axis=1)
    out[GAPS] = y.shape[1] - out[FINITE]
    return out


def summaries_of_rows(x: Numbers, y: Numbers) -> Numbers:
    """Each value as a block of its own: x, y (rows,) → (SUMMARY_ROWS, rows)."""
    finite = np.isfinite(y)
    low, high, kept = np.where(finite, y, np.inf), np.where(finite, y, -np.inf), np.where(finite, y, 0.0)
    return np.stack([low, high, x, x, kept, finite, ~finite])


def merged(parts: Numbers, starts: Places) -> Numbers:
    """Neighbouring summaries as one, group by group: (SUMMARY_ROWS, parts) → (SUMMARY_ROWS, len(starts))."""
    out = np.empty((SUMMARY_ROWS, len(starts)))
    sizes = np.diff(np.append(starts, parts.shape[1]))
    for value, place, reduce in ((LOW, X_LOW, np.minimum), (HIGH, X_HIGH, np.maximum)):
        out[value] = reduce.reduceat(parts[value], starts)
        hits = np.flatnonzero(parts[value] == np.repeat(out[value], sizes))
        # Every group has a hit, so the first one at or after its start is its own.
        out[place] = parts[place][hits[np.searchsorted(hits, starts)]]
    with np.errstate(over="ignore", invalid="ignore"):
        out[TOTAL:] = np.add.reduceat(parts[TOTAL:], starts, axis=1)
    return out
