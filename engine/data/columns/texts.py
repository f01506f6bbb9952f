"""Values of a column as texts: how classes and categories are called, whatever kind of column they are in."""

import heapq
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.dates import date_text
from engine.data.columns.encoded_texts import MISSING, EncodedTexts, Indices
from engine.data.table import Column, different_values
from engine.errors import excerpt
from engine.progress import Progress, blocks

EXACT_INTEGERS = 2.0**53
"""Up to here every whole float64 is written without losing a digit."""


def value_text(value: float) -> str:
    """A number as a name: 3.0 → "3", 0.5 → "0.5"; reading it back gives the same number."""
    return str(int(value)) if value.is_integer() and abs(value) < EXACT_INTEGERS else repr(value)


def encoded(column: Column) -> EncodedTexts:
    """Every value as a text, in dictionary encoding. Not for images."""
    if column.holds_texts:
        return column.texts
    different = different_values(column.values)
    names = [_name(column, value) for value in different.tolist()]
    return EncodedTexts.of_distinct(_indices_in(different, column.values, Progress()), names)


def value_indices(column: Column, progress: Progress) -> Indices:
    """For each row a number that stands for its value, −1 where it is missing. Not for images."""
    if column.holds_texts:
        return column.texts.indices
    return _indices_in(different_values(column.values), column.values, progress)


def _indices_in(different: NDArray[np.float64], values: NDArray[np.float64], progress: Progress) -> Indices:
    indices = np.empty(len(values), np.int32)
    for block in blocks(len(values), progress):
        indices[block] = np.searchsorted(different, values[block])
    indices[np.isnan(values)] = MISSING
    return indices


def texts_of(column: Column) -> NDArray[Any]:
    """Every value as a text, None where it is missing: (rows,), object. Not for images."""
    return column.values if column.holds_texts else encoded(column).array()


def _name(column: Column, value: float) -> str:
    if column.kind == "date":
        return date_text(value)
    return column.labels[int(value)] if column.kind == "boolean" else value_text(value)


def different_texts(column: Column) -> list[str]:
    """The names of all values that occur, in the order people expect (see `in_order`)."""
    if column.kind == "boolean":
        return [label for value, label in enumerate(column.labels) if (column.values == value).any()]
    return in_order(encoded(column).all_different(Progress()))


def first_texts(column: Column, most: int, progress: Progress) -> list[str]:
    """The first of `different_texts`; of a text column that differs in every row, without sorting it."""
    if not column.holds_texts:
        return different_texts(column)[:most]
    return heapq.nsmallest(most, column.texts.all_different(progress), key=_sort_key)


def in_order(texts: Iterable[str]) -> list[str]:
    """Numbers by value before words by letter: "2", "10", "a"."""
    return sorted(texts, key=_sort_key)


def usual_order(column: Column) -> list[str]:
    """The categories of a column from the lowest to the highest, where no person says: those that its source
    declares in its order, also those of no row; then all others, see `in_order`.
    """
    declared = dict.fromkeys(column.levels)
    return [*declared, *in_order(text for text in column.texts.tally() if text not in declared)]


def _sort_key(text: str) -> tuple[bool, float, str]:
    try:
        value = float(text)
    except ValueError:
        return True, 0.0, text
    return (True, 0.0, text) if np.isnan(value) else (False, value, text)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names for a sentence: “a”, “b” and 3 more."""
    shown = ", ".join(f"“{excerpt(name)}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def absence(column: Column) -> str:
    """What a column is where it has no value: "missing", "infinite", or "missing or infinite"."""
    if not column.infinite:
        return "missing"
    return "infinite" if column.infinite == column.missing else "missing or infinite"


MOSTLY = 0.9
"""A column holds dates if at least this fraction of its values are dates."""

VALUES_CHECKED = 1000
"""So many values are enough to tell."""

_PART = r"(0?[1-9]|[12]\d|3[01])"
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = (
    rf"\d{{4}}(?P<first>[-/.]){_PART}(?P=first){_PART}",
    rf"{_PART}(?P<last>[-/.]){_PART}(?P=last)\d{{4}}",
    # With a year of two digits, points and hyphens could be those of a version or a number.
    rf"{_PART}/{_PART}/\d\d",
    r"(0[1-9]|[12]\d|3[01])(?P<short>[-.])(0[1-9]|1[0-2])(?P=short)\d\d",
    rf"{_PART}\.?[- ]{_MONTH}[- ](\d{{4}}|\d\d)",
    rf"{_MONTH} {_PART},? \d{{4}}",
)
_TIME = r"[T ]\d{1,2}:\d\d(:\d\d([.,]\d+)?)? ?(Z|UTC|[AP]M|[-+]\d\d(:?\d\d)?)?"

DATE = re.compile(rf"({'|'.join(_DAY)})({_TIME})?", re.IGNORECASE)
"""2020-01-31, 31.01.2020, 1/31/20, 31 Jan 2020, Jan 31, 2020; also with a time."""


def holds_dates(column: Column) -> bool:
    """Whether nearly all values of a text column are written as dates."""
    if column.kind != "category":
        return False
    present = column.texts.indices[column.texts.indices != MISSING][:VALUES_CHECKED]
    distinct, counts = np.unique(present, return_counts=True)
    values = column.texts.decoded(distinct).tolist()
    dates = sum(
        int(count) for value, count in zip(values, counts, strict=True) if DATE.fullmatch(value) is not None
    )
    return bool(values) and dates >= MOSTLY * len(present)


def too_many_texts(column: Column, action: str) -> str:
    """The help of an error about a column with too many different values.

    action : what solves it, "ignore this column".
    """
    if holds_dates(column):
        return f"It holds dates: choose the type Date for it, or {action}."
    return f"It looks like a name or an identifier: {action}."
