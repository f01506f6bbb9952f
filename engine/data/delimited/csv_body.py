"""The text below a table's header as DuckDB scans it, and what is said of a row that does not fit."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.delimited.csv_dialect import DELIMITER_TITLES, Layout
from engine.data.delimited.text import UnreadableLine
from engine.errors import excerpt

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST_LINE_BYTES = 2**22


@dataclass(frozen=True)
class Body:
    """Text below the header, in UTF-8, in a file.

    skip : lines above it in that file. crlf : whether lines end in carriage return and newline. lines : in
    the file, at least one for each row. odd_numbers : see `engine.data.delimited.plain_file.PlainFile`.
    places : of the columns in the table, where the file holds only some, with an empty one behind them.
    """

    path: Path
    layout: Layout
    skip: int = 0
    crlf: bool = False
    lines: int = 0
    odd_numbers: bool = True
    places: tuple[int, ...] | None = None

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return self.path.stat().st_size

    @property
    def names(self) -> list[str]:
        """Of the columns in DuckDB: c0, c1, …"""
        if self.places is None:
            return [f"c{place}" for place in range(len(self.layout.names))]
        return [*(f"c{place}" for place in self.places), "nothing"]


def scan(body: Body, types: Mapping[str, str], nulls: Sequence[str] = ()) -> tuple[str, dict[str, object]]:
    """What stands behind FROM to read a text with columns of these types, and its parameters.

    nulls : texts that count as missing where they are not quoted, beside empty ones.
    Rows that do not fit are left out, and listed in table `reject_errors`.
    """
    query = (
        "read_csv($path, delim = $delimiter, quote = '\"', escape = '\"', header = false, "
        "auto_detect = false, columns = $columns, strict_mode = true, null_padding = false, "
        "new_line = $newline, skip = $skip, nullstr = $nulls, allow_quoted_nulls = $quoted, "
        "store_rejects = true, max_line_size = $longest, buffer_size = $buffer)"
    )
    return query, {
        "path": str(body.path),
        "delimiter": body.layout.delimiter,
        "columns": dict(types),
        "newline": "\\r\\n" if body.crlf else "\\n",
        "skip": body.skip,
        "nulls": ["", *nulls],
        "quoted": not nulls,
        "longest": LONGEST_LINE_BYTES,
        "buffer": 8 * LONGEST_LINE_BYTES,
    }


def forget_rejects(connection: "DuckDBPyConnection") -> None:
    """Empty `reject_errors`, which otherwise keeps what every scan rejects."""
    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")


def fields_of(body: Body, rows: int | None) -> Iterator[list[str]]:
    """The fields of the first rows, or of all; whatever is wrong with them is not said here."""
    with body.path.open(encoding="utf-8", newline="") as stream:
        for _ in range(body.skip):
            stream.readline()
        with suppress(csv.Error):
            yield from islice(csv.reader(stream, delimiter=body.layout.delimiter), rows)


def refuse_bad_rows(connection: "DuckDBPyConnection", file: str, body: Body) -> None:
    rejects = connection.execute(
        "select line_byte_position, error_type, error_message, csv_line from reject_errors "
        "order by line, column_idx"
    ).fetchall()
    if not rejects:
        return
    layout = body.layout
    position, kind, message, row = rejects[0]
    fields = len(layout.names)
    if kind in ("TOO MANY COLUMNS", "MISSING COLUMNS"):
        separator = DELIMITER_TITLES.get(layout.delimiter, repr(layout.delimiter))
        expected = f"{fields} field{'s' if fields > 1 else ''}, as in the header"
        got = str(_field_count(row.lstrip("\n"), layout.delimiter))
        help = f"Correct the line; fields are separated by {separator}, and a text that holds one is quoted."
    elif kind == "UNQUOTED VALUE":
        expected = "quotes that are closed at the end of their field"
        got = "one that is not"
        help = "Close the quote, or write a quote inside a text twice."
    elif kind == "LINE SIZE OVER MAXIMUM":
        expected = f"a row of at most {LONGEST_LINE_BYTES // 2**20} MB"
        got = "a longer one"
        help = "Look for a quote that is not closed."
    else:
        expected, got, help = (
            "a row that fits the table",
            excerpt(str(message).rstrip(".")),
            "Correct the line.",
        )
    more = len({reject[0] for reject in rejects}) - 1
    if more:
        help += f" {more:,} more row{'s' if more > 1 else ''} to correct after it."
    raise UnreadableLine(
        f"{file}, line {layout.header_lines + _line_at(body.path, position)}",
        expected=expected,
        got=got,
        help=help,
    )


def _field_count(row: str, delimiter: str) -> int:
    """DuckDB stops counting at the first field too many."""
    return len(next(csv.reader(io.StringIO(row), delimiter=delimiter), []))


def _line_at(body: Path, position: int) -> int:
    """The physical line, from 1, of the record at a byte, from 1.

    DuckDB counts records, not lines, and places a record that follows blank lines at the first of these.
    """
    line, left = 1, position - 1
    with body.open("rb") as stream:
        while left > 0 and (data := stream.read(min(left, 2**20))):
            line += data.count(b"\n")
            left -= len(data)
        while stream.read(1) == b"\n":
            line += 1
    return line
