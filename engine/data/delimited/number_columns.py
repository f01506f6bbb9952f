"""Columns of plain numbers, read by DuckDB as such and by all processors, without a text for each value.

Which columns may hold nothing else is guessed from the first rows, and proved by reading them: DuckDB says of
every value that is no number, and what it takes for one though it is none is looked for apart. All other
columns are left to `engine.data.delimited.typed_columns`.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.data.delimited.arrow_stream import ColumnStream, StreamError
from engine.data.delimited.column_survey import ReadingOptions
from engine.data.delimited.csv_body import Body, fields_of, forget_rejects, scan
from engine.data.delimited.csv_rows import SPACES
from engine.data.delimited.number_format import MOST_EXACT_DIGITS, create_macros
from engine.data.delimited.text_columns import TextColumns
from engine.data.stored_arrays import LARGE_BYTES, RELEASED_BYTES, NumberFile, StoredColumn, release
from engine.data.table import Column
from engine.progress import Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Numbers = NDArray[np.float64]

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
ALL_PLAIN = re.compile(rf"(?:(?![+-]?0[0-9]+\n)(?:{PLAIN.pattern})?+\n)*+")
CODE = re.compile(r"[+-]?0[0-9]+")

SAMPLE_ROWS = 200
WHOLE_BYTES = 2**24
"""Up to this size all rows are looked at, which is quicker than to have DuckDB ask 10,000 columns."""

MOST_ATTEMPTS = 4
"""Each leaves out the columns in which the one before found other values than numbers."""


NO_NUMBER = re.compile(r'Could not convert string "(.*?)" to', re.DOTALL)


@dataclass
class NumberColumns:
    """How many rows there are, and the columns of numbers by their place in the table.

    others : a text of all other columns; None where they have to be read from the table.
    """

    rows: int = 0
    values: dict[int, Column] = field(default_factory=dict)
    others: Body | None = None


class _NotSo(Exception):
    """The table has to be read in the other way."""


class _Values(Exception):
    """There are values that are no plain numbers. others : their texts, and the columns of each."""

    def __init__(self, others: Mapping[str, Collection[int]]) -> None:
        self.others = others


def read_numbers(
    connection: "DuckDBPyConnection", body: Body, folder: Path, options: ReadingOptions, progress: Progress
) -> NumberColumns | None:
    """The columns of plain numbers; None where none are, or the rows are not all as they should be.

    folder : the others are put aside there.
    """
    if len(body.names) == 1 or options.marks.chosen is not None or options.decimal == ",":
        # What is a blank line, and what a missing value; marks that may be numbers: decided in one place.
        return None
    marks = options.marks.of_numbers
    nulls = set[str]()
    places = _candidates(body, options, marks, nulls)
    for _ in range(MOST_ATTEMPTS):
        if not places:
            return None
        try:
            return _read(connection, body, folder, places, nulls, progress)
        except _Values as found:
            new = {
                text for text in found.others if text and text.strip(SPACES).lower() in ("", *marks)
            } - nulls
            # What is known as missing and was no number for all that is a mark in quotes, which is text.
            failed = {place for text, of_text in found.others.items() if text not in new for place in of_text}
            nulls |= new
            places = [place for place in places if place not in failed]
        except _NotSo:
            return None
    return None


def _candidates(body: Body, options: ReadingOptions, marks: Collection[str], nulls: set[str]) -> list[int]:
    """Columns whose first values are all plain numbers or missing; the marks among them join `nulls`."""
    names = body.layout.names
    rows = fields_of(body, SAMPLE_ROWS if body.bytes > WHOLE_BYTES else None)
    fitting = [row for row in rows if len(row) == len(names)]
    places = []
    for place, (name, texts) in enumerate(zip(names, zip(*fitting, strict=True), strict=fitting != [])):
        if not options.as_numbers(name):
            continue
        missing = _missing_among(texts, marks)
        if missing is not None:
            places.append(place)
            nulls |= missing
    return places


def _missing_among(texts: Sequence[str], marks: Collection[str]) -> set[str] | None:
    """The texts that stand for missing values, where all others are plain numbers; else None."""
    # All at once, which takes a tenth of the time.
    lines = "\n".join(texts) + "\n"
    if ALL_PLAIN.fullmatch(lines) and lines.count("\n") == len(texts):
        return set()
    missing = set[str]()
    for text in texts:
        bare = text.strip(SPACES)
        if PLAIN.fullmatch(bare):
            if CODE.fullmatch(bare):
                return None
        elif not bare or bare.lower() in marks:
            missing.add(text)
        else:
            return None
    return missing - {""}


def _read(
    connection: "DuckDBPyConnection",
    body: Body,
    folder: Path,
    places: Sequence[int],
    nulls: Collection[str],
    progress: Progress,
) -> NumberColumns:
    types = dict.fromkeys(body.names, "VARCHAR") | {f"c{place}": "DOUBLE" for place in places}
    source, parameters = scan(body, types, sorted(nulls))
    others = [place for place in range(len(body.names)) if place not in set(places)]
    wanted = ", ".join(f"c{place}" for place in (*places, *others))
    at_most = max(body.lines + 1, 1)
    large = 8 * at_most * len(places) > LARGE_BYTES
    file = NumberFile(len(places), at_most) if large else None
    # Of a column each, as they are kept one by one.
    numbers = [np.empty(at_most) for _ in places] if file is None else list(file.array)
    released = 0
    rows = 0
    forget_rejects(connection)
    texts = TextColumns(folder / "texts.csv", body.layout.delimiter)
    try:
        with texts:
            for batch in ColumnStream(connection, f"select {wanted} from {source}", parameters):
                stop = rows + batch.rows
                if stop > at_most:
                    raise _NotSo
                for column, values in enumerate(numbers):
                    batch.write(column, values[rows:stop])
                texts.write(batch, range(len(places), len(body.names)))
                rows = stop
                if file is not None and 8 * (rows - released) * len(places) > RELEASED_BYTES:
                    release(numbers[0])
                    released = rows
                progress.report(rows / at_most)
    except StreamError:
        progress.check()
        raise _NotSo from None
    progress.check()
    _check_rejects(connection)
    if not rows:
        raise _NotSo
    _check_values(places, (values[:rows] for values in numbers))
    found: dict[int, Column] = {}
    for column, (place, values) in enumerate(zip(places, numbers, strict=True)):
        name = body.layout.names[place]
        if file is None:
            found[place] = Column(name, "number", values[:rows])
        else:
            found[place] = StoredColumn.of(name, file, column, rows)
    if body.odd_numbers and body.bytes > WHOLE_BYTES:
        _check_spelling(connection, body, list(found))
    if not others or not texts.plain:
        return NumberColumns(rows, found)
    layout = replace(body.layout, names=tuple(body.layout.names[place] for place in others))
    return NumberColumns(rows, found, Body(texts.path, layout, lines=rows, places=tuple(others)))


def _check_rejects(connection: "DuckDBPyConnection") -> None:
    rejects = connection.execute(
        "select column_name, error_type, error_message from reject_errors"
    ).fetchall()
    others: dict[str, set[int]] = {}
    for name, kind, message in rejects:
        found = NO_NUMBER.search(message)
        if kind != "CAST" or found is None:
            raise _NotSo
        others.setdefault(found.group(1), set()).add(int(name[1:]))
    if others:
        raise _Values(others)


def _check_values(places: Sequence[int], columns: Iterable[Numbers]) -> None:
    """Infinite values, and whole numbers that a float may have lost digits of, are looked at as texts."""
    largest = 10.0**MOST_EXACT_DIGITS
    failed = []
    for place, values in zip(places, columns, strict=True):
        if max(np.fmax.reduce(values), -np.fmin.reduce(values)) >= largest:
            failed.append(place)
        release(values)
    if failed:
        raise _Values({"": failed})


def _check_spelling(connection: "DuckDBPyConnection", body: Body, places: Sequence[int]) -> None:
    """Which columns hold codes, or numbers that are none: 007, 1_000, +-1."""
    create_macros(connection)
    source, parameters = scan(body, dict.fromkeys(body.names, "VARCHAR"))
    odd = "coalesce(bool_or(is_code({0}) or contains({0}, '_') or starts_with({0}, '+-')), false)"
    forget_rejects(connection)
    asked = ", ".join(odd.format(f"trim(c{place})") for place in places)
    row = connection.execute(f"select {asked} from {source}", parameters).fetchone() or ()
    failed = [place for place, is_odd in zip(places, row, strict=True) if is_odd]
    if failed:
        raise _Values({"": failed})
