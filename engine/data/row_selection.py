"""Rows of a table that a person asks for: filtered by words and comparisons, and sorted by a column."""

import heapq
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.dates import DAY_S, seconds_of
from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.texts import first_texts, in_order, listed
from engine.data.table import Column, Table
from engine.errors import UserError, excerpt
from engine.progress import Progress, blocks

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    "≤": operator.le,
    ">=": operator.ge,
    "≥": operator.ge,
    "!=": operator.ne,
    "≠": operator.ne,
    "==": operator.eq,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_SIGNS = "|".join(map(re.escape, COMPARISONS))
_COMPARISON = re.compile(
    rf'\s*(?P<name>"[^"]+"|“[^”]+”|[^<>=≤≥≠!]+?)\s*(?P<sign>{_SIGNS})\s*(?P<value>.*?)\s*'
)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
NO_VALUE = "missing"
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
SORTED_AT_ONCE = 2**16
"""Texts that are sorted in one call, which holds the interpreter lock."""


def matching_rows(table: Table, text: str, progress: Progress | None = None) -> Rows:
    """The rows that fit a filter, rising: all of them for an empty one.

    text : words that a row holds anywhere ("Torgersen"), comparisons of a column with a value
    ("age > 40", `"bill length" <= 39.5`, "day < 2020-02-01", "sex = missing"), or several of these joined by
    "and". A date without a time is all of that day.
    Raises UserError where a comparison names no column, or compares what cannot be compared.
    """
    progress = progress or Progress()
    kept = np.ones(table.rows, bool)
    conditions = [part for part in _AND.split(text.strip()) if part]
    for condition, step in zip(conditions, progress.parts(max(len(conditions), 1)), strict=False):
        step.report(0.0)
        found = _COMPARISON.fullmatch(condition)
        if found is None:
            kept &= _holding(table, condition, step)
        else:
            name = found["name"].strip('"“”')
            kept &= _compared(_column(table, name), found["sign"], found["value"].strip('"“”'), step)
    return np.flatnonzero(kept)


def sorted_rows(column: Column, rows: Rows, descending: bool, progress: Progress | None = None) -> Rows:
    """The same rows in the order of a column; equal ones stay in order, and missing values come last.

    Texts that are numbers come by value before words by letter. Images have no order.
    """
    progress = progress or Progress()
    if column.kind == "image":
        return rows
    if column.holds_texts:
        ranks = _ranks(column, progress)
        values = ranks[column.texts.indices[rows]].astype(np.float64)
        values[column.texts.indices[rows] == MISSING] = np.nan
    else:
        values = column.values[rows]
    progress.check()
    order: Rows = np.argsort(-values if descending else values, kind="stable")
    progress.check()
    return rows[order]


def _ranks(column: Column, progress: Progress) -> NDArray[np.intp]:
    """For each index of a text its place among the texts in order."""
    texts = column.texts
    distinct = list(texts.all_different(progress))
    # In pieces: one call would hold the interpreter lock for seconds, where every row has a text of its own.
    pieces = [in_order(distinct[piece]) for piece in blocks(len(distinct), progress, SORTED_AT_ONCE)]
    places = {text: place for place, text in enumerate(heapq.merge(*pieces, key=_key))}
    ranks = np.zeros(len(texts.bounds), np.intp)
    for index, text in zip(texts.occurring.tolist(), distinct, strict=True):
        ranks[index] = places[text]
    return ranks


def _key(text: str) -> tuple[bool, float, str]:
    """Numbers by value before words by letter, as `in_order` sorts."""
    try:
        value = float(text)
    except ValueError:
        return True, 0.0, text
    return (True, 0.0, text) if np.isnan(value) else (False, value, text)


def _column(table: Table, name: str) -> Column:
    for column in table.columns:
        if column.name.casefold() == name.casefold():
            return column
    names = [column.name for column in table.columns]
    raise UserError(
        "Filter",
        expected=f"one of the columns {listed(names, 8)}",
        got=f"“{excerpt(name)}”",
        help="Write a column, a sign such as > or =, and a value; or words to look for.",
    )


def _holding(table: Table, words: str, progress: Progress) -> Mask:
    """Rows in which any column holds the words, whatever their case; numbers are compared as numbers."""
    found, wanted = np.zeros(table.rows, bool), words.strip('"“” ').casefold()
    number = _number(wanted)
    for column in table.columns:
        progress.check()
        if column.holds_texts:
            found |= _of_texts(column, lambda text: wanted in text.casefold(), progress)
        elif column.kind == "boolean":
            for value, label in enumerate(column.labels):
                if wanted in label.casefold():
                    found |= column.values == value
        elif column.kind == "number" and number is not None:
            found |= column.values == number
        elif column.kind == "date" and (day := _moment(column, wanted)) is not None:
            found |= _as_precise(column, day) == day
    return found


def _of_texts(column: Column, fits: Callable[[str], bool], progress: Progress) -> Mask:
    texts = column.texts
    fitting = np.zeros(len(texts.bounds), bool)
    for index, text in zip(texts.occurring.tolist(), texts.all_different(progress), strict=True):
        fitting[index] = fits(text)
    # The last entry, at index −1, is that of missing values.
    fitting[MISSING] = False
    found: Mask = fitting[texts.indices]
    return found


def _compared(column: Column, sign: str, value: str, progress: Progress) -> Mask:
    compare, equality = COMPARISONS[sign], sign in ("=", "==", "!=", "≠")
    if value.casefold() == NO_VALUE and equality:
        absent: Mask = column.texts.indices == MISSING if column.holds_texts else np.isnan(column.values)
        return absent if compare is operator.eq else ~absent
    if column.holds_texts:
        if not equality:
            _refuse(column, "= or ≠ with a column of texts", sign)
        same = _of_texts(column, lambda text: text.casefold() == value.casefold(), progress)
        present: Mask = column.texts.indices != MISSING
        return same if compare is operator.eq else ~same & present
    values, example = column.values, "a number such as 40"
    if column.kind == "boolean":
        number, example = _truth(column, value), f"“{column.labels[1]}”"
    elif column.kind == "date":
        number, example = _moment(column, value), "a date such as 2020-01-31"
        values = values if number is None else _as_precise(column, number)
    else:
        number = _number(value)
    if column.kind == "image" or number is None:
        _refuse(column, example, f"“{excerpt(value)}”" if value else "nothing")
    with np.errstate(invalid="ignore"):
        fitting: Mask = compare(values, number)
    known: Mask = ~np.isnan(column.values)
    return fitting & known


def _number(text: str) -> float | None:
    try:
        return float(text.replace("−", "-").replace(",", "."))
    except ValueError:
        return None


def _moment(column: Column, text: str) -> float | None:
    """A date or a time as the column counts it, written as the column's texts are or in any other way."""
    moment = seconds_of(text, bool(column.day_first))
    return None if np.isnan(moment) else moment


def _as_precise(column: Column, moment: float) -> NDArray[np.float64]:
    """The dates of a column without their times, where a moment is a day without a time."""
    values: NDArray[np.float64] = column.values
    return values if moment % DAY_S else np.floor(values / DAY_S) * DAY_S


def _truth(column: Column, value: str) -> float | None:
    wanted = value.casefold()
    for truth, words in (
        (1.0, (column.labels[1].casefold(), *YES)),
        (0.0, (column.labels[0].casefold(), *NO)),
    ):
        if wanted in words:
            return truth
    return None


def _refuse(column: Column, expected: str, got: str) -> None:
    if column.holds_texts:
        help = f"Its values are such as {listed(first_texts(column, 3, Progress()))}."
    else:
        help = "Write a column, a sign such as > or =, and a value."
    raise UserError(f"Filter, “{excerpt(column.name)}”", expected=expected, got=got, help=help)
