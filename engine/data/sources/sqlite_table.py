"""Tables of SQLite databases."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from engine.data.sources.converted import ConvertedTable, Rows
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.settings import hints


class SQLiteTable(ConvertedTable):
    """A table or a view of a SQLite database, which is only read."""

    heading: ClassVar[str] = "SQLite database"
    suffixes: ClassVar[tuple[str, ...]] = (".sqlite", ".sqlite3", ".db")
    icon: ClassVar[str] = "database"
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
        json_schema_extra=hints(none_title="The only one"),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        try:
            with closing(_connected(path)) as connection:
                name = self._chosen(path, connection)
        except sqlite3.Error as error:
            _refuse(path, error)
        return Rows(_rows(path, name), f"Read from the table “{excerpt(name)}”.")

    def _chosen(self, path: Path, connection: sqlite3.Connection) -> str:
        found = connection.execute(
            "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%' "
            "order by rowid"
        ).fetchall()
        names = [str(name) for (name,) in found]
        if self.table in names:
            return str(self.table)
        if self.table is None and len(names) == 1:
            return names[0]
        raise UserError(
            f"{path.name}, table",
            expected=" or ".join(f"“{excerpt(name)}”" for name in names[:8]) or "a table",
            got="none" if self.table is None else f"“{excerpt(self.table)}”",
            help="Choose one of its tables.",
        )


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=2)


def _rows(path: Path, table: str) -> Iterator[Sequence[Any]]:
    """The names, then the rows."""
    quoted = table.replace('"', '""')
    try:
        with closing(_connected(path)) as connection:
            found = connection.execute(f'select * from "{quoted}"')
            yield [name for name, *_ in found.description]
            yield from found
    except sqlite3.Error as error:
        _refuse(path, error)


def _refuse(path: Path, error: sqlite3.Error) -> Any:
    raise UserError(
        path.name,
        expected="a SQLite database that can be read",
        got=excerpt(str(error)),
        help="Close other programs that use it, or copy it from where it was made.",
    ) from None
