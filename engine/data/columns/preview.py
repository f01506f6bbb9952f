"""What a column looks like at a glance: how its values are spread, and the texts of some of its rows.

Takes bounded time: of a large table, an even sample of its rows stands for all of them in the bars.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.dates import DAY_S, date_text
from engine.data.columns.texts import texts_of
from engine.data.table import Column, Table, different_values
from engine.progress import Progress

BARS = 12
"""As many bars as can be distinguished in the head of a column."""

SAMPLED_ROWS = 2**17
"""Rows whose values are counted; of a longer table every second, third, … row."""

FENCE = 3.0
"""Bars reach so many interquartile ranges beyond the quartiles at most: Tukey's outer fences, 1977."""


@dataclass(frozen=True)
class ColumnBars:
    """How the values of a column are spread.

    counts : rows in each bar, from left to right. labels : what each bar stands for: a value, or the numbers
    from its lower edge up to its upper one.
    ordered : whether the bars follow the order of the numbers; else the most frequent value comes first.
    others : values in no bar: far outliers, and values less frequent than those shown.
    all_different : no value comes twice, so that there is nothing to show but their number.
    step : 1, or the distance between the rows that were counted.
    """

    counts: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    ordered: bool = True
    others: int = 0
    all_different: bool = False
    step: int = 1


def column_bars(column: Column, sampled_rows: int = SAMPLED_ROWS) -> ColumnBars:
    """The bars of a column; none where it holds images, or no value."""
    if column.kind == "image" or column.missing == column.rows:
        return ColumnBars()
    step = -(-column.rows // sampled_rows)
    if column.holds_texts:
        return _of_texts(column, column.rows - column.missing)
    values = np.asarray(column.values[::step], np.float64)
    values = values[~np.isnan(values)]
    different = different_values(values)
    if column.kind == "boolean":
        counts = tuple(int((values == value).sum()) for value in (0.0, 1.0))
        return ColumnBars(counts, column.labels, step=step)
    if len(different) <= BARS:
        places = np.searchsorted(different, values)
        counts = tuple(np.bincount(places, minlength=len(different)).tolist())
        return ColumnBars(counts, _names(column, different), step=step)
    return _of_numbers(column, values, step)


def all_column_bars(table: Table, progress: Progress | None = None) -> tuple[ColumnBars, ...]:
    """The bars of each column; raises Cancelled once `progress` is cancelled."""
    progress = progress or Progress()
    found = []
    for column, part in zip(table.columns, progress.parts(len(table.columns)), strict=True):
        part.report(0.0)
        found.append(column_bars(column))
    return tuple(found)


def _of_texts(column: Column, present: int) -> ColumnBars:
    texts = column.texts
    occurring = texts.occurring
    counts = texts.counts[occurring]
    # Of equally frequent values, the one that stands first in the table.
    most = np.argsort(-counts, kind="stable")[:BARS]
    shown = texts.decoded(occurring[most]).tolist()
    all_different = len(occurring) == present > BARS
    return ColumnBars(
        tuple(counts[most].tolist()),
        tuple(map(str, shown)),
        ordered=False,
        others=int(present - counts[most].sum()),
        all_different=all_different,
    )


def _names(column: Column, values: NDArray[np.float64]) -> tuple[str, ...]:
    """How the column writes these values."""
    return tuple(map(str, texts_of(replace(column, values=values))))


def _of_numbers(column: Column, values: NDArray[np.float64], step: int) -> ColumnBars:
    """Bars of one width, over the range of the values without far outliers."""
    lowest, quartile, upper_quartile, highest = np.quantile(values, (0.0, 0.25, 0.75, 1.0)).tolist()
    reach = FENCE * (upper_quartile - quartile)
    if reach > 0:
        near = values[(values >= quartile - reach) & (values <= upper_quartile + reach)]
        lowest, highest = float(near.min()), float(near.max())
    edges = np.linspace(lowest, highest, BARS + 1)
    if not np.all(np.diff(edges) > 0):
        # So close together that no floats are left between them.
        return ColumnBars((len(values),), _names(column, np.array([lowest])), step=step)
    counts, _ = np.histogram(values, edges)
    if column.kind == "date":
        # To the day where a bar holds several of them, else to the second.
        unit = DAY_S if edges[1] - edges[0] >= DAY_S else 1
        marks = [date_text(edge) for edge in (np.floor(edges / unit) * unit).tolist()]
    else:
        marks = [f"{edge:.4g}" for edge in edges]
    names = tuple(f"{low} … {high}" for low, high in itertools.pairwise(marks))
    return ColumnBars(tuple(counts.tolist()), names, others=int(len(values) - counts.sum()), step=step)


def cell_texts(column: Column, rows: slice | NDArray[np.intp]) -> list[str | None]:
    """The values of some rows as texts, None where they are missing; of images their size."""
    if isinstance(rows, slice):
        rows = np.arange(*rows.indices(column.rows))
    if column.kind == "image":
        return [" × ".join(map(str, column.values.shape[1:]))] * len(rows)
    return [None if text is None else str(text) for text in texts_of(column.take(rows)).tolist()]
