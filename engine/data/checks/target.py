"""Checks of the target, and of columns that give it away."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.examined import TRAINING, Examined
from engine.data.checks.finding import Finding, counted, each, first_rows, ignoring, leaving_out
from engine.data.checks.identifiers import MANY_CATEGORIES
from engine.data.column_text import absence, encoded, in_order, listed, value_indices
from engine.data.column_types import FEWEST_ROWS
from engine.data.encoded_texts import MISSING, count_indices
from engine.data.input_encoders import input_width
from engine.data.partition import table_names_parts
from engine.data.table import Column
from engine.errors import UserError
from engine.progress import Progress

RARE_CLASS_ROWS = 5

GIVEN_AWAY = 0.99
"""Fraction of rows for which a single column determines the class: too good to be a measurement."""

ROWS_PER_VALUE = 5
"""A column counts as giving the class away only if its values repeat this often; names always would."""

FEWEST_RANKS = 50
"""A column whose order is the target's gives it away only if both have so many different numbers."""

ROWS_PER_INPUT = 5
"""With fewer rows per input, a network learns the rows by heart."""

FEW_ROWS = 50

IMBALANCED = 0.9
"""With a larger fraction of the rows in one class, the fraction of right answers says little."""


def gives_away(examined: Examined) -> Iterator[Finding]:
    """Inputs that all but determine the target."""
    target = examined.predicted
    if target is None:
        return
    if examined.task == "regression":
        found = [one.name for one in _rising_with(examined, target) if _same_order(one, target)]
    else:
        found = [one.name for one in examined.inputs if _determines(one, target, examined.here)]
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


def _rising_with(examined: Examined, target: Column) -> list[Column]:
    """Inputs that rise or fall with the target, in the rows that are looked at first; all columns at once."""
    if target.kind != "number" or not examined.numbers:
        return []
    predicted = target.values[examined.sample]
    order = np.argsort(predicted, kind="stable")[: np.count_nonzero(~np.isnan(predicted))]
    steps = np.diff(examined.sampled[order[:: max(len(order) // 1000, 1)]], axis=0)
    equal = np.diff(predicted[order[:: max(len(order) // 1000, 1)]]) == 0
    either = np.isnan(steps) | equal[:, np.newaxis]
    rising = (either | (steps >= 0)).all(axis=0) | (either | (steps <= 0)).all(axis=0)
    return [examined.numbers[number] for number in np.flatnonzero(rising).tolist()]


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
    values = value_indices(column, progress.part(0.0, 0.4))
    classes = value_indices(target, progress.part(0.4, 0.8))
    both = (values != MISSING) & (classes != MISSING)
    rows = int(both.sum())
    most = rows / ROWS_PER_VALUE
    if rows < max(FEWEST_ROWS, len(both) / 2) or column.distinct > most or target.distinct > most:
        return False
    values, classes = values[both], classes[both]
    each_value, each_class = int(values.max()) + 1, int(classes.max()) + 1
    # Pairs that occur, not a table of all: two columns of 10,000 values each would make it gigantic.
    pairs, times = np.unique(values.astype(np.int64) * each_class + classes, return_counts=True)
    progress.check()
    most_often = np.zeros(each_value, dtype=np.intp)
    np.maximum.at(most_often, pairs // each_class, times)
    wrong = rows - int(most_often.sum())
    wrong_without = rows - int(count_indices(classes, each_class).max())
    # Where one class is rare, always saying the other one is right too: that is not the column's doing.
    return wrong <= (1 - GIVEN_AWAY) * rows and wrong <= (1 - GIVEN_AWAY) * wrong_without


def missing_target(examined: Examined) -> Iterator[Finding]:
    """Rows without a target."""
    target = examined.predicted
    if target is not None and target.missing:
        rows = "1 row is" if target.missing == 1 else f"{target.missing:,} rows are"
        absent = target.texts.indices == MISSING if target.holds_texts else np.isnan(target.values)
        where = examined.original(np.flatnonzero(absent)[:500])
        yield Finding(
            "missing_target",
            f"{rows} left out, because the target “{target.name}” is {absence(target)} there.",
            (target.name,),
            "Rows without a target",
            "warning",
            tuple(where.tolist()),
            target.missing,
        )


def rare_classes(examined: Examined) -> Iterator[Finding]:
    """Classes with next to no rows."""
    target = examined.predicted
    if target is None or not examined.classifies or target.distinct > MANY_CATEGORIES:
        return
    rare = in_order(text for text, rows in encoded(target).tally().items() if rows < RARE_CLASS_ROWS)
    if rare:
        texts = encoded(target)
        counts = texts.counts[texts.indices]
        few = np.flatnonzero((texts.indices != MISSING) & (counts < RARE_CLASS_ROWS))
        rows = examined.original(few)
        yield Finding(
            "rare_classes",
            f"Classes with fewer than {RARE_CLASS_ROWS} rows: {listed(rare)}. There is little to learn "
            "them from, and less to check them by.",
            (target.name,),
            "Rare classes",
            rows=first_rows(rows),
            count=len(rows),
            remedies=leaving_out(rows),
        )


def imbalance(examined: Examined) -> Iterator[Finding]:
    """One class in nearly all rows."""
    target = examined.predicted
    if target is None or not examined.classifies or not 2 <= target.distinct <= MANY_CATEGORIES:
        return
    tally = encoded(target).tally()
    rows, usual = sum(tally.values()), max(tally, key=lambda name: tally[name])
    if rows >= FEWEST_ROWS and tally[usual] >= IMBALANCED * rows:
        others = [(name, counted(tally[name], "row")) for name in in_order(tally) if name != usual]
        yield Finding(
            "imbalance",
            f"{tally[usual]:,} of {rows:,} rows are “{usual}”; the others: {each(others)}. Always saying "
            f"“{usual}” would be right for {tally[usual] / rows:.1%}: judge by balanced accuracy or F1, and "
            "let the loss balance the classes.",
            (target.name,),
            "Unequal classes",
        )


def few_rows(examined: Examined) -> Iterator[Finding]:
    """So few rows that what is learned from them cannot hold, or cannot be checked."""
    if not examined.inputs:
        return
    settings = examined.settings
    # Names and identifiers are found by another check; each of them would be an input.
    usual = [
        one for one in examined.inputs if one.kind not in ("category", "code") or one.distinct <= one.rows / 2
    ]
    width = sum(_width(one, examined) for one in usual)
    present = examined.rows - (examined.predicted.missing if examined.predicted is not None else 0)
    training = int(present * settings.split.training)
    if table_names_parts(settings):
        training = int((examined.part_of_rows == TRAINING).sum())
    if 0 < training < ROWS_PER_INPUT * width and width > 1:
        yield Finding(
            "few_rows",
            f"About {training:,} rows to train on for {width:,} inputs, {training / width:.2g} for each: a "
            "network can learn them by heart. Use fewer columns, a small network and L2, or get more rows.",
            title="Few rows for many inputs",
        )
    elif 0 < present < FEW_ROWS:
        held_out = round(present * settings.split.validation)
        yield Finding(
            "few_rows",
            f"{counted(present, 'row')} in all, of which validation gets {held_out:,}: scores say little.",
            title="Few rows",
            severity="hint",
        )


def _width(column: Column, examined: Examined) -> int:
    """How many inputs a column becomes; 1 where what is chosen does not suit it, which is said elsewhere."""
    settings, target = examined.settings, examined.predicted
    outputs = target.distinct if target is not None and examined.classifies else 1
    chosen = settings.column(column.name)
    with suppress(UserError):
        return input_width(column, settings.missing, settings.categories, chosen, outputs)
    return 1
