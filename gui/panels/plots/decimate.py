"""Decimation of long lines: minimum and maximum per column of pixels.

A frame reads a few thousand blocks of a pyramid, whether the run has a thousand steps or a hundred million,
and what was recorded since the last frame. Pure NumPy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.training.history import Record
from gui.panels.plots.pixel_columns import RAW, Across, aligned, column_width, group_starts, linear, points_of
from gui.panels.plots.pyramid import (
    BLOCK,
    FANOUT,
    FINITE,
    GAPS,
    SUMMARY_ROWS,
    TOTAL,
    Growing,
    Numbers,
    Places,
    Pyramid,
    merged,
    summaries_of_rows,
)

SAMPLE_PIECES = 64
SLICE_ROWS = 4096
"""Rows taken in at a time: few enough that a slice of a wide record stays in the cache for all columns."""


@dataclass(frozen=True)
class Nodes:
    """Rows of a record in order, as blocks and single rows, none of them wider in x than was asked."""

    levels: Places
    numbers: Places
    """Number of the block in its level, or of the row."""
    x: Numbers
    """Where each begins."""
    first: int
    last: int
    """The first and the last of the rows."""


class Sampler:
    """Shows columns of a record along one of them, which must not decrease.

    Call `catch_up`, then `look`, in each frame; both are bounded in time, whatever the record's length.
    """

    def __init__(self, record: Record, along: str, columns: Sequence[str]) -> None:
        self.record = record
        self._along = along
        self._pyramids = {name: Pyramid() for name in columns}
        self._edges = Growing(1)
        """x where each block of the lowest level begins, and at the end of the last one."""
        self._rows = 0
        """Rows that are in the pyramids; a multiple of BLOCK."""
        self._count = 0

    @property
    def count(self) -> int:
        """Rows that can be shown now."""
        return self._count

    def catch_up(self, values: int) -> bool:
        """Take in about so many of the numbers recorded since; False while more are waiting."""
        available = self.record.count
        complete = available // BLOCK * BLOCK
        while self._rows < complete and values > 0:
            stop = min(complete, self._rows + SLICE_ROWS)
            x = self.record.read(self._along, self._rows, stop)
            for name, pyramid in self._pyramids.items():
                pyramid.append(x, self.record.read(name, self._rows, stop))
            # The end of the last block gives way to the beginning of the next.
            self._edges.count = max(self._edges.count - 1, 0)
            self._edges.append(np.append(x[::BLOCK], x[-1])[None])
            values -= (stop - self._rows) * (1 + len(self._pyramids))
            self._rows = stop
        done = self._rows == complete
        self._count = available if done else self._rows
        return done

    def x_at(self, row: int) -> float:
        return self.value_at(self._along, row)

    def value_at(self, column: str, row: int) -> float:
        """The recorded number itself."""
        return float(self.record.read(column, row, row + 1)[0])

    def nearest(self, x: float) -> int:
        """The row whose x is nearest; there must be rows."""
        row = self._rows_below(x)
        near = [place for place in (row - 1, row) if 0 <= place < self._count]
        return min(near, key=lambda place: abs(self.x_at(place) - x))

    def gaps(self, column: str) -> int:
        """How many of the values up to now are NaN or infinite."""
        tail = self.record.read(column, self._rows, self._count)
        return self._pyramids[column].gaps + int(np.count_nonzero(~np.isfinite(tail)))

    def look(self, low: float, high: float, points: int, across: Across = linear) -> "Look":
        """What lies between two x, and one row beyond on either side, in about `points` points at most.

        across : where an x stands on its axis, which is divided into columns of one width.
        """
        start = max(self._rows_below(low) - 1, 0)
        stop = min(self._rows_below(float(np.nextafter(high, np.inf))) + 1, self._count)
        left, right = across(np.array([low, high]))
        width = column_width(left, right, points // 2) if stop - start > points else 0.0
        return Look(self, self.nodes(start, stop, width, across), width, across)

    def rows_between(self, low: float, high: float) -> tuple[int, int]:
        """The first row whose x is not below `low`, and the one after the last that is not above `high`."""
        return self._rows_below(low), self._rows_below(float(np.nextafter(high, np.inf)))

    def sample(self, column: str, start: int, stop: int) -> Numbers:
        """About a thousand values of these rows: all of fewer, else evenly spread pieces of neighbours."""
        if stop - start <= 2 * SAMPLE_PIECES * BLOCK:
            return self.record.read(column, start, stop)
        begins = np.linspace(start, stop - BLOCK, SAMPLE_PIECES).astype(int).tolist()
        return np.concatenate([self.record.read(column, row, row + BLOCK) for row in begins])

    def nodes(self, start: int, stop: int, width: float, across: Across = linear) -> Nodes:
        """Rows start … stop as the largest blocks that are not wider than this."""
        levels, numbers = aligned(start, min(stop, self._rows))
        for level in range(int(levels.max(initial=RAW)), RAW, -1):
            wide = levels == level
            wide[wide] = self._extents(level, numbers[wide], across) > width
            if not wide.any():
                continue
            parts = FANOUT if level else BLOCK
            repeats = np.where(wide, parts, 1)
            begins = np.cumsum(repeats) - repeats
            children = np.arange(repeats.sum()) - np.repeat(begins, repeats)
            split = np.repeat(wide, repeats)
            numbers, levels = np.repeat(numbers, repeats), np.repeat(levels, repeats)
            numbers = np.where(split, numbers * parts + children, numbers)
            levels = np.where(split, level - 1, levels)
        tail = np.arange(max(start, self._rows), stop)
        levels = np.append(levels, np.full(len(tail), RAW))
        numbers = np.append(numbers, tail)
        return Nodes(levels, numbers, self._x_of(levels, numbers), start, stop - 1)

    def summaries(self, column: str, nodes: Nodes) -> Numbers:
        """(SUMMARY_ROWS, nodes)."""
        out = np.empty((SUMMARY_ROWS, len(nodes.levels)))
        pyramid = self._pyramids[column]
        for level in range(int(nodes.levels.max(initial=RAW)) + 1):
            here = np.flatnonzero(nodes.levels == level)
            if len(here):
                out[:, here] = pyramid.summaries(level, nodes.numbers[here])
        here = np.flatnonzero(nodes.levels == RAW)
        if len(here):
            y = self._read_rows(column, nodes.numbers[here])
            out[:, here] = summaries_of_rows(nodes.x[here], y)
        return out

    def _rows_below(self, x: float) -> int:
        """How many of the rows have a smaller x."""
        block = int(np.searchsorted(self._edges.filled[0, : self._rows // BLOCK], x))
        start = max(block - 1, 0) * BLOCK
        stop = block * BLOCK if block * BLOCK < self._rows else self._count
        return start + int(np.searchsorted(self.record.read(self._along, start, stop), x))

    def _extents(self, level: int, blocks: Places, across: Across) -> Numbers:
        size = FANOUT**level
        edges = self._edges.filled[0]
        widths: Numbers = across(edges[(blocks + 1) * size]) - across(edges[blocks * size])
        return widths

    def _x_of(self, levels: Places, numbers: Places) -> Numbers:
        x = np.empty(len(levels))
        raw = levels == RAW
        if raw.any():
            x[raw] = self._read_rows(self._along, numbers[raw])
        blocks = ~raw
        if blocks.any():
            x[blocks] = self._edges.filled[0][numbers[blocks] * FANOUT ** levels[blocks]]
        return x

    def _read_rows(self, column: str, rows: Places) -> Numbers:
        """Values of ascending rows, which come in few runs."""
        if rows[-1] - rows[0] + 1 == len(rows):
            return self.record.read(column, int(rows[0]), int(rows[-1]) + 1)
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
        return np.concatenate([self.record.read(column, int(run[0]), int(run[-1]) + 1) for run in runs])


class Look:
    """One stretch of a record; the work that its columns have in common is done once."""

    def __init__(self, sampler: Sampler, nodes: Nodes, width: float, across: Across = linear) -> None:
        self._sampler = sampler
        self._nodes = nodes
        self._places = across(nodes.x)
        self._starts = group_starts(self._places, width)
        self._summaries: dict[str, Numbers] = {}

    @property
    def rows(self) -> int:
        """How many rows of the record this stretch has."""
        return self._nodes.last + 1 - self._nodes.first

    def extremes(self, column: str) -> tuple[Numbers, Numbers]:
        """(x, y) of recorded points: the extremes of every column of pixels, and the first and last row.

        NaN stands between points that are not to be joined: a value between them is not finite.
        """
        if not self.rows:
            return np.empty(0), np.empty(0)
        x, y = points_of(merged(self._parts(column), self._starts), self._nodes.x[self._starts])
        return self._with_ends(column, x, y)

    def means(self, column: str, width: float) -> tuple[Numbers, Numbers]:
        """(x, y): the mean of the finite values in every bin of this width on the axis; NaN for none.

        The line reaches from the first row in sight to the last.
        """
        if not self.rows:
            return np.empty(0), np.empty(0)
        parts, x, places = self._parts(column), self._nodes.x, self._places
        starts = group_starts(places, width)
        # A bin that is cut off by the end of the run would shake: it counts towards the one before.
        if len(starts) > 2 and places[-1] - places[starts[-1]] < width / 2:
            starts = starts[:-1]
        with np.errstate(over="ignore", invalid="ignore"):
            total, finite, gaps = np.add.reduceat(parts[[TOTAL, FINITE, GAPS]], starts, axis=1)
        y = np.full(len(starts), np.nan)
        # Finite values whose sum is beyond all numbers have a mean, but not one that can be drawn.
        np.divide(total, finite, out=y, where=(finite > 0) & np.isfinite(total))
        # A node is narrow beside a bin, so its beginning stands for its place.
        rows = parts[FINITE] + parts[GAPS]
        middles = np.add.reduceat(x * rows, starts) / (finite + gaps)
        foot = self._sampler.x_at(self._nodes.last)
        return np.concatenate([x[:1], middles, [foot]]), np.concatenate([y[:1], y, y[-1:]])

    def gap_places(self, column: str) -> Numbers:
        """x of the rows, or of the beginnings of their blocks, with values that are not finite."""
        if not self.rows:
            return np.empty(0)
        places: Numbers = self._nodes.x[self._parts(column)[GAPS] > 0]
        return places

    def _parts(self, column: str) -> Numbers:
        if column not in self._summaries:
            self._summaries[column] = self._sampler.summaries(column, self._nodes)
        return self._summaries[column]

    def _with_ends(self, column: str, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        sampler, first, last = self._sampler, self._nodes.first, self._nodes.last
        head, foot = sampler.x_at(first), sampler.x_at(last)
        if x[0] != head:
            x, y = np.append(head, x), np.append(sampler.value_at(column, first), y)
        if x[-1] != foot:
            x, y = np.append(x, foot), np.append(y, sampler.value_at(column, last))
        return x, np.where(np.isfinite(y), y, np.nan)
