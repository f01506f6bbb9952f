"""What sources have in common whose files are no text: their rows are read as delimited text, by its rules.

So the same table gives the same columns in every format.
"""

import csv
import datetime
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from engine.data.column_settings import ColumnType
from engine.data.delimited.text import existing_file
from engine.data.sources.base import FileSource, Reading
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Table
from engine.errors import UserError
from engine.progress import Progress
from engine.settings import hints
from engine.temporary_files import temporary_folder

ROWS_A_REPORT = 1000
"""Rows between two looks at whether the work was cancelled."""


@dataclass(frozen=True)
class Rows:
    """The rows of a table, and how they were found, in a sentence. header, skip : as of `CSVFile`."""

    values: Iterable[Sequence[Any]]
    note: str
    header: bool | None = True
    skip: int | None = 0


class ConvertedTable(FileSource):
    """A table in a file of another form than text.

    `load` raises UserError where the file is not of this form, damaged, or holds no table.
    """

    icon: ClassVar[str] = "table"

    missing: tuple[str, ...] | None = Field(
        None,
        title="Missing marks",
        description="Texts that stand for a missing value, beside empty cells; none means only these.",
        json_schema_extra=hints(none_title="Usual ones"),
    )

    @abstractmethod
    def rows_of(self, path: Path, progress: Progress) -> Rows:
        """The rows of the file, names among them; raises UserError, also while they are gone through."""

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        with self._as_text(progress.part(0.0, 0.5)) as (text, note):
            return self._named(text.read(progress.part(0.5, 1.0), types), note)

    def load_with_fields(
        self,
        categories: Mapping[str, Collection[str]],
        numbers: Collection[str] = (),
        reading: Reading | None = None,
    ) -> tuple[Table, list[list[str]]]:
        """The table, and each of its columns as text; see `CSVFile.load_with_fields`."""
        with self._as_text(Progress()) as (text, note):
            table, fields = text.load_with_fields(categories, numbers, reading)
            return self._named(table, note), fields

    def fields_as_written(self, progress: Progress) -> list[list[str]]:
        """Each column as text, as of `CSVFile.fields_as_written`."""
        with self._as_text(progress.part(0.0, 0.5)) as (text, _):
            return text.fields_as_written(progress.part(0.5, 1.0))

    def _named(self, table: Table, note: str) -> Table:
        # The text is ours: its decimal mark says nothing of another file.
        notes = (note, *table.notes[1:])
        return replace(table, name=Path(self.path).name, notes=notes, decimal=None)

    @contextmanager
    def _as_text(self, progress: Progress) -> Iterator[tuple[CSVFile, str]]:
        path = existing_file(self.path, as_text=False)
        with temporary_folder() as folder:
            # Under its own name, which sentences about a row say.
            text = folder / path.name
            rows = self.rows_of(path, progress)
            count = 0
            with text.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                for row in rows.values:
                    if count % ROWS_A_REPORT == 0:
                        progress.report(None, "Reading rows")
                    count += 1
                    writer.writerow([cell_text(value) for value in row])
            if not count:
                raise UserError(path.name, expected="a table", got="no rows", help="Choose another file.")
            settings = {"header": rows.header, "skip": rows.skip, "missing": self.missing}
            yield CSVFile(path=str(text), delimiter=",", encoding="utf-8", decimal=".", **settings), rows.note


def cell_text(value: Any) -> str:
    """A value of a cell as text: whole numbers without decimals, dates as ISO 8601 writes them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, datetime.timedelta):
        return str(value.total_seconds())
    return str(value)
