"""Whether the first row of a table holds the names of its columns; and rows below it that hold no values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite

from engine.data.delimited.missing_marks import USUAL

Row = Sequence[str]

MOST_ROWS = 200
"""Rows that the first one is compared with."""

MOST_NAME_ROWS = 3
"""Rows that the names of columns may take."""

ORANGE_DISCRETE = {"discrete", "d", "categorical"}
ORANGE_TYPES = {
    *("continuous", "c", "numeric", "n", *ORANGE_DISCRETE, "string", "s", "text"),
    *("time", "t", "datetime", "timestamp"),
}
ORANGE_ROLES = {"", "class", "meta", "ignore", "i", "m", "c"}
"""What stands in the second and the third header row of Orange's tables."""


def is_number(text: str) -> bool:
    """Whether it is a finite number, with either decimal mark."""
    try:
        return "_" not in text and isfinite(float(text.strip().replace(",", ".")))
    except ValueError:
        return False


def is_header(first: Row, rows: Sequence[Row]) -> bool:
    """Whether a row holds names rather than values, by the rows below it.

    It does where it has no number; where it has a text above numbers; or where its numbers count, as years
    and wavelengths do, and those of the rows below do not.
    """
    if not any(is_number(field) for field in first):
        return True
    rows = [row for row in rows[:MOST_ROWS] if len(row) == len(first)]
    if not rows:
        return False
    texts = [place for place, field in enumerate(first) if not (is_number(field) or _is_missing(field))]
    if any(_holds_numbers([row[place] for row in rows]) for place in texts):
        return True
    if any(first[place] in {row[place] for row in rows} for place in texts):
        return False
    return _counts(first, alone=not texts) and 2 * sum(_counts(row, alone=not texts) for row in rows) < len(
        rows
    )


def extra_header_rows(rows: Sequence[Row]) -> int:
    """How many rows below the names hold no values: two in Orange's tables, with types and roles."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return 0
    types, roles = ([field.strip().lower() for field in row] for row in rows[:2])
    of_orange = all(_is_type(text) for text in types) and all(
        set(text.split()) <= ORANGE_ROLES or "=" in text for text in roles
    )
    # Types alone could be values of a table about tables.
    return 2 if of_orange and any(text in ORANGE_TYPES for text in types) and not all(roles) else 0


def further_name_rows(rows: Sequence[Row]) -> int:
    """How many rows below the names go on with them, as groups above names and units below do.

    In such a row every column of numbers has a text, or nothing; of a single column that could be a wrong
    value.
    """
    for count in range(min(MOST_NAME_ROWS - 1, len(rows) - 1), 0, -1):
        upper, below = rows[:count], [row for row in rows[count:MOST_ROWS] if len(row) == len(rows[0])]
        places = [place for place in range(len(rows[0])) if _holds_numbers([row[place] for row in below])]
        if len(places) > 1 and all(_goes_on(row, places) for row in upper):
            return count
    return 0


def _goes_on(row: Row, places: Sequence[int]) -> bool:
    if len(row) <= places[-1] or any(is_number(row[place]) for place in places):
        return False
    return 2 * sum(not _is_missing(row[place]) for place in places) >= len(places)


def joined_names(rows: Sequence[Row]) -> Row:
    """One name for each column from the rows of a header, from the top down.

    A field that is empty belongs to the group at its left, as cells that are joined in a spreadsheet are
    written; the lowest row has no groups.
    """
    parts: list[list[str]] = [[] for _ in rows[-1]]
    for number, row in enumerate(rows):
        group = ""
        for place in range(len(parts)):
            text = row[place].strip() if place < len(row) else ""
            group = text or (group if number < len(rows) - 1 else "")
            if group and group not in parts[place]:
                parts[place].append(group)
    return tuple(" ".join(part) for part in parts)


@dataclass(frozen=True)
class OrangeHeader:
    """What Orange's header rows say of columns.

    levels : of each column that is no quantity, its values in order; none where they are not listed.
    target : the class. ignored : what is no input: texts that describe a row, further classes.
    """

    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target: str | None = None
    ignored: tuple[str, ...] = ()


def orange_header(names: Row, types: Row, roles: Row) -> OrangeHeader:
    """What the second and third header row say of the columns of these names."""
    levels, ignored, classes = dict[str, tuple[str, ...]](), [], []
    for name, kind, role in zip(names, types, roles, strict=False):
        kind, flags = kind.strip(), set(role.strip().lower().split())
        if kind.lower() in ORANGE_DISCRETE:
            levels[name] = ()
        elif kind.lower() not in ORANGE_TYPES:
            # Blanks within a value are written with a backslash before them.
            found = re.split(r"(?<!\\)\s+", kind)
            levels[name] = tuple(level.replace("\\ ", " ") for level in found)
        if flags & {"class", "c"}:
            classes.append(name)
        elif flags & {"meta", "m", "ignore", "i"}:
            ignored.append(name)
    return OrangeHeader(levels, classes[0] if classes else None, (*ignored, *classes[1:]))


def _is_type(text: str) -> bool:
    """A type, or the values of a discrete column, separated by blanks."""
    return text in ORANGE_TYPES or len(text.split()) > 1


def _is_missing(field: str) -> bool:
    return field.strip().lower() in ("", *USUAL)


def _holds_numbers(fields: Sequence[str]) -> bool:
    """Whether there are numbers, and nothing else but missing values."""
    there = [field for field in fields if not _is_missing(field)]
    return bool(there) and all(is_number(field) for field in there)


def _counts(row: Row, alone: bool) -> bool:
    """Whether the numbers of a row are whole and rise in equal steps, as numbers that are names do.

    Two have to follow one another. alone : there are only numbers, which then have to count from 0 or 1.
    """
    try:
        numbers = [int(field) for field in row if is_number(field)]
    except ValueError:
        return False
    steps = {after - before for before, after in pairwise(numbers)}
    if len(numbers) < (3 if alone else 2) or len(steps) != 1 or min(steps) <= 0:
        return False
    if alone:
        return numbers[0] in (0, 1) and steps == {1}
    return len(numbers) > 2 or steps == {1}
