"""The rows of a delimited text, read by DuckDB: every row is read, or the table is refused with its line."""

import csv
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.delimited.csv_body import Body, forget_rejects, refuse_bad_rows, scan
from engine.data.delimited.csv_dialect import Layout
from engine.errors import UserError, excerpt
from engine.progress import Cancelled, Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INTERRUPT_INTERVAL_S, REPORT_INTERVAL_S = 0.02, 0.1

MOST_VALUES = 250_000_000
"""Rows × columns; as numbers they take eight bytes each."""

MOST_NUMBERS = 4_000_000_000
"""The same of columns that are numbers alone; many of them are kept in a file."""

SPACES = " \t\n\u00a0"
"""Stripped from both ends of every value; the last is the no-break space of spreadsheets."""


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
    refuse_bad_rows(connection, file, body)
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


def check_size(file: str, rows: int, columns: int, most: int | None = None) -> None:
    """Raise UserError where there are no rows, or too many values."""
    most = MOST_VALUES if most is None else most
    if rows == 0:
        raise UserError(
            file,
            expected="rows of values below the header",
            got="none",
            help="Choose a file with data, or say that the file has no header.",
        )
    if rows * columns > most:
        raise UserError(
            file,
            expected=f"at most {most:,} values",
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
