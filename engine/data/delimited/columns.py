"""What each column of text is: numbers, yes and no, or categories."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Column
from engine.data.texts import listed
from engine.errors import excerpt

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BOOLEANS = (("false", "true"), ("no", "yes"))

MOSTLY = 0.9
"""From this share of numbers on, a text column is worth a note that names its first text."""

COLUMNS_A_QUERY = 200

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
    connection: "DuckDBPyConnection", names: Sequence[str], delimiter: str, categories: Collection[str] = ()
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
    for index, (name, counts) in enumerate(zip(names, _count(connection, len(names)), strict=True)):
        text = f"c{index}"
        if name in categories:
            columns.append(_category(connection, name, text))
        elif counts.numbers == counts.present:
            columns.append(_numbers(connection, name, f"number({text})", notes))
        elif counts.commas and counts.comma_numbers == counts.present:
            columns.append(_numbers(connection, name, f"comma_number({text})", notes))
            with_comma.append(name)
        else:
            columns.append(_boolean(connection, name, text) or _category(connection, name, text))
            if counts.numbers >= MOSTLY * counts.present:
                notes.append(_mostly_numbers(connection, name, text, counts))
    if with_comma:
        what = "Thousands" if delimiter == "," else "Decimal"
        notes.append(f"{what} commas understood in {listed(with_comma)}.")
    return tuple(columns), tuple(notes)


def read_fields(connection: "DuckDBPyConnection", columns: int) -> list[list[str]]:
    """Every field as it stands in the file, column by column."""
    found = []
    for index in range(columns):
        values, empty = _values(connection, f"f{index}")
        values[empty] = ""
        found.append(values.tolist())
    return found


def _count(connection: "DuckDBPyConnection", columns: int) -> list[_Counts]:
    # Patterns are slow: they are tried only where a column has commas.
    commas = "count(*) filter (contains({0}, ','))"
    wanted = f"count({{0}}), count(number({{0}})), 0, {commas}"
    found = [_Counts(*row) for row in _by_column(connection, wanted, range(columns))]
    doubtful = [index for index, counts in enumerate(found) if counts.commas]
    understood = _by_column(connection, "count(comma_number({0}))", doubtful)
    for index, (times,) in zip(doubtful, understood, strict=True):
        found[index] = replace(found[index], comma_numbers=times)
    return found


def _by_column(
    connection: "DuckDBPyConnection", wanted: str, columns: Sequence[int]
) -> Iterator[tuple[int, ...]]:
    """For each column what `wanted` asks for, {0} being the column; many columns a query."""
    for start in range(0, len(columns), COLUMNS_A_QUERY):
        part = columns[start : start + COLUMNS_A_QUERY]
        asked = ", ".join(wanted.format(f"c{index}") for index in part)
        row = connection.execute(f"select {asked} from rows").fetchone() or ()
        width = len(row) // len(part)
        yield from (row[place : place + width] for place in range(0, len(row), width))


def _values(connection: "DuckDBPyConnection", expression: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The values of a column, and where they are missing."""
    values: NDArray[Any] = connection.execute(f"select {expression} as v from rows").fetchnumpy()["v"]
    return np.ma.getdata(values), np.ma.getmaskarray(values)


def _numbers(connection: "DuckDBPyConnection", name: str, expression: str, notes: list[str]) -> Column:
    values, missing = _values(connection, expression)
    numbers = np.array(values, dtype=np.float64)
    numbers[missing] = np.nan
    infinite = np.isinf(numbers)
    times = int(infinite.sum())
    if times:
        numbers[infinite] = np.nan
        what = "infinite value counts" if times == 1 else "infinite values count"
        notes.append(f"Column “{excerpt(name)}”: {times:,} {what} as missing.")
    return Column(name, "number", numbers, infinite=times)


def _boolean(connection: "DuckDBPyConnection", name: str, text: str) -> Column | None:
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
    values, missing = _values(connection, f"cast(lower({text}) = '{true}' as double)")
    numbers = np.array(values, dtype=np.float64)
    numbers[missing] = np.nan
    return Column(name, "boolean", numbers, (_spelling(false, spellings), _spelling(true, spellings)))


def _spelling(word: str, spellings: Sequence[str]) -> str:
    """How the table spells a word most often; like its other word where it never occurs."""
    for spelling in spellings:
        if spelling.lower() == word:
            return spelling
    other = spellings[0]
    return word.upper() if other.isupper() else word.title() if other.istitle() else word


def _category(connection: "DuckDBPyConnection", name: str, text: str) -> Column:
    values, missing = _values(connection, text)
    texts = np.array(values, dtype=object)
    texts[missing] = None
    return Column(name, "category", texts)


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
