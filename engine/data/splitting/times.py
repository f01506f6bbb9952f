"""Reads a column as points in time, so that rows can be put in order: numbers, or dates in one spelling."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.texts import encoded
from engine.data.table import Column
from engine.errors import UserError, excerpt
from engine.progress import Progress

SPELLINGS: tuple[tuple[str, ...], ...] = (
    ("%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%y"),
    ("%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S"),
    ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"),
    ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S"),
    ("%Y-%m", "%Y"),
    ("%H:%M", "%H:%M:%S"),
    ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
)
"""Spellings of dates beside ISO 8601; a column is in those of one line."""

DAY_FIRST, MONTH_FIRST = SPELLINGS[2], SPELLINGS[3]


def times_of(column: Column) -> NDArray[np.float64]:
    """The time of each row, (rows,): larger is later, NaN where it is missing.

    Numbers are taken as they are, dates as seconds since 1970. Raises UserError where the values are neither,
    or where day and month cannot be told apart.
    """
    if column.kind == "image":
        raise _not_times(column, "images")
    if not column.holds_texts:
        return column.values.astype(np.float64)
    texts = encoded(column)
    names = dict.fromkeys(texts.all_different(Progress()))
    seconds = _read(column, list(names))
    found = np.full(len(texts.bounds), np.nan)
    found[texts.occurring] = seconds
    # The last entry, at index −1.
    found[MISSING] = np.nan
    return found[texts.indices]


def _read(column: Column, names: list[str]) -> list[float]:
    found: dict[tuple[str, ...], list[float]] = {}
    for line in ((), *SPELLINGS):
        try:
            found[line] = [_seconds(_parsed(name.strip(), line)) for name in names]
        except (ValueError, OverflowError):
            continue
        if line != DAY_FIRST:
            break
    if DAY_FIRST in found and MONTH_FIRST in found and found[DAY_FIRST] != found[MONTH_FIRST]:
        raise UserError(
            f"Column “{excerpt(column.name)}”",
            expected="dates in which day and month can be told apart, to split by time",
            got=f"“{excerpt(names[0])}”",
            help="Write them as 2024-01-31.",
            place=("data", "time"),
        )
    if not found:
        raise _not_times(column, f"“{excerpt(_first_unreadable(names))}”")
    return next(iter(found.values()))


def _parsed(text: str, line: tuple[str, ...]) -> datetime:
    """The moment that a text names in one of the spellings of a line; in ISO 8601 where there are none."""
    if not line:
        return datetime.fromisoformat(text)
    for spelling in line:
        try:
            return datetime.strptime(text, spelling)
        except ValueError:
            continue
    raise ValueError(text)


def _seconds(moment: datetime) -> float:
    # Times without a zone are compared as if all were of one; which one does not change their order.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _first_unreadable(names: list[str]) -> str:
    for name in names:
        try:
            datetime.fromisoformat(name.strip())
        except ValueError:
            return name
    return names[0]


def _not_times(column: Column, got: str) -> UserError:
    return UserError(
        f"Column “{excerpt(column.name)}”",
        expected="numbers or dates, to split by time",
        got=got,
        help="Choose another column for the time, or write its dates as 2024-01-31.",
        place=("data", "time"),
    )
