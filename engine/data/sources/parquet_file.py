"""Parquet files, read by DuckDB."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from engine.data.column_text import listed
from engine.data.sources.converted import ConvertedTable, Rows
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.settings import hints
from engine.temporary_files import temporary_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS_AT_ONCE = 10_000

NESTED = ("[", "STRUCT", "MAP", "UNION", "BLOB")
"""What the type of a column holds that is no single value."""


class ParquetFile(ConvertedTable):
    """A table in a Parquet file. Its names are the file's; whole numbers that a float loses are codes."""

    heading: ClassVar[str] = "Parquet file"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    kind: Literal["parquet"] = "parquet"

    path: str = Field(
        "",
        title="File",
        description="A table in the Parquet format.",
        json_schema_extra=hints(path_filter="Parquet files (*.parquet *.pq);;All files (*)"),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        return Rows(_rows(path), "Read from a Parquet file.")


def _rows(path: Path) -> Iterator[Sequence[Any]]:
    """The names, then the rows."""
    # Not at the top: importing DuckDB takes a tenth of a second that few sources need.
    import duckdb

    with temporary_folder() as folder, duckdb.connect(":memory:", config=_SAFE) as connection:
        # DuckDB takes a name with a * for a pattern, so it gets another one.
        link = folder / "table.parquet"
        os.symlink(path.absolute(), link)
        try:
            names = _names(path.name, connection, link)
            chosen = ", ".join(f'cast("{name}" as varchar)' for name in (n.replace('"', '""') for n in names))
            found = connection.execute(f"select {chosen} from read_parquet($path)", {"path": str(link)})
            yield names
            while rows := found.fetchmany(ROWS_AT_ONCE):
                yield from rows
        except duckdb.OutOfMemoryException:
            raise MemoryError from None
        except duckdb.Error as error:
            raise UserError(
                path.name,
                expected="a Parquet file that can be read",
                got=excerpt(str(error).splitlines()[0].rstrip(".")),
                help="Make or download the file again.",
            ) from None


_SAFE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def _names(file: str, connection: "DuckDBPyConnection", link: Path) -> list[str]:
    """The names of the columns; raises UserError where one holds more than single values."""
    described = connection.execute(
        "describe select * from read_parquet($path)", {"path": str(link)}
    ).fetchall()
    nested = [str(name) for name, kind, *_ in described if any(part in kind.upper() for part in NESTED)]
    if nested:
        raise UserError(
            file,
            expected="columns of single values",
            got=f"lists or groups in {listed(nested)}",
            help="Leave these columns out when the file is made.",
        )
    return [str(name) for name, *_ in described]
