"""Checks of the target: rows without one, rare classes, unequal classes, too few rows."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from engine.data.checks.checked_table import TRAINING, CheckedTable
from engine.data.checks.finding import Finding, counted, each, first_row_numbers, leaving_out
from engine.data.checks.identifiers import MANY_CATEGORIES
from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.texts import absence, encoded, in_order, listed
from engine.data.columns.types import FEWEST_ROWS
from engine.data.encoders.inputs import input_width
from engine.data.splitting.partition import table_names_parts
from engine.data.table import Column
from engine.errors import UserError

RARE_CLASS_ROWS = 5

ROWS_PER_INPUT = 5
"""With fewer rows per input, a network learns the rows by heart."""

FEW_ROWS = 50

IMBALANCED = 0.9
"""With a larger fraction of the rows in one class, the fraction of right answers says little."""


def missing_target(checked: CheckedTable) -> Iterator[Finding]:
    """Rows without a target."""
    target = checked.predicted
    if target is not None and target.missing:
        rows = "1 row is" if target.missing == 1 else f"{target.missing:,} rows are"
        absent = target.texts.indices == MISSING if target.holds_texts else np.isnan(target.values)
        where = checked.original(np.flatnonzero(absent)[:500])
        yield Finding(
            "missing_target",
            f"{rows} left out, because the target “{target.name}” is {absence(target)} there.",
            (target.name,),
            "Rows without a target",
            "warning",
            tuple(where.tolist()),
            target.missing,
        )


def rare_classes(checked: CheckedTable) -> Iterator[Finding]:
    """Classes with next to no rows."""
    target = checked.predicted
    if target is None or not checked.classifies or target.distinct > MANY_CATEGORIES:
        return
    rare = in_order(text for text, rows in encoded(target).tally().items() if rows < RARE_CLASS_ROWS)
    if rare:
        texts = encoded(target)
        counts = texts.counts[texts.indices]
        few = np.flatnonzero((texts.indices != MISSING) & (counts < RARE_CLASS_ROWS))
        rows = checked.original(few)
        yield Finding(
            "rare_classes",
            f"Classes with fewer than {RARE_CLASS_ROWS} rows: {listed(rare)}. There is little to learn "
            "them from, and less to check them by.",
            (target.name,),
            "Rare classes",
            rows=first_row_numbers(rows),
            count=len(rows),
            remedies=leaving_out(rows),
        )


def imbalance(checked: CheckedTable) -> Iterator[Finding]:
    """One class in nearly all rows."""
    target = checked.predicted
    if target is None or not checked.classifies or not 2 <= target.distinct <= MANY_CATEGORIES:
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


def few_rows(checked: CheckedTable) -> Iterator[Finding]:
    """So few rows that what is learned from them cannot hold, or cannot be checked."""
    if not checked.inputs:
        return
    settings = checked.settings
    # Names and identifiers are found by another check; each of them would be an input.
    usual = [
        one for one in checked.inputs if one.kind not in ("category", "code") or one.distinct <= one.rows / 2
    ]
    width = sum(_width(one, checked) for one in usual)
    present = checked.rows - (checked.predicted.missing if checked.predicted is not None else 0)
    training = int(present * settings.split.training)
    if table_names_parts(settings):
        training = int((checked.part_of_rows == TRAINING).sum())
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


def _width(column: Column, checked: CheckedTable) -> int:
    """How many inputs a column becomes; 1 where what is chosen does not suit it, which is said elsewhere."""
    settings, target = checked.settings, checked.predicted
    outputs = target.distinct if target is not None and checked.classifies else 1
    chosen = settings.column(column.name)
    with suppress(UserError):
        return input_width(column, settings.missing, settings.categories, chosen, outputs)
    return 1
