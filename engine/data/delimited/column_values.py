"""The values of a column of text, as numbers and as texts in dictionary encoding."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.encoded_texts import MISSING, EncodedTexts
from engine.data.delimited.column_notes import ColumnNotes
from engine.data.delimited.column_survey import ColumnForms, ReadingOptions
from engine.data.delimited.csv_rows import row_count
from engine.data.delimited.missing_marks import QUOTED, has_letter, is_mark, without_marks
from engine.data.table import Column, ColumnKind, TextColumn
from engine.errors import excerpt
from engine.progress import BLOCK_ROWS, Progress, blocks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TEXTS_AT_ONCE = 2**14
"""Each becomes an object of Python, and meanwhile no other thread can run."""


def read_fields(connection: "DuckDBPyConnection", columns: int) -> list[list[str]]:
    """Every field as it stands in the file, column by column."""
    found, rows = [], row_count(connection)
    for index in range(columns):
        fields: list[str] = []
        for _, values, empty in blocks_of(connection, f"f{index}", rows, Progress(), TEXTS_AT_ONCE):
            values[empty] = ""
            fields += [value.removeprefix(QUOTED) for value in values.tolist()]
        found.append(fields)
    return found


def blocks_of(
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


def floats(
    connection: "DuckDBPyConnection", expression: str, rows: int, progress: Progress
) -> NDArray[np.float64]:
    """The values of a column of numbers, NaN where they are missing."""
    numbers = np.empty(rows, np.float64)
    for block, values, missing in blocks_of(connection, expression, rows, progress):
        numbers[block] = values
        numbers[block][missing] = np.nan
    return numbers


def number_column(
    connection: "DuckDBPyConnection",
    name: str,
    expression: str,
    rows: int,
    notes: ColumnNotes,
    progress: Progress,
) -> Column:
    numbers = floats(connection, expression, rows, progress)
    infinite = np.isinf(numbers)
    times = int(infinite.sum())
    if times:
        numbers[infinite] = np.nan
        what = "infinite value counts" if times == 1 else "infinite values count"
        notes.add(f"Column “{excerpt(name)}”: {times:,} {what} as missing.")
    return Column(name, "number", numbers, infinite=times)


def without_missing(
    connection: "DuckDBPyConnection", column: ColumnForms, options: ReadingOptions, notes: ColumnNotes
) -> str:
    """The expression of a column's texts, NULL where one is a mark of a missing value."""
    known = options.categories.get(column.name)
    text = column.text
    usual = is_mark(f"ltrim({text}, '{QUOTED}')", options.marks.of_numbers)
    if column.may_miss and any_row(connection, usual):
        worded = any_row(connection, f"not {usual} and {has_letter(text)}")
        marks = options.marks.of_texts(symbols_alone=not worded)
        chosen = [mark for mark in marks if mark not in {text.lower() for text in known or ()}]
        notes.on_words(column, options.marks, marks)
        text = without_marks(text, chosen)
    return text


def any_row(connection: "DuckDBPyConnection", condition: str) -> bool:
    """Whether a row fulfils a condition; the first one ends the search."""
    return connection.execute(f"select 1 from rows where {condition} limit 1").fetchone() is not None


def category_column(
    connection: "DuckDBPyConnection",
    name: str,
    text: str,
    rows: int,
    progress: Progress,
    kind: ColumnKind = "category",
) -> Column:
    """The column in dictionary encoding, made by DuckDB: only distinct texts become objects of Python.

    They are numbered by the row in which they stand first.
    """
    progress.report(0.0)
    if rows <= TEXTS_AT_ONCE:
        found = connection.execute(f"select {text} from rows order by rowid").fetchall()
        values = np.array([row[0] for row in found], object)
        return TextColumn.of(name, EncodedTexts.of(values), kind)
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
    for block, places, missing in blocks_of(connection, "place", rows, part, table="encoded"):
        indices[block] = places
        indices[block][missing] = MISSING
    distinct = row_count(connection, "texts")
    part = progress.part(0.7, 0.8)
    bounds = np.zeros(distinct + 1, np.int64)
    for block, lengths, _ in blocks_of(connection, "length", distinct, part, table="texts"):
        bounds[block.start + 1 : block.stop + 1] = lengths
    bounds = np.cumsum(bounds)
    letters = np.empty(bounds[-1], np.uint8)
    part = progress.part(0.8, 1.0)
    for block, texts, _ in blocks_of(connection, "text", distinct, part, TEXTS_AT_ONCE, "texts"):
        joined = np.frombuffer("".join(texts).encode(), np.uint8)
        letters[bounds[block.start] : bounds[block.stop]] = joined
    connection.execute("drop table encoded; drop table texts")
    return TextColumn.of(name, EncodedTexts(indices, letters, bounds), kind)
