"""Tables of SQLite databases."""

import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from urllib.parse import quote

from pydantic import Field

from engine.data.columns.texts import listed
from engine.data.delimited.text import existing_file
from engine.data.sources.converted import ConvertedTable, Rows
from engine.errors import UserError, excerpt
from engine.input_files import TABLE_FILE, open_input
from engine.progress import Progress
from engine.settings import hints


class SQLiteTable(ConvertedTable):
    """A table, a view or a query of a SQLite database, which is only read."""

    heading: ClassVar[str] = "SQLite database"
    suffixes: ClassVar[tuple[str, ...]] = (".sqlite", ".sqlite3", ".db")
    icon: ClassVar[str] = "database"
    part_field: ClassVar[str] = "table"
    kind: Literal["sqlite"] = "sqlite"

    path: str = Field(
        "",
        title="File",
        description="A database of SQLite.",
        json_schema_extra=hints(path_filter="SQLite databases (*.sqlite *.sqlite3 *.db);;All files (*)"),
    )
    table: str | None = Field(
        None,
        title="Table",
        description="Name of the table or view in the database.",
        json_schema_extra=hints(none_title="The first one"),
    )

    query: str | None = Field(
        None,
        title="Query",
        description="A query in SQL whose rows are read in place of a table's; it can only read.",
        json_schema_extra=hints(none_title="None"),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        with _sentences(path), closing(_connected(path)) as connection:
            if self.query is not None and self.query.strip():
                return Rows(_rows(path, self.query, True, progress), "Read by a query.")
            name, others = self._chosen(path, connection)
        quoted = name.replace('"', '""')
        beside = f"; the database has {listed(others)}, too" if others and self.table is None else ""
        note = f"Read from the table “{excerpt(name)}”{beside}."
        return Rows(_rows(path, f'select * from "{quoted}"', False, progress), note)

    def parts(self) -> tuple[str, ...]:
        path = existing_file(self.path, as_text=False)
        with _sentences(path), closing(_connected(path)) as connection:
            return tuple(_names(connection))

    def with_part(self, name: str) -> Self:
        return self.replace(table=name, query=None)

    def _chosen(self, path: Path, connection: sqlite3.Connection) -> tuple[str, list[str]]:
        """The table that is read, and the others."""
        names = _names(connection)
        name = self.table if self.table is not None else next(iter(names), None)
        if name in names:
            return name, [other for other in names if other != name]
        raise UserError(
            f"{path.name}, table",
            expected=f"one of {listed(names, 8)}" if names else "a table",
            got="none" if name is None else f"“{excerpt(name)}”",
            help="Choose one of its tables." if names else "Choose another file.",
        )


READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
"""What a query may do; it may not write, nor attach other files."""


def _names(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%' "
        "order by rowid"
    ).fetchall()
    return [str(name) for (name,) in found]


def _connected(path: Path) -> sqlite3.Connection:
    _check_whole(path)
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=2)
    connection.set_authorizer(_only_reading)
    return connection


def _check_whole(path: Path) -> None:
    """Raises UserError for a file that is shorter than its header says: SQLite reads zeros in its place."""
    with open_input(path, TABLE_FILE) as stream:
        header = stream.read(100)
    if len(header) < 100:
        return
    page, changes, pages = struct.unpack_from(">16xH6xII", header)
    (valid_for,) = struct.unpack_from(">92xI", header)
    if changes == valid_for and path.stat().st_size < pages * (65_536 if page == 1 else page):
        raise UserError(
            path.name,
            expected="a whole SQLite database",
            got="one that was cut",
            help="Copy or download the file again.",
        )


def _only_reading(action: int, first: str | None, second: str | None, *others: str | None) -> int:
    allowed = action in READING and (second or "").lower() != "load_extension"
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _rows(path: Path, query: str, written: bool, progress: Progress) -> Iterator[Sequence[Any]]:
    """The names, then the rows. written : whether a person has written the query."""
    with (
        _sentences(path, query if written else ""),
        closing(_connected(path)) as connection,
        progress.interruptible(connection.interrupt),
    ):
        found = connection.execute(query)
        names = [name for name, *_ in found.description or ()]
        if names:
            yield names
        for row in found:
            if bytes in map(type, row):
                name = names[list(map(type, row)).index(bytes)]
                raise UserError(
                    f"{path.name}, column “{excerpt(name)}”",
                    expected="numbers and texts",
                    got="bytes, as of a picture",
                    help="Leave this column out by a query.",
                )
            yield row


@contextmanager
def _sentences(path: Path, query: str = "") -> Iterator[None]:
    """What SQLite raises becomes a sentence."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        help = "Close other programs that use it, or copy it from where it was made."
        raise UserError(
            f"{path.name}, query “{excerpt(query)}”" if query else path.name,
            expected="a single query that reads" if query else "a SQLite database that can be read",
            got=excerpt(str(error)),
            help="Write one SELECT, without a change of the database." if query else help,
        ) from None
