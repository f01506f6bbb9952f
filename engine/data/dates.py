"""Columns of dates: they come as texts, but are neither categories nor names."""

import re

from engine.data.encoded_texts import MISSING
from engine.data.table import Column

MOSTLY = 0.9
"""From this share of its values on, a column is one of dates."""

LOOKED_AT = 1000
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
    present = column.texts.indices[column.texts.indices != MISSING][:LOOKED_AT]
    values = column.texts.decoded(present).tolist()
    dates = sum(DATE.fullmatch(value) is not None for value in values)
    return bool(values) and dates >= MOSTLY * len(values)


def too_many_texts(column: Column, deed: str) -> str:
    """What to do about a column with too many different values: `deed`, and what it looks like.

    deed : what settles it, "ignore this column".
    """
    if holds_dates(column):
        return f"It holds dates: {deed}, or make numbers of them in the table, such as month or weekday."
    return f"It looks like a name or an identifier: {deed}."
