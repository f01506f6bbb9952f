"""Writes one table in every format that a source of tables reads, by other libraries where there are some."""

import csv
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from arro3.core import Array, DataType, Table
from arro3.io import write_ipc, write_parquet

from engine.data.sources.arff_file import ARFFFile
from engine.data.sources.arrow_file import ArrowFile
from engine.data.sources.base import Source
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.json_file import JSONFile
from engine.data.sources.numpy_file import NumPyFile
from engine.data.sources.parquet_file import ParquetFile
from engine.data.sources.spreadsheet import Spreadsheet
from engine.data.sources.sqlite_table import SQLiteTable
from engine.data.sources.svmlight_file import SVMLightFile

Rows = Sequence[Sequence[Any]]
"""Values as Python has them: float, str, or None where one is missing."""


def write_text(path: Path, names: Sequence[str], rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([names, *rows])


def write_spreadsheet(path: Path, names: Sequence[str], rows: Rows) -> None:
    workbook = openpyxl.Workbook()
    for row in (names, *rows):
        workbook.active.append(list(row))
    workbook.save(path)


def arrow_table(names: Sequence[str], rows: Rows) -> Table:
    columns = []
    for column in zip(*rows, strict=True):
        numbers = all(isinstance(value, float | None) for value in column)
        columns.append(Array(list(column), type=DataType.float64() if numbers else DataType.utf8()))
    return Table.from_arrays(columns, names=list(names))


def write_sqlite(path: Path, names: Sequence[str], rows: Rows) -> None:
    with closing(sqlite3.connect(path)) as connection:
        columns = ", ".join('"' + name + '"' for name in names)
        connection.execute(f"create table cars ({columns})")
        connection.executemany(f"insert into cars values ({', '.join('?' * len(names))})", rows)
        connection.commit()


def write_numpy(path: Path, names: Sequence[str], rows: Rows) -> None:
    """With a field for each column: there is no missing text, but an empty one."""
    numbers = [all(isinstance(row[place], float | None) for row in rows) for place in range(len(names))]
    kinds = [(name, "f8" if number else "U40") for name, number in zip(names, numbers, strict=True)]
    whole = [
        tuple(
            (np.nan if number else "") if value is None else value
            for number, value in zip(numbers, row, strict=True)
        )
        for row in rows
    ]
    np.save(path, np.array(whole, dtype=kinds))


def write_json(path: Path, names: Sequence[str], rows: Rows) -> None:
    lines = (json.dumps(dict(zip(names, row, strict=True))) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")


def write_arff(path: Path, names: Sequence[str], rows: Rows) -> None:
    lines = ["@relation cars"]
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        levels = sorted({value for value in column if isinstance(value, str)})
        kind = "{" + ", ".join(f"'{level}'" for level in levels) + "}" if levels else "numeric"
        lines.append(f"@attribute '{name}' {kind}")
    lines.append("@data")
    for row in rows:
        fields = (f"'{value}'" if isinstance(value, str) else str(value) for value in row)
        lines.append(",".join("?" if field == "None" else field for field in fields))
    path.write_text("\n".join(lines), encoding="utf-8")


def write_svmlight(path: Path, names: Sequence[str], rows: Rows) -> None:
    """The last column is the target; of the others, what is not zero."""
    lines = (
        " ".join([str(row[-1]), *(f"{index}:{value}" for index, value in enumerate(row[:-1], 1) if value)])
        for row in rows
    )
    path.write_text("\n".join(lines), encoding="utf-8")


WRITE: dict[type[Source], tuple[str, Callable[[Path, Sequence[str], Rows], None]]] = {
    CSVFile: ("csv", write_text),
    Spreadsheet: ("xlsx", write_spreadsheet),
    ParquetFile: ("parquet", lambda path, names, rows: write_parquet(arrow_table(names, rows), path)),
    ArrowFile: ("feather", lambda path, names, rows: write_ipc(arrow_table(names, rows), path)),
    SQLiteTable: ("db", write_sqlite),
    NumPyFile: ("npy", write_numpy),
    JSONFile: ("jsonl", write_json),
    ARFFFile: ("arff", write_arff),
    SVMLightFile: ("svmlight", write_svmlight),
}
"""How the names of the files of a source end, and what writes them; a new source of tables adds a line."""

NUMBERS_ALONE = (SVMLightFile,)
"""Formats without texts, without missing values, and without names of columns."""


def example_rows(kind: type[Source], count: int = 24) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Names and rows that the format can hold: numbers, texts, yes and no, and what is missing."""
    if kind in NUMBERS_ALONE:
        return ("x1", "x2", "target"), [(row / 4 - 2, float(row % 3), float(row % 2)) for row in range(count)]
    rows = [
        (
            None if row == 5 else row / 4 - 2,
            None if row == 7 else ("red", "light blue", "Grün")[row % 3],
            "yes" if row % 2 else "no",
        )
        for row in range(count)
    ]
    return ("length", "colour", "grown"), rows
