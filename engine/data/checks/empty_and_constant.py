"""Checks of single columns: constant, nearly constant, empty, mostly missing."""

from collections.abc import Iterator

import numpy as np

from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.finding import Finding, counted, each, first_row_numbers, ignoring
from engine.data.checks.remedies import Remedy
from engine.data.columns.dates import date_text
from engine.data.columns.texts import absence, different_texts, listed, value_text
from engine.data.table import Column

MOSTLY_MISSING = 0.5

NEARLY_CONSTANT, MOST_OTHERS = 0.99, 20
"""A column is nearly constant if this fraction of its rows has one value, and at most so many have others."""


def empty(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs without any value."""
    found = [one for one in checked.inputs if one.missing == one.rows]
    if len(found) == 1:
        none = "finite value" if found[0].infinite else "values at all"
        sentence = f"“{found[0].name}” has no {none}: ignore it."
    else:
        sentence = f"{len(found):,} columns have no finite values at all: {names_of(found)}. Ignore them."
    yield from about(found, "empty", "No values", sentence)


def constant(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs with the same value in every row."""
    found = [one for one in checked.inputs if one.distinct == 1 and not one.missing]
    facts = [(one.name, different_texts(one)[0]) for one in found[:5]]
    if len(found) == 1:
        sentence = f"“{found[0].name}” is {facts[0][1]} in every row and tells nothing."
    else:
        more = f" and {len(found) - 5:,} more" if len(found) > 5 else ""
        sentence = f"{len(found):,} columns are constant and tell nothing: {each(facts)}{more}."
    yield from about(found, "constant", "Constant", sentence)


def nearly_constant(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs with one value in all but a few rows: most of those may be in one part alone."""
    found, facts, others = [], [], []
    numbers = dict(zip((one.name for one in checked.numbers), range(len(checked.numbers)), strict=True))
    median = checked.quantile(0.5)
    agreeing = (checked.sampled == median).sum(axis=0) if numbers else median
    for column in checked.inputs:
        present = column.rows - column.missing
        if not 2 <= column.distinct <= MOST_OTHERS + 1 or present * (1 - NEARLY_CONSTANT) < 1:
            continue
        if column.holds_texts:
            counts = column.texts.counts
            most = int(counts.argmax())
            usual = column.texts.indices == most
            value = column.texts.decoded(np.array([most], np.int32))[0]
        else:
            at = numbers.get(column.name)
            # In the sample already it would be the value of nearly all rows.
            if at is not None and agreeing[at] < 0.9 * checked.present[at]:
                continue
            middle = float(median[at]) if at is not None else float(np.nanmedian(column.values))
            usual = column.values == middle
            value = _text(column, middle)
        few = present - int(usual.sum())
        if 0 < few <= min((1 - NEARLY_CONSTANT) * present, MOST_OTHERS):
            found.append(column)
            facts.append((column.name, f"{value} in all but {counted(few, 'row')}"))
            if len(found) == 1:
                absent = column.texts.indices < 0 if column.holds_texts else np.isnan(column.values)
                others.append(np.flatnonzero(~usual & ~absent))
    if len(found) == 1:
        sentence = f"“{found[0].name}” is {facts[0][1]}: too few to learn from, or to check by."
    else:
        sentence = f"{len(found):,} columns hardly vary: {each(facts)}."
    rows = first_row_numbers(others[0]) if len(found) == 1 else ()
    yield from about(found, "near_constant", "Nearly constant", sentence, rows, "hint")


def _text(column: Column, value: float) -> str:
    """A value as the table has it."""
    if column.kind == "date":
        return date_text(value)
    return value_text(value) if column.kind == "number" else column.labels[int(value)]


def mostly_missing(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs that have no value in more than half of the rows."""
    found = [one for one in checked.inputs if 0 < one.rows - one.missing < (1 - MOSTLY_MISSING) * one.rows]
    if len(found) == 1:
        one = found[0]
        sentence = f"“{one.name}” is {absence(one)} in {one.missing:,} of {one.rows:,} rows."
    else:
        facts = [(one.name, f"{one.missing:,} of {one.rows:,} rows") for one in found[:6]]
        more = f" and {len(found) - 5:,} more" if len(found) > 5 else ""
        sentence = f"{len(found):,} columns are missing in most rows: {each(facts[:5])}{more}."
    yield from about(found, "mostly_missing", "Mostly missing", sentence)


def infinite(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs with infinite numbers, which count as missing."""
    found = [
        one
        for one in checked.inputs
        if one.infinite and (1 - MOSTLY_MISSING) * one.rows <= one.rows - one.missing
    ]
    if len(found) == 1:
        in_rows = counted(found[0].infinite, "row")
        sentence = f"“{found[0].name}” is infinite in {in_rows}, which counts as missing."
    else:
        facts = [(one.name, counted(one.infinite, "row")) for one in found]
        sentence = f"{len(found):,} columns have infinite numbers, which count as missing: {each(facts)}."
    if found:
        names = tuple(one.name for one in found)
        yield Finding("infinite", sentence, names, "Infinite", count=sum(one.infinite for one in found))


def unknown_columns(checked: CheckedTable) -> Iterator[Finding]:
    """Names that are ignored, but in no column."""
    known = {column.name for column in checked.whole.columns}
    strangers = [name for name in checked.settings.ignored if name not in known]
    if strangers:
        verb = "is" if len(strangers) == 1 else "are"
        yield Finding(
            "unknown_column",
            f"Ignored, but not in the table: {listed(strangers)} {verb} without effect.",
            title="Not in the table",
            severity="hint",
        )


def about(
    found: list[Column],
    kind: str,
    title: str,
    sentence: str,
    rows: tuple[int, ...] = (),
    severity: str = "warning",
    first: tuple[Remedy, ...] = (),
) -> Iterator[Finding]:
    """The finding of these columns, which can be ignored. first : remedies that are better."""
    if found:
        names = tuple(one.name for one in found)
        yield Finding(
            kind,
            sentence,
            names,
            titled(title, found),
            "hint" if severity == "hint" else "warning",
            rows,
            len(rows),
            (*first, *ignoring(*names)),
        )


def titled(title: str, found: list[Column]) -> str:
    return title if len(found) == 1 else f"{title}: {len(found):,} columns"


def names_of(found: list[Column]) -> str:
    return listed([one.name for one in found])
