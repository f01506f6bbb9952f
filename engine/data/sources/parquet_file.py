"""Parquet files, read by DuckDB."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from engine.data.delimited.text import existing_file
from engine.data.sources.arrow_columns import PANDAS_INDEX, SAFE, text_columns
from engine.data.sources.converted import ConvertedTable, Rows
from engine.data.sources.table_file import RoleInFile
from engine.errors import UserError, excerpt
from engine.progress import Progress
from engine.settings import hints
from engine.temporary_files import temporary_folder

if TYPE_CHECKING:
    from arro3.core import Schema
    from duckdb import DuckDBPyConnection

ROWS_AT_ONCE = 10_000


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
        return Rows(_rows(path), "Read from a Parquet file.", as_text=True)

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        with _opened(existing_file(self.path, as_text=False)) as (_, link):
            names = _schema(link).names
        return {name: "ignored" for name in names if name.startswith(PANDAS_INDEX)}


@contextmanager
def _opened(path: Path) -> Iterator[tuple["DuckDBPyConnection", Path]]:
    """A connection, and the path under which it reads the file; raises UserError where that is damaged."""
    # Not at the top: importing DuckDB takes a tenth of a second that few sources need.
    import duckdb

    with temporary_folder() as folder, duckdb.connect(":memory:", config=SAFE) as connection:
        # DuckDB takes a name with a * for a pattern, so it gets another one.
        link = folder / "table.parquet"
        os.symlink(path.absolute(), link)
        try:
            connection.execute("select 1 from read_parquet($path) limit 1", {"path": str(link)}).fetchall()
            yield connection, link
        except duckdb.OutOfMemoryException:
            raise MemoryError from None
        except duckdb.Error as error:
            raise UserError(
                path.name,
                expected="a Parquet file that can be read",
                got=excerpt(str(error).splitlines()[0].replace(str(link), path.name).rstrip(".")),
                help="Make or download the file again.",
            ) from None


def _schema(link: Path) -> "Schema":
    """The types of the columns as Arrow has them: what DuckDB says of them is less. Only of a sound file."""
    from arro3.io import read_parquet

    return read_parquet(str(link)).schema


def _rows(path: Path) -> Iterator[Sequence[Any]]:
    """The names, then the rows."""
    with _opened(path) as (connection, link):
        schema = _schema(link)
        fields = [(schema.field(place), f"c{place}") for place in range(len(schema.names))]
        found = list(text_columns(path.name, fields, connection))
        # By place: DuckDB renames columns whose names differ in case alone.
        named = f"read_parquet($path) as rows({', '.join(column for _, column in fields)})"
        chosen = ", ".join(expression for _, expression in found)
        result = connection.execute(f"select {chosen} from {named}", {"path": str(link)})
        yield [name for name, _ in found]
        while rows := result.fetchmany(ROWS_AT_ONCE):
            yield from rows
