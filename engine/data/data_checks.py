"""Checks a table before training on it; findings are sentences that say what to do."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from engine.data.column_text import (
    absence,
    different_texts,
    encoded,
    holds_dates,
    in_order,
    listed,
    value_indices,
)
from engine.data.column_types import FEWEST_ROWS, NEARLY_UNIQUE
from engine.data.encoded_texts import MISSING, count_indices
from engine.data.encoders.base import Categories, ColumnPreparation
from engine.data.encoders.categories import OneHot
from engine.data.encoders.numbers import AsTheyAre
from engine.data.roles import role_of
from engine.data.settings import DataSettings
from engine.data.table import Column, Table
from engine.errors import UserError
from engine.progress import Progress
from engine.tasks import Task

MANY_CATEGORIES = 50

MOSTLY_MISSING = 0.5

RARE_CLASS_ROWS = 5

ROUNDED = 0.01
"""From this fraction of the standard deviation on, rounding to float32 loses what could be learned."""

GIVEN_AWAY = 0.99
"""Fraction of rows for which a single column determines the class: too good to be a measurement."""

ROWS_PER_VALUE = 5
"""A column counts as giving the class away only if its values repeat this often; names always would."""


@dataclass(frozen=True)
class Finding:
    """A sentence about the data.

    kind : what was found, for programs: "constant", "dates". `ignore` names a column whose ignoring would
    solve it, `put_first` the kind of layer that would, as the first layer.
    """

    kind: str
    sentence: str
    column: str | None = None
    ignore: str | None = None
    put_first: str | None = None


def findings(
    table: Table,
    settings: DataSettings,
    target: Column | None,
    task: Task | None,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """All findings, the most serious first. target : for reconstruction, what labels the samples."""
    progress = progress or Progress()
    inputs = [
        column
        for column in table.columns
        if column is not target and role_of(settings, column.name, None) == "input" and column.kind != "image"
    ]
    predicted = target if task != "reconstruction" else None
    if predicted is not None and predicted.kind != "image":
        for column, step in zip(inputs, progress.parts(len(inputs)), strict=True):
            step.report(0.0)
            yield from _gives_away(column, predicted, task, step)
    for column in inputs:
        progress.check()
        chosen = settings.column(column.name).preparation
        widens = settings.categories if chosen is None else "one_hot" if chosen == OneHot() else "integer"
        yield from _of_input(column, table.rows, widens)
        if role_of(settings, column.name, None) == "input":
            yield from _of_precision(column, settings)
    if predicted is not None and predicted.kind != "image":
        yield from _of_target(predicted, task)
        if task == "regression" and not settings.scale_target:
            yield from lost_digits(predicted, AsTheyAre())
    strangers = [name for name in settings.ignored if name not in {column.name for column in table.columns}]
    if strangers:
        verb = "is" if len(strangers) == 1 else "are"
        yield Finding(
            "unknown_column", f"Ignored, but not in the table: {listed(strangers)} {verb} without effect."
        )


def _gives_away(column: Column, target: Column, task: Task | None, progress: Progress) -> Iterator[Finding]:
    if task == "regression":
        given = column.kind == "number" and target.kind == "number" and _same_up_to_scale(column, target)
    else:
        given = _determines(column, target, progress)
    if given:
        yield Finding(
            "gives_target_away",
            f"“{column.name}” almost determines the target “{target.name}”: a model would learn nothing "
            "else. Ignore it, unless it is known before the target is.",
            column.name,
            column.name,
        )


def _same_up_to_scale(column: Column, target: Column) -> bool:
    both = ~np.isnan(column.values) & ~np.isnan(target.values)
    x, y = column.values[both], target.values[both]
    if len(x) < FEWEST_ROWS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return False
    with np.errstate(all="ignore"):
        return bool(abs(np.corrcoef(x, y)[0, 1]) > 1 - 1e-6)


def _determines(column: Column, target: Column, progress: Progress) -> bool:
    """Whether knowing the column's value is knowing the class, in nearly all rows that have both."""
    # Asked for all rows first: names in millions of rows need not be compared with the classes.
    if not 2 <= column.distinct <= column.rows / ROWS_PER_VALUE:
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


def _of_input(column: Column, rows: int, categories: Categories) -> Iterator[Finding]:
    present = rows - column.missing
    name = f"“{column.name}”"
    if present == 0:
        none = "finite value" if column.infinite else "values at all"
        yield Finding("empty", f"{name} has no {none}: ignore it.", column.name, column.name)
    elif column.distinct == 1 and not column.missing:
        only = different_texts(column)[0]
        yield Finding(
            "constant", f"{name} is {only} in every row and tells nothing.", column.name, column.name
        )
    elif column.kind in ("category", "code"):
        yield from _of_category(column, present, categories)
    elif column.kind == "number" and _counts_rows(column, rows):
        yield Finding("row_number", f"{name} only counts the rows: ignore it.", column.name, column.name)
    if 0 < present < (1 - MOSTLY_MISSING) * rows:
        where = f"{column.missing:,} of {rows:,} rows"
        yield Finding("mostly_missing", f"{name} is {absence(column)} in {where}.", column.name, column.name)
    elif column.infinite and present:
        in_rows = "1 row" if column.infinite == 1 else f"{column.infinite:,} rows"
        yield Finding("infinite", f"{name} is infinite in {in_rows}, which counts as missing.", column.name)


def _of_category(column: Column, present: int, categories: Categories) -> Iterator[Finding]:
    if holds_dates(column):
        yield Finding(
            "dates",
            f"“{column.name}” holds dates, which cannot be learned from as they are: a new date would be "
            "like none before. Choose the type Date for it, which makes year, month and weekday of them, or "
            "ignore it.",
            column.name,
            column.name,
        )
    elif present >= FEWEST_ROWS and column.distinct > NEARLY_UNIQUE * present:
        yield Finding(
            "identifier",
            f"“{column.name}” differs in nearly every row, {column.distinct:,} texts in {present:,} rows: it "
            "looks like a name or an identifier, from which nothing general can be learned. Ignore it.",
            column.name,
            column.name,
        )
    elif column.distinct > MANY_CATEGORIES and categories == "one_hot":
        yield Finding(
            "many_categories",
            f"“{column.name}” has {column.distinct:,} categories, each of which becomes an input of its own. "
            "As codes for an Embedding layer they would be one.",
            column.name,
            column.name,
        )


def _of_precision(column: Column, settings: DataSettings) -> Iterator[Finding]:
    """Whether the network's usual precision can tell the prepared numbers apart."""
    if column.kind != "number" or not column.distinct:
        return
    # What does not suit the column is told elsewhere.
    with suppress(UserError):
        chosen = settings.column(column.name).preparation_of(column, settings.scaling, settings.categories)
        if chosen is not None:
            yield from lost_digits(column, chosen)


def lost_digits(column: Column, preparation: ColumnPreparation) -> Iterator[Finding]:
    """Whether float32 rounds the prepared numbers by more than `ROUNDED` of their standard deviation."""
    if not isinstance(preparation, AsTheyAre):
        # All others bring the values near 0, where float32 has the digits.
        return
    values = column.values[~np.isnan(column.values)]
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = values.astype(np.float32)
        error = np.sqrt(np.mean((rounded - values) ** 2))
        lost = error > ROUNDED * values.std()
    if lost and column.distinct > 1:
        left = len(np.unique(rounded))
        yield Finding(
            "float32",
            f"“{column.name}” is not scaled, and float32 keeps {left:,} of its {column.distinct:,} different "
            "values apart: the others are rounded away. Scale it, or choose the precision float64.",
            column.name,
        )


def _counts_rows(column: Column, rows: int) -> bool:
    steps = np.diff(column.values)
    return rows >= FEWEST_ROWS and bool(np.all(steps == 1))


def _of_target(target: Column, task: Task | None) -> Iterator[Finding]:
    if target.missing:
        rows = "1 row is" if target.missing == 1 else f"{target.missing:,} rows are"
        yield Finding(
            "missing_target",
            f"{rows} left out, because the target “{target.name}” is {absence(target)} there.",
            target.name,
        )
    if task in ("classification", "binary") and target.distinct <= MANY_CATEGORIES:
        rare = in_order(text for text, rows in encoded(target).tally().items() if rows < RARE_CLASS_ROWS)
        if rare:
            yield Finding(
                "rare_classes",
                f"Classes with fewer than {RARE_CLASS_ROWS} rows: {listed(rare)}. There is little to learn "
                "them from, and less to check them by.",
                target.name,
            )
