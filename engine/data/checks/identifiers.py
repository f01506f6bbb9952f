"""Checks for columns that name or number things: identifiers, row numbers, codes, dates."""

import re
from collections.abc import Iterator

import numpy as np

from engine.data.checks.checked_table import CheckedTable
from engine.data.checks.empty_and_constant import about, names_of, titled
from engine.data.checks.finding import Finding, each, ignoring
from engine.data.checks.remedies import TakeAs
from engine.data.columns.texts import holds_dates
from engine.data.columns.types import FEWEST_ROWS, NEARLY_UNIQUE
from engine.data.encoders.categories import OneHot
from engine.data.table import Column

MANY_CATEGORIES = 50

IDENTIFIER_NAME = re.compile(
    r"^(id|uid|uuid|guid|key|index)$|[_ .\-](id|uid|uuid|guid|key|nr|no|number|index)$", re.IGNORECASE
)
"""user_id, Order No, index."""

CAMEL_NAME = re.compile(r"[a-z](ID|Id|Key|Nr|No)$")
"""userId; not "valid"."""

CODE_NAME = re.compile(
    r"(^|[_ .\-])(zip|zipcode|postal|postcode|plz|code|sku|icd\w*)([_ .\-]|$)", re.IGNORECASE
)
"""Numbers of columns that are called so name something, and measure nothing."""

FEWEST_CODES = 10

DENSE = 1.5
"""Different whole numbers that fill their range to at least 1 / this are numbered things."""


def row_number(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs that count the rows."""
    found = [one for one in checked.numbers if _counts_rows(one)]
    if len(found) == 1:
        sentence = f"“{found[0].name}” only counts the rows: ignore it."
    else:
        sentence = f"{len(found):,} columns only count the rows: {names_of(found)}. Ignore them."
    yield from about(found, "row_number", "Row number", sentence)


def dates(checked: CheckedTable) -> Iterator[Finding]:
    """Texts that are written as dates."""
    found = [one for one in _texts(checked) if holds_dates(one)]
    one = len(found) == 1
    name, holds = (f"“{found[0].name}”", "holds") if one else (names_of(found), "hold")
    it = "it" if one else "them"
    sentence = (
        f"{name} {holds} dates, which cannot be learned from as they are: a new date would be "
        f"like none before. Choose the type Date for {it}, which makes year, month and weekday of them, or "
        f"ignore {it}."
    )
    as_dates = (TakeAs(tuple(column.name for column in found), "date"),)
    yield from about(found, "dates", "Dates", sentence, first=as_dates)


def identifier(checked: CheckedTable) -> Iterator[Finding]:
    """Inputs that differ in nearly every row, and whole numbers that only number things."""
    texts = [
        one
        for one in _texts(checked)
        if one.rows - one.missing >= FEWEST_ROWS
        and one.distinct > NEARLY_UNIQUE * (one.rows - one.missing)
        and not holds_dates(one)
    ]
    numbers = [one for one in checked.numbers if _numbers_things(one) and not _counts_rows(one)]
    found = [*texts, *numbers]
    if len(found) == 1:
        one = found[0]
        what = "texts" if texts else "whole numbers"
        sentence = (
            f"“{one.name}” differs in nearly every row, {one.distinct:,} {what} in "
            f"{one.rows - one.missing:,} rows: it looks like a name or an identifier, from which nothing "
            "general can be learned. Ignore it."
        )
    else:
        facts = [(one.name, f"{one.distinct:,} in {one.rows - one.missing:,} rows") for one in found]
        sentence = (
            f"{len(found):,} columns differ in nearly every row and look like names or identifiers, from "
            f"which nothing general can be learned: {each(facts)}. Ignore them."
        )
    yield from about(found, "identifier", "Identifier", sentence)


def code_numbers(checked: CheckedTable) -> Iterator[Finding]:
    """Whole numbers in columns that are called codes: they name something, and measure nothing."""
    found = [
        one
        for one in checked.numbers
        if CODE_NAME.search(one.name)
        and one.distinct >= FEWEST_CODES
        and is_whole(one)
        and not _numbers_things(one)
    ]
    if not found:
        return
    names = tuple(one.name for one in found)
    one = len(found) == 1
    yield Finding(
        "code_like",
        f"{names_of(found)} {'holds' if one else 'hold'} whole numbers, but by the name they are codes: 8000 "
        "would not be twice 4000. As categories, each code is learned by itself.",
        names,
        titled("Code", found),
        remedies=(TakeAs(names, "category"), *ignoring(*names)),
        severity="hint",
    )


def many_categories(checked: CheckedTable) -> Iterator[Finding]:
    """Texts of so many different values that each of them as an input is a waste."""
    found = [
        one
        for one in _texts(checked)
        if _widens(checked, one)
        and one.distinct > MANY_CATEGORIES
        and one.distinct <= NEARLY_UNIQUE * (one.rows - one.missing)
        and not holds_dates(one)
    ]
    if len(found) == 1:
        sentence = (
            f"“{found[0].name}” has {found[0].distinct:,} categories, each of which becomes an input of its "
            "own. As codes for an Embedding layer they would be one."
        )
    else:
        facts = [(one.name, f"{one.distinct:,}") for one in found]
        sentence = (
            f"{len(found):,} columns have many categories, each of which becomes an input of its own: "
            f"{each(facts)}. As codes for an Embedding layer each column would be one input."
        )
    yield from about(found, "many_categories", "Many categories", sentence)


def _widens(checked: CheckedTable, column: Column) -> bool:
    """Whether each category becomes an input of its own: by the column's preparation, or the usual one."""
    chosen = checked.settings.column(column.name).preparation
    return checked.settings.categories == "one_hot" if chosen is None else chosen == OneHot()


def is_identifier_name(name: str) -> bool:
    """Whether a column is called as identifiers are: "user_id", "OrderNo"."""
    return bool(IDENTIFIER_NAME.search(name) or CAMEL_NAME.search(name))


def _texts(checked: CheckedTable) -> list[Column]:
    """Inputs of texts that are names of something; of sentences, each is expected to differ."""
    return [
        one
        for one in checked.inputs
        if one.kind in ("category", "code") and one.distinct > 1 and one.name not in checked.no_numbers
    ]


def _counts_rows(column: Column) -> bool:
    # The first rows first: of long columns only those that may count are looked at.
    head = np.diff(column.values[:FEWEST_ROWS])
    return (
        column.rows >= FEWEST_ROWS and bool((head == 1).all()) and bool((np.diff(column.values) == 1).all())
    )


def is_whole(column: Column) -> bool:
    values = column.values
    return bool((np.isnan(values[:100]) | (values[:100] % 1 == 0)).all()) and bool(
        (np.isnan(values) | (values % 1 == 0)).all()
    )


def _numbers_things(column: Column) -> bool:
    """Whole numbers that are all different, and fill a range or are called an identifier."""
    present = column.rows - column.missing
    if present < FEWEST_ROWS or column.distinct < 0.95 * present or not is_whole(column):
        return False
    if is_identifier_name(column.name):
        return True
    extent = float(np.nanmax(column.values) - np.nanmin(column.values)) + 1
    rising = bool((np.diff(column.values) > 0).all())
    return column.distinct == present and extent <= DENSE * present and not rising and present >= 50
