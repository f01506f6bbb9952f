"""The type of a column: what its values look like, and how they are read as the type that a person chose."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.dates import day_first_of, has_two_orders, seconds_of
from engine.data.columns.encoded_texts import MISSING, EncodedTexts
from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import encoded, holds_dates, in_order
from engine.data.delimited.missing_marks import USUAL
from engine.data.delimited.number_format import PATTERNS
from engine.data.table import TEXT_KINDS, Column, Table, TextColumn, Unreadable
from engine.errors import excerpt
from engine.progress import Progress

MOST_UNREADABLE = 1000
"""Values that a table lists as unreadable; a note counts all of them."""

EXPECTED: Mapping[ColumnType, str] = {"number": "a number", "boolean": "yes or no", "date": "a date"}
"""What a value is expected to be, in a sentence; texts can be anything."""

YES_NO = (
    ("no", "yes"),
    ("false", "true"),
    ("0", "1"),
    ("n", "y"),
    ("f", "t"),
    ("off", "on"),
    ("nein", "ja"),
    ("falsch", "wahr"),
    ("non", "oui"),
    ("faux", "vrai"),
    ("no", "sí"),
    ("no", "si"),
)
"""Words of yes and no, in lower case; beside them, any two texts are taken where a column holds no others."""

FEWEST_ROWS = 20
"""Below this, nothing is said about how values repeat."""

NEARLY_UNIQUE = 0.5
"""A text column with more different values than this fraction of its rows is a name or an identifier."""

TEXTS_LOOKED_AT = 10_000

NEARLY_ALL = 0.95
"""A column is nearly one of numbers if at least this fraction of its values are numbers."""

FEWEST_NUMBERS = 10
"""Fewer different numbers may as well be categories."""

_CODE = re.compile(r"[0-9][0-9A-Za-z.\-]*")
"""A text that is a number by its letters, and was kept as text for its spelling."""

_LEADING_ZERO = re.compile(r"[+-]?0\d+")

Rows = NDArray[np.intp]
NO_ROWS: Rows = np.empty(0, np.intp)


def column_type(column: Column, chosen: Mapping[str, ColumnType] | None = None) -> str:
    """The type of a column, as the window names it: number, yes/no, date, code, text, category or image.

    chosen : the types that a person chose, by column, which hold; any other follows from the values.
    """
    kind = (chosen or {}).get(column.name, column.kind) if column.kind != "image" else column.kind
    if kind == "boolean":
        return "yes/no"
    if kind != "category" or column.name in (chosen or {}):
        return kind
    if holds_dates(column):
        return "date"
    # Not all of millions: what most are, the first ones show.
    texts = list(islice(column.texts.all_different(Progress()), TEXTS_LOOKED_AT))
    if texts and all(_CODE.fullmatch(text) for text in texts) and any(text.isdigit() for text in texts):
        return "code"
    present = column.rows - column.missing
    words = sum(" " in text for text in texts)
    unique = present >= FEWEST_ROWS and column.distinct > NEARLY_UNIQUE * present
    return "text" if unique and 2 * words > len(texts) else "category"


def with_types(table: Table, types: Mapping[str, ColumnType]) -> Table:
    """The table with columns of the types that were chosen; columns that have them already stay the same.

    Values that cannot be read count as missing, and are listed in `Table.unreadable` by their row, from 1.
    """
    changed, places, notes = [], list(table.unreadable), list(table.notes)
    for column in table.columns:
        chosen = types.get(column.name, column.kind)
        if column.kind in (chosen, "image") or chosen == "image":
            changed.append(column)
            continue
        other, rows = as_type(column, chosen)
        changed.append(other)
        room = max(MOST_UNREADABLE - len(places), 1)
        texts = encoded(column)
        found = texts.decoded(texts.indices[rows[:room]]).tolist()
        listed = list(zip(rows[:room].tolist(), found, strict=True))
        places += [Unreadable(row + 1, column.name, reason(chosen, text)) for row, text in listed]
        notes += notes_on_reading(other, len(rows), chosen, listed)
    if all(one is other for one, other in zip(changed, table.columns, strict=True)):
        return table
    return replace(
        table, columns=tuple(changed), notes=tuple(notes), unreadable=tuple(places[:MOST_UNREADABLE])
    )


def as_type(
    column: Column,
    chosen: ColumnType,
    labels: tuple[str, str] | None = None,
    day_first: bool | None = None,
    progress: Progress | None = None,
) -> tuple[Column, Rows]:
    """A column read as another type, and the rows whose values are none of it, which then are missing.

    labels : of a column of yes and no, how (no, yes) are spelt; None finds it out. day_first : of a column of
    dates, whether 1/2/2020 is 1 February; None finds it out.
    """
    texts = encoded(column)
    if chosen in TEXT_KINDS:
        levels = column.levels if column.holds_texts else ()
        return TextColumn.of(column.name, texts, chosen, levels=levels), NO_ROWS
    progress = progress or Progress()
    found, more = _values(texts, chosen, labels, day_first, progress)
    values = np.full(len(texts.bounds), np.nan)
    values[texts.occurring] = found
    marks = np.zeros(len(texts.bounds), bool)
    if chosen == "number":
        marks[texts.occurring] = [text.lower() in USUAL for text in texts.all_different(progress)]
    numbers: NDArray[np.float64] = values[texts.indices]
    infinite = np.isinf(numbers)
    numbers[infinite] = np.nan
    unread = np.isnan(numbers) & ~infinite & (texts.indices != MISSING) & ~marks[texts.indices]
    made = Column(column.name, chosen, numbers, infinite=int(infinite.sum()), **more)
    return made, np.flatnonzero(unread)


def reason(chosen: ColumnType, text: str) -> str:
    """Why a value could not be read."""
    return f"expected {EXPECTED[chosen]}, found “{excerpt(text)}”"


def notes_on_reading(
    column: Column, unread: int, chosen: ColumnType, listed: Sequence[tuple[int, str]]
) -> Iterable[str]:
    """What is worth saying of a column that was read as a chosen type. listed : rows from 0, and texts."""
    name = f"Column “{excerpt(column.name)}”"
    if unread:
        row, text = listed[0]
        values, verb = ("value", "counts") if unread == 1 else ("values", "count")
        yield (
            f"{name}: {unread:,} {values} that cannot be read as {EXPECTED[chosen]} {verb} as missing, first "
            f"“{excerpt(text)}” in row {row + 1:,}."
        )
    if column.kind == "date" and column.day_first is not None:
        first, example = ("day", "1 February") if column.day_first else ("month", "2 January")
        yield f"{name}: the {first} comes first in its dates; 1/2/2020 is {example}."


def rows_without_number(column: Column, progress: Progress) -> Rows:
    """The rows of a column of texts that are no numbers, where nearly all others are; else none."""
    present = column.rows - column.missing
    if column.kind != "category" or present < FEWEST_ROWS:
        return NO_ROWS
    # Of millions of names, the first ones show that they are names.
    first = list(islice(column.texts.all_different(progress), 200))
    if 2 * sum(map(_is_number_or_mark, first)) < len(first):
        return NO_ROWS
    without = np.zeros(len(column.texts.bounds), bool)
    for index, text in zip(column.texts.occurring, column.texts.all_different(progress), strict=True):
        if _LEADING_ZERO.fullmatch(text):
            return NO_ROWS
        without[index] = not _is_number_or_mark(text)
    rows = np.flatnonzero(without[column.texts.indices])
    numbers = column.distinct - int(without.sum())
    return rows if numbers >= FEWEST_NUMBERS and len(rows) <= (1 - NEARLY_ALL) * present else NO_ROWS


def _is_number_or_mark(text: str) -> bool:
    """Whether a text is a number with a decimal point or comma, or usually stands for a missing one."""
    return text.lower() in USUAL or any(re.fullmatch(pattern, text) for pattern in PATTERNS.values())


def _values(
    texts: EncodedTexts,
    chosen: ColumnType,
    labels: tuple[str, str] | None,
    day_first: bool | None,
    progress: Progress,
) -> tuple[list[float], dict[str, Any]]:
    """The value of each different text that occurs, NaN where it has none; and what the column is told."""
    if chosen == "number":
        return [number_of(text) for text in texts.all_different(progress)], {}
    if chosen == "boolean":
        spelt, meaning = _yes_no(texts.tally(), labels)
        return [meaning.get(text.lower(), np.nan) for text in texts.all_different(progress)], {
            "labels": spelt
        }
    order = day_first
    if day_first is None and has_two_orders(texts.all_different(progress)):
        order = bool(day_first_of(texts.all_different(progress)))
    return [seconds_of(text, bool(order)) for text in texts.all_different(progress)], {"day_first": order}


def number_of(text: str) -> float:
    """The number that a text with a decimal point is; NaN where it is none."""
    try:
        return np.nan if "_" in text else float(text)
    except ValueError:
        if re.fullmatch(PATTERNS["."], text) is None:
            return np.nan
    return float(re.sub(r"[^\d.eE+-]", "", text.replace("−", "-")))


def _yes_no(
    times: Mapping[str, int], labels: tuple[str, str] | None
) -> tuple[tuple[str, str], dict[str, float]]:
    """How (no, yes) are spelt, and what each text in lower case means."""
    meaning = {word: value for pair in YES_NO for word, value in zip(pair, (0.0, 1.0), strict=True)}
    if labels is not None:
        return labels, meaning | {labels[0].lower(): 0.0, labels[1].lower(): 1.0}
    words = {text.lower() for text in times}
    if len(words) == 2 and not words <= meaning.keys():
        meaning = {text.lower(): float(value) for value, text in enumerate(in_order(words))}
    by_frequency = sorted(times, key=lambda text: -times[text])
    spelt = {
        value: next((t for t in by_frequency if meaning.get(t.lower()) == value), "") for value in (0, 1)
    }
    if not spelt[0] or not spelt[1]:
        known = (spelt[0] or spelt[1]).lower()
        pair = next((pair for pair in YES_NO if known in pair), YES_NO[0])
        spelt = {value: spelt[value] or pair[value] for value in (0, 1)}
    return (spelt[0], spelt[1]), meaning
