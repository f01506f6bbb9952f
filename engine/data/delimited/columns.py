"""What each column of text is: numbers, yes and no, or categories."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.column_text import listed
from engine.data.delimited.csv_rows import row_count
from engine.data.encoded_texts import MISSING, EncodedTexts
from engine.data.table import Column, TextColumn
from engine.errors import excerpt
from engine.progress import BLOCK_ROWS, Progress, blocks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BOOLEANS = (("false", "true"), ("no", "yes"))

MOSTLY = 0.9
"""From this share of numbers on, a text column is worth a note that names its first text."""

COLUMNS_A_QUERY = 50

COUNTING_SHARE = 0.4
"""Of the time that reading columns takes, until it is known what each of them is."""

TEXTS_AT_ONCE = 2**14
"""Each becomes an object of Python, and meanwhile no other thread can run."""

INFINITE = r"[+-]?(?i:inf(inity)?)"
"""How DuckDB takes infinite numbers, which have no commas."""

DECIMAL_COMMAS = (
    rf"[+-]?(\d{{1,3}}(\.\d{{3}})+|\d*)(,\d*)?([eE][+-]?\d+)?|{INFINITE}",
    "replace(replace(s, '.', ''), ',', '.')",
)
"""1.234,5: where commas do not separate fields. The pattern of such a number, and how to make it plain."""

THOUSANDS_COMMAS = (
    rf"[+-]?(\d{{1,3}}(,\d{{3}})+|\d+)(\.\d*)?([eE][+-]?\d+)?|{INFINITE}",
    "replace(s, ',', '')",
)
"""1,234.5: where commas separate fields, so that such a number stands in quotes."""


@dataclass(frozen=True)
class _Counts:
    """Of one column: values that are there, that are numbers, that are once commas are understood."""

    present: int
    numbers: int
    comma_numbers: int
    commas: int


def read_columns(
    connection: "DuckDBPyConnection",
    names: Sequence[str],
    delimiter: str,
    categories: Collection[str],
    progress: Progress,
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns of table `rows`, and notes on what is not plain in them.

    A column is of numbers if all its values are, as they stand or once commas are understood as decimal
    (delimiter other than a comma) or thousands commas. It is yes/no if it holds only true and false, or
    only yes and no, in any case. Else it is a category, and so is each one named in
    `categories`. Infinite numbers count as missing.
    """
    pattern, plain = THOUSANDS_COMMAS if delimiter == "," else DECIMAL_COMMAS
    # '1_000' is a number to DuckDB, but in tables it is a name.
    connection.execute(
        "create temp macro number(s) as case when contains(s, '_') then null else try_cast(s as double) end"
    )
    connection.execute(
        f"create temp macro comma_number(s) as case when regexp_full_match(s, '{pattern}') "
        f"then try_cast({plain} as double) end"
    )
    columns: list[Column] = []
    notes: list[str] = []
    with_comma: list[str] = []
    rows = row_count(connection)
    progress.report(0.0, "Finding out what each column is")
    counted = _count(connection, len(names), progress.part(0.0, COUNTING_SHARE))
    progress.report(COUNTING_SHARE, "Reading columns")
    parts = progress.part(COUNTING_SHARE, 1.0).parts(len(names))
    for index, (name, counts, part) in enumerate(zip(names, counted, parts, strict=True)):
        text = f"c{index}"
        if name in categories:
            columns.append(_category(connection, name, text, rows, part))
        elif counts.numbers == counts.present:
            columns.append(_numbers(connection, name, f"number({text})", rows, notes, part))
        elif counts.commas and counts.comma_numbers == counts.present:
            columns.append(_numbers(connection, name, f"comma_number({text})", rows, notes, part))
            with_comma.append(name)
        else:
            columns.append(
                _boolean(connection, name, text, rows, part) or _category(connection, name, text, rows, part)
            )
            if counts.numbers >= MOSTLY * counts.present:
                notes.append(_mostly_numbers(connection, name, text, counts))
    if with_comma:
        what = "Thousands" if delimiter == "," else "Decimal"
        notes.append(f"{what} commas understood in {listed(with_comma)}.")
    return tuple(columns), tuple(notes)


def read_fields(connection: "DuckDBPyConnection", columns: int) -> list[list[str]]:
    """Every field as it stands in the file, column by column."""
    found, rows = [], row_count(connection)
    for index in range(columns):
        fields: list[str] = []
        for _, values, empty in _blocks_of(connection, f"f{index}", rows, Progress(), TEXTS_AT_ONCE):
            values[empty] = ""
            fields += values.tolist()
        found.append(fields)
    return found


def _count(connection: "DuckDBPyConnection", columns: int, progress: Progress) -> list[_Counts]:
    # Patterns are slow: they are tried only where a column has commas.
    commas = "count(*) filter (contains({0}, ','))"
    wanted = f"count({{0}}), count(number({{0}})), 0, {commas}"
    found = [_Counts(*row) for row in _by_column(connection, wanted, range(columns), progress)]
    doubtful = [index for index, counts in enumerate(found) if counts.commas]
    understood = _by_column(connection, "count(comma_number({0}))", doubtful, Progress())
    for index, (times,) in zip(doubtful, understood, strict=True):
        found[index] = replace(found[index], comma_numbers=times)
    return found


def _by_column(
    connection: "DuckDBPyConnection", wanted: str, columns: Sequence[int], progress: Progress
) -> Iterator[tuple[int, ...]]:
    """For each column what `wanted` asks for, {0} being the column; many columns a query."""
    for block in blocks(len(columns), progress, COLUMNS_A_QUERY):
        part = columns[block]
        asked = ", ".join(wanted.format(f"c{index}") for index in part)
        row = connection.execute(f"select {asked} from rows").fetchone() or ()
        width = len(row) // len(part)
        yield from (row[place : place + width] for place in range(0, len(row), width))


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
    notes: list[str],
    progress: Progress,
) -> Column:
    numbers = _floats(connection, expression, rows, progress)
    infinite = np.isinf(numbers)
    times = int(infinite.sum())
    if times:
        numbers[infinite] = np.nan
        what = "infinite value counts" if times == 1 else "infinite values count"
        notes.append(f"Column “{excerpt(name)}”: {times:,} {what} as missing.")
    return Column(name, "number", numbers, infinite=times)


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
        f"from rows left join texts on rows.{text} = texts.text order by rows.rowid"
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


def _mostly_numbers(connection: "DuckDBPyConnection", name: str, text: str, counts: _Counts) -> str:
    found = connection.execute(
        f"select rowid + 1, {text} from rows where {text} is not null and number({text}) is null "
        "order by rowid limit 1"
    ).fetchone()
    row, value = found or (0, "")
    others = counts.present - counts.numbers
    verb = "is no number" if others == 1 else "are no numbers"
    return (
        f"Column “{excerpt(name)}” is read as text: {others:,} of its {counts.present:,} values {verb}, "
        f"first “{excerpt(value)}” in row {row:,}."
    )
