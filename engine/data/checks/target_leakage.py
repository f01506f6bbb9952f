"""Target leakage: columns that give the target away."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.finding import Finding, ignoring
from engine.data.columns.encoded_texts import MISSING, count_indices
from engine.data.columns.texts import listed, value_indices
from engine.data.columns.types import FEWEST_ROWS
from engine.data.table import Column
from engine.progress import Progress

GIVEN_AWAY = 0.99
"""Fraction of rows for which a single column determines the class: too good to be a measurement."""

ROWS_PER_VALUE = 5
"""A column counts as giving the class away only if its values repeat this often; names always would."""

MANY_ROWS, MANY_VALUES = 100_000, 1000
SURELY_NOT = 0.03
"""A column with more rows and values is examined whole only if, for a sample of its values, no larger
fraction of the rows is misclassified by their most frequent class."""

FEWEST_RANKS = 50
"""A column whose order is the target's gives it away only if both have so many different numbers."""


def gives_away(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs that all but determine the target."""
    target = checked.predicted
    if target is None:
        return
    if checked.task == "regression":
        found = [one.name for one in _rising_with(checked, target) if _same_order(one, target)]
    else:
        found = [one.name for one in checked.inputs if _determines(one, target, checked.here)]
    if not found:
        return
    if len(found) == 1:
        sentence = (
            f"“{found[0]}” almost determines the target “{target.name}”: a model would learn nothing else."
        )
        sentence += " Ignore it, unless it is known before the target is."
    else:
        sentence = (
            f"{len(found):,} columns almost determine the target “{target.name}” each: {listed(found)}. A "
            "model would learn nothing else. Ignore them, unless they are known before the target is."
        )
    title = "Gives the target away"
    title = title if len(found) == 1 else f"Give the target away: {len(found):,} columns"
    yield Finding("gives_target_away", sentence, tuple(found), title, "serious", remedies=ignoring(*found))


def _rising_with(checked: CheckedTable, target: Column) -> list[Column]:
    """Inputs that rise or fall with the target, in the rows that are looked at first; all columns at once."""
    if target.kind != "number" or not checked.numbers:
        return []
    predicted = target.values[checked.sample]
    order = np.argsort(predicted, kind="stable")[: np.count_nonzero(~np.isnan(predicted))]
    steps = np.diff(checked.sampled[order[:: max(len(order) // 1000, 1)]], axis=0)
    equal = np.diff(predicted[order[:: max(len(order) // 1000, 1)]]) == 0
    either = np.isnan(steps) | equal[:, np.newaxis]
    rising = (either | (steps >= 0)).all(axis=0) | (either | (steps <= 0)).all(axis=0)
    return [checked.numbers[number] for number in np.flatnonzero(rising).tolist()]


def _same_order(column: Column, target: Column) -> bool:
    """Whether the target is the column in another unit, or rises or falls with it throughout."""
    both = ~np.isnan(column.values) & ~np.isnan(target.values)
    x, y = column.values[both], target.values[both]
    if len(x) < FEWEST_ROWS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return False
    with np.errstate(all="ignore"):
        linear = bool(abs(np.corrcoef(x, y)[0, 1]) > 1 - 1e-6)
    return linear or _rises_together(x, y)


def _rises_together(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    if min(len(np.unique(x)), len(np.unique(y))) < FEWEST_RANKS:
        return False
    rising = y[np.lexsort((y, x))]
    falling = y[np.lexsort((-y, x))]
    return bool((np.diff(rising) >= 0).all() or (np.diff(falling) <= 0).all())


def _determines(column: Column, target: Column, progress: Progress) -> bool:
    """Whether knowing the column's value is knowing the class, in nearly all rows that have both."""
    # Asked for all rows first: names in millions of rows need not be compared with the classes.
    if target.distinct < 2 or not 2 <= column.distinct <= column.rows / ROWS_PER_VALUE:
        return False
    if column.rows > MANY_ROWS and column.distinct > MANY_VALUES:
        # Of some of its values all rows: where these do not nearly determine the class, all do not.
        some = _rows_of_some_values(column)
        wrong, without = _wrongly_told(column.take(some), target.take(some), progress)
        if wrong > SURELY_NOT * without:
            return False
    wrong, without = _wrongly_told(column, target, progress)
    return wrong <= (1 - GIVEN_AWAY) * without


def _rows_of_some_values(column: Column) -> NDArray[np.intp]:
    """About `MANY_ROWS` rows: all those of some values, which a hash chooses."""
    values = column.texts.indices.astype(np.int64) if column.holds_texts else column.values.view(np.int64)
    every = np.uint64(max(column.rows // MANY_ROWS, 1))
    hashes = values.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return np.flatnonzero((hashes >> np.uint64(32)) % every == 0)


def _wrongly_told(column: Column, target: Column, progress: Progress) -> tuple[float, float]:
    """Rows whose class is not the most frequent one of their value, and not the most frequent one of all.

    Where one class is rare, always saying the other one is right too: that is not the column's doing. The
    first is infinite where the values repeat too seldom to tell.
    """
    values = value_indices(column, progress.part(0.0, 0.4))
    classes = value_indices(target, progress.part(0.4, 0.8))
    both = (values != MISSING) & (classes != MISSING)
    rows = int(both.sum())
    most = rows / ROWS_PER_VALUE
    if rows < max(FEWEST_ROWS, len(both) / 2) or column.distinct > most or target.distinct > most:
        return math.inf, 1.0
    values, classes = values[both], classes[both]
    each_value, each_class = int(values.max()) + 1, int(classes.max()) + 1
    # Pairs that occur, not a table of all: two columns of 10,000 values each would make it gigantic.
    pairs, times = np.unique(values.astype(np.int64) * each_class + classes, return_counts=True)
    progress.check()
    most_often = np.zeros(each_value, dtype=np.intp)
    np.maximum.at(most_often, pairs // each_class, times)
    wrong = rows - int(most_often.sum())
    return wrong, min(rows, rows - int(count_indices(classes, each_class).max()))
