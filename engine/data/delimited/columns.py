"""What each column of text is: numbers, yes and no, or categories."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.delimited.column_notes import ColumnNotes
from engine.data.delimited.column_survey import ColumnForms, ReadingOptions, survey
from engine.data.delimited.csv_rows import row_count
from engine.data.delimited.missing_marks import QUOTED, has_letter, is_mark, without_marks
from engine.data.delimited.number_format import (
    create_macros,
    mark_of_column,
    mark_of_file,
)
from engine.data.encoded_texts import MISSING, EncodedTexts
from engine.data.table import Column, TextColumn
from engine.errors import excerpt
from engine.progress import BLOCK_ROWS, Progress, blocks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BOOLEANS = (("false", "true"), ("no", "yes"))

COUNTING_SHARE = 0.4
"""Of the time that reading columns takes, until it is known what each of them is."""

TEXTS_AT_ONCE = 2**14
"""Each becomes an object of Python, and meanwhile no other thread can run."""


class DecimalMarkUnclear(Exception):
    """A column may have decimal commas, so that numbers with points have to be looked at as texts, too."""


def read_columns(
    connection: "DuckDBPyConnection",
    names: Sequence[str],
    options: ReadingOptions,
    progress: Progress,
    numbers: Mapping[int, Column] = MappingProxyType({}),
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns of a table, and notes on what is not plain in them.

    numbers : columns that were read as plain numbers, by their place; table `rows` holds all others.

    A column is of numbers if all its values are, as computers write them or as people do (see
    `engine.data.delimited.number_format`), and none is a code: 007, or more digits than a number keeps. It is
    yes/no if it holds only true and false, or only yes and no, in any case. Else it is a category, and so is
    each one of `options.categories`. Infinite numbers count as missing.

    Raises DecimalMarkUnclear where `numbers` have to be in `rows`, too.
    """
    columns = dict(numbers)
    places = [place for place in range(len(names)) if place not in columns]
    if not places:
        return tuple(columns[place] for place in range(len(names))), ()
    create_macros(connection)
    rows = row_count(connection)
    progress.report(0.0, "Finding out what each column is")
    found = survey(connection, names, places, options, progress.part(0.0, COUNTING_SHARE))
    if numbers and any(column.forms.proves == "," or column.forms.ambiguous for column in found):
        raise DecimalMarkUnclear
    of_file = mark_of_file([column.forms for column in found], options.decimal)
    progress.report(COUNTING_SHARE, "Reading columns")
    parts = progress.part(COUNTING_SHARE, 1.0).parts(len(places))
    notes = ColumnNotes(connection)
    for place, column, part in zip(places, found, parts, strict=True):
        mark = mark_of_column(column.forms, of_file, options.delimiter)
        coded = bool(column.codes) and column.name not in options.numbers
        if mark is None or coded or column.name in options.categories:
            columns[place] = _texts(connection, column, options, rows, notes, part)
            if column.name not in options.categories:
                notes.on_text(column, coded=coded and mark is not None)
            continue
        plain = column.forms.values == column.forms.plain and mark == "."
        reading = "number" if plain else "point_number" if mark == "." else "comma_number"
        columns[place] = _numbers(connection, column.name, f"{reading}({column.text})", rows, notes, part)
        notes.on_number(column, mark, of_file)
    return tuple(columns[place] for place in range(len(names))), notes.all()


def read_fields(connection: "DuckDBPyConnection", columns: int) -> list[list[str]]:
    """Every field as it stands in the file, column by column."""
    found, rows = [], row_count(connection)
    for index in range(columns):
        fields: list[str] = []
        for _, values, empty in _blocks_of(connection, f"f{index}", rows, Progress(), TEXTS_AT_ONCE):
            values[empty] = ""
            fields += [value.removeprefix(QUOTED) for value in values.tolist()]
        found.append(fields)
    return found


def _blocks_of(
    connection: "DuckDBPyConnection",
    expression: str,
    rows: int,
    progress: Progress,
    size: int = BLOCK_ROWS,
    table: str = "rows",
) -> Iterator[tuple[slice, NDArray[Any], NDArray[np.bool_]]]:
    """The values of a column in blocks of rows, and where they are missing."""
    query = f"select {expression} as v from {table} where rowid >= ? and rowid < ?"
    for block in blocks(rows, progress, size):
        values = connection.execute(query, [block.start, block.stop]).fetchnumpy()["v"]
        yield block, np.ma.getdata(values), np.ma.getmaskarray(values)


def _floats(
    connection: "DuckDBPyConnection", expression: str, rows: int, progress: Progress
) -> NDArray[np.float64]:
    """The values of a column of numbers, NaN where they are missing."""
    numbers = np.empty(rows, np.float64)
    for block, values, missing in _blocks_of(connection, expression, rows, progress):
        numbers[block] = values
        numbers[block][missing] = np.nan
    return numbers


def _numbers(
    connection: "DuckDBPyConnection",
    name: str,
    expression: str,
    rows: int,
    notes: ColumnNotes,
    progress: Progress,
) -> Column:
    numbers = _floats(connection, expression, rows, progress)
    infinite = np.isinf(numbers)
    times = int(infinite.sum())
    if times:
        numbers[infinite] = np.nan
        what = "infinite value counts" if times == 1 else "infinite values count"
        notes.add(f"Column “{excerpt(name)}”: {times:,} {what} as missing.")
    return Column(name, "number", numbers, infinite=times)


def _texts(
    connection: "DuckDBPyConnection",
    column: ColumnForms,
    options: ReadingOptions,
    rows: int,
    notes: ColumnNotes,
    progress: Progress,
) -> Column:
    """A column of texts, as yes and no or in dictionary encoding."""
    known = options.categories.get(column.name)
    text = column.text
    usual = is_mark(f"ltrim({text}, '{QUOTED}')", options.marks.of_numbers)
    if _any(connection, usual):
        worded = _any(connection, f"not {usual} and {has_letter(text)}")
        marks = options.marks.of_texts(symbols_alone=not worded)
        chosen = [mark for mark in marks if mark not in {text.lower() for text in known or ()}]
        notes.on_words(column, options.marks, marks)
        text = without_marks(text, chosen)
    found = None if known is not None else _boolean(connection, column.name, text, rows, progress)
    return found or _category(connection, column.name, text, rows, progress)


def _any(connection: "DuckDBPyConnection", condition: str) -> bool:
    """Whether a row fulfils a condition; the first one ends the search."""
    return connection.execute(f"select 1 from rows where {condition} limit 1").fetchone() is not None


def _boolean(
    connection: "DuckDBPyConnection", name: str, text: str, rows: int, progress: Progress
) -> Column | None:
    """The column as yes and no, or None if it holds anything else."""
    spellings = [
        str(row[0])
        for row in connection.execute(
            f"select {text} from rows where {text} is not null group by 1 order by count(*) desc, 1 limit 13"
        ).fetchall()
    ]
    for false, true in BOOLEANS:
        if {spelling.lower() for spelling in spellings} <= {false, true}:
            break
    else:
        return None
    numbers = _floats(connection, f"cast(lower({text}) = '{true}' as double)", rows, progress)
    return Column(name, "boolean", numbers, (_spelling(false, spellings), _spelling(true, spellings)))


def _spelling(word: str, spellings: Sequence[str]) -> str:
    """How the table spells a word most often; like its other word where it never occurs."""
    for spelling in spellings:
        if spelling.lower() == word:
            return spelling
    other = spellings[0]
    return word.upper() if other.isupper() else word.title() if other.istitle() else word


def _category(
    connection: "DuckDBPyConnection", name: str, text: str, rows: int, progress: Progress
) -> Column:
    """The column in dictionary encoding, made by DuckDB: only distinct texts become objects of Python.

    They are numbered by the row in which they stand first.
    """
    progress.report(0.0)
    connection.execute(
        f"create temp table texts as select {text} as text, strlen({text}) as length from rows "
        f"where {text} is not null group by {text} order by min(rowid)"
    )
    connection.execute(
        "create temp table encoded as select cast(texts.rowid as integer) as place "
        f"from rows left join texts on {text} = texts.text order by rows.rowid"
    )
    part = progress.part(0.5, 0.7)
    indices = np.empty(rows, np.int32)
    for block, places, missing in _blocks_of(connection, "place", rows, part, table="encoded"):
        indices[block] = places
        indices[block][missing] = MISSING
    distinct = row_count(connection, "texts")
    part = progress.part(0.7, 0.8)
    bounds = np.zeros(distinct + 1, np.int64)
    for block, lengths, _ in _blocks_of(connection, "length", distinct, part, table="texts"):
        bounds[block.start + 1 : block.stop + 1] = lengths
    bounds = np.cumsum(bounds)
    letters = np.empty(bounds[-1], np.uint8)
    part = progress.part(0.8, 1.0)
    for block, texts, _ in _blocks_of(connection, "text", distinct, part, TEXTS_AT_ONCE, "texts"):
        joined = np.frombuffer("".join(texts).encode(), np.uint8)
        letters[bounds[block.start] : bounds[block.stop]] = joined
    connection.execute("drop table encoded; drop table texts")
    return TextColumn.of(name, EncodedTexts(indices, letters, bounds))
