"""The rows of a delimited text, read by DuckDB: every row is read, or the table is refused with its line."""

import csv
import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.delimited.csv_dialect import DELIMITER_TITLES, Layout
from engine.data.delimited.text import UnreadableLine
from engine.errors import UserError, excerpt
from engine.progress import Cancelled, Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INTERRUPT_INTERVAL_S, REPORT_INTERVAL_S = 0.02, 0.1

LONGEST_LINE_BYTES = 2**22

MOST_VALUES = 250_000_000
"""Rows × columns; as numbers they take eight bytes each."""

SPACES = " \t\n\u00a0"
"""Stripped from both ends of every value; the last is the no-break space of spreadsheets."""


@dataclass(frozen=True)
class Body:
    """Text below the header, in UTF-8, in a file.

    skip : lines above it in that file. crlf : whether lines end in carriage return and newline. lines : in
    the file, at least one for each row. odd_numbers : see `engine.data.delimited.plain_file.PlainFile`.
    """

    path: Path
    layout: Layout
    skip: int = 0
    crlf: bool = False
    lines: int = 0
    odd_numbers: bool = True

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return self.path.stat().st_size

    @property
    def names(self) -> list[str]:
        """Of the columns in DuckDB: c0, c1, …"""
        return [f"c{place}" for place in range(len(self.layout.names))]


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


@contextmanager
def connected(folder: Path, progress: Progress) -> Iterator["DuckDBPyConnection"]:
    """A connection that keeps what is too much for the memory in a folder.

    While it is in use, cancelling breaks off its queries, and Cancelled is raised.
    """
    # Not at the top: importing DuckDB takes a tenth of a second that no other source needs.
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": str(folder / "spill"),
    }
    made = duckdb.connect(":memory:", config=settings)
    with _memory_errors(), made as connection, _interruptible(connection, progress):
        # Trimming every value would be half of the time that reading takes, so a pattern says which need it.
        connection.execute(
            "create temp macro cleaned(s) as case "
            f"when not regexp_full_match(s, '[{SPACES}].*|.*[{SPACES}]|', 's') then s "
            f"else nullif(trim(s, '{SPACES}'), '') end"
        )
        yield connection


def read_rows(
    connection: "DuckDBPyConnection",
    file: str,
    body: Body,
    progress: Progress,
    places: Sequence[int] | None = None,
    keep_fields: bool = False,
) -> None:
    """Make table `rows` of text columns c0, c1, … (trimmed, NULL where they are empty).

    places : of the columns that are wanted; None for all.
    keep_fields : beside them f0, f1, …, every field as it stands in the file.
    Raises UserError at the first bad row.
    """
    import duckdb

    try:
        with _reported(connection, progress):
            _create_rows(connection, body, range(len(body.names)) if places is None else places, keep_fields)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise UserError(
            file,
            expected="a table that can be read",
            got=excerpt(str(error).splitlines()[0].rstrip(".")),
            help="Check the delimiter and the quotes.",
        ) from None
    _refuse_bad_rows(connection, file, body)
    check_size(file, row_count(connection), len(body.names))


@contextmanager
def _memory_errors() -> Iterator[None]:
    """DuckDB's word for too little memory becomes Python's, which everybody here expects."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise MemoryError from None


def _create_rows(
    connection: "DuckDBPyConnection", body: Body, places: Sequence[int], keep_fields: bool
) -> None:
    wanted = [f"cleaned(raw.c{place}) as c{place}" for place in places]
    if keep_fields:
        wanted += [f"raw.c{place} as f{place}" for place in places]
    source, parameters = scan(body, dict.fromkeys(body.names, "VARCHAR"))
    forget_rejects(connection)
    # Two threads would read batches and copy these into the table in their order: a third more work, and none
    # of the copying can be broken off.
    connection.execute("set threads = 1")
    connection.execute(
        f"create or replace temp table rows as select {', '.join(wanted)} from {source} raw"
        # DuckDB skips blank lines where there are several columns; so do we where there is one.
        + (" where c0 is not null" if len(body.names) == 1 else ""),
        parameters,
    )
    connection.execute("reset threads")


@contextmanager
def _reported(connection: "DuckDBPyConnection", progress: Progress) -> Iterator[None]:
    """While a single long query runs, another thread reports how far it is; this one waits for DuckDB."""
    done = threading.Event()
    # Without its progress bar DuckDB does not note how far a query is.
    connection.execute("set enable_progress_bar = true")
    connection.execute("set enable_progress_bar_print = false")
    connection.execute("set progress_bar_time = 0")

    def report() -> None:
        with suppress(Cancelled):
            while not done.wait(REPORT_INTERVAL_S):
                percent = connection.query_progress()
                if percent >= 0:
                    progress.report(percent / 100)

    thread = threading.Thread(target=report)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        connection.execute("set enable_progress_bar = false")


@contextmanager
def _interruptible(connection: "DuckDBPyConnection", progress: Progress) -> Iterator[None]:
    """Cancelling breaks off whatever the connection runs.

    DuckDB forgets an interrupt that comes just before a query, so it is repeated until this is left.
    """
    left, threads = threading.Event(), list[threading.Thread]()

    def interrupt() -> None:
        threads.append(threading.Thread(target=repeat))
        threads[-1].start()

    def repeat() -> None:
        while not left.is_set():
            connection.interrupt()
            left.wait(INTERRUPT_INTERVAL_S)

    try:
        with progress.interruptible(interrupt):
            yield
    finally:
        left.set()
        for thread in threads:
            thread.join()


def _refuse_bad_rows(connection: "DuckDBPyConnection", file: str, body: Body) -> None:
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


def check_size(file: str, rows: int, columns: int) -> None:
    """Raise UserError where there are no rows, or too many values."""
    if rows == 0:
        raise UserError(
            file,
            expected="rows of values below the header",
            got="none",
            help="Choose a file with data, or say that the file has no header.",
        )
    if rows * columns > MOST_VALUES:
        raise UserError(
            file,
            expected=f"at most {MOST_VALUES:,} values",
            got=f"{rows:,} rows of {columns:,} columns",
            help="Keep a part of its rows or columns.",
        )


def lines_of_rows(body: Path, layout: Layout, rows: Sequence[int]) -> list[int]:
    """The physical lines of the file, from 1, in which these rows of the table begin; rows from 0, rising."""
    wanted, found, row, line = set(rows), [], 0, 1
    with body.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, delimiter=layout.delimiter)
        for fields in reader:
            # What is not read as a row: blank lines, and in a table of one column, empty texts in quotes.
            if fields and (len(layout.names) > 1 or fields[0]):
                if row in wanted:
                    found.append(layout.header_lines + line)
                    if len(found) == len(wanted):
                        break
                row += 1
            line = reader.line_num + 1
    return found


def row_count(connection: "DuckDBPyConnection", table: str = "rows") -> int:
    """How many rows were read, or are in a table that was made of them."""
    found = connection.execute(f"select count(*) from {table}").fetchone()
    return int(found[0]) if found else 0
