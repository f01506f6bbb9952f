"""What sources have in common whose files are no text: their rows are read as delimited text, by its rules.

So the same table gives the same columns in every format.
"""

import csv
import datetime
import errno
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field

from engine.data.columns.settings import ColumnType
from engine.data.delimited.chosen_types import declared_texts
from engine.data.delimited.missing_marks import USUAL
from engine.data.delimited.text import existing_file
from engine.data.sources.base import ReadingRules
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.table_file import TableFile
from engine.data.table import Table, with_levels
from engine.errors import UserError
from engine.progress import Progress
from engine.settings import hints
from engine.temporary_files import temporary_folder

ROWS_A_REPORT = 1000
"""Rows between two looks at whether the work was cancelled."""


@dataclass(frozen=True)
class Rows:
    """The rows of a table, and how they were found, in a sentence.

    header, skip : as of `CSVFile`. levels : of columns whose values the file declares, all of them in their
    order. notes : more sentences. as_text : whether all values are texts already, or None.
    """

    values: Iterable[Sequence[Any]]
    note: str
    header: bool | None = True
    skip: int | None = 0
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    as_text: bool = False


class ConvertedTable(TableFile):
    """A table in a file of another form than text.

    `load` raises UserError where the file is not of this form, damaged, or holds no table.
    """

    missing: tuple[str, ...] | None = Field(
        None,
        title="Missing marks",
        description="Texts that stand for a missing value, beside empty cells; none means only these.",
        json_schema_extra=hints(none_title="Usual ones", last=True),
    )

    @abstractmethod
    def rows_of(self, path: Path, progress: Progress) -> Rows:
        """The rows of the file, names among them; raises UserError, also while they are gone through."""

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        with self._as_text(progress.part(0.0, 0.5)) as (text, rows):
            known = {name: _known(rows.levels[name]) for name in declared_texts(rows.levels, types)}
            table, _ = text.load_as(progress.part(0.5, 1.0), types, known)
            return self._named(table, rows)

    def load_with_fields(
        self,
        categories: Mapping[str, Collection[str]],
        numbers: Collection[str] = (),
        reading: ReadingRules | None = None,
    ) -> tuple[Table, list[list[str]]]:
        with self._as_text(Progress()) as (text, rows):
            table, fields = text.load_with_fields(categories, numbers, reading)
            return self._named(table, rows), fields

    def fields_as_written(self, progress: Progress) -> list[list[str]]:
        """Each column as text, as of `CSVFile.fields_as_written`."""
        with self._as_text(progress.part(0.0, 0.5)) as (text, _):
            return text.fields_as_written(progress.part(0.5, 1.0))

    def _named(self, table: Table, rows: Rows) -> Table:
        columns = with_levels(table.columns, rows.levels)
        notes = (rows.note, *rows.notes, *table.notes[1:])
        # The text is ours: its decimal mark says nothing of another file.
        return replace(table, name=Path(self.path).name, columns=columns, notes=notes, decimal=None)

    @contextmanager
    def _as_text(self, progress: Progress) -> Iterator[tuple[CSVFile, Rows]]:
        path = existing_file(self.path, as_text=False)
        with temporary_folder() as folder:
            # Under its own name, which sentences about a row say.
            text = folder / path.name
            rows = self.rows_of(path, progress)
            values = iter(rows.values)
            if self.first_rows is not None and rows.header is not None and rows.skip is not None:
                # What lies behind them need not be read; where the header is looked for, all is.
                values = islice(values, self.first_rows + rows.skip + rows.header)
            progress.report(None, "Reading rows")
            count = _write_rows(path, text, values, rows.as_text, progress)
            if not count:
                raise UserError(path.name, expected="a table", got="no rows", help="Choose another file.")
            found = CSVFile(path=str(text), delimiter=",", encoding="utf-8", decimal=".")
            found = found.replace(header=rows.header, skip=rows.skip, missing=self.missing)
            yield found.replace(first_rows=self.first_rows, rows=self.rows), rows


def _write_rows(
    path: Path, text: Path, values: Iterator[Sequence[Any]], as_text: bool, progress: Progress
) -> int:
    """Write the rows as delimited text; how many there were."""
    count = 0
    try:
        with text.open("w", encoding="utf-8", errors="replace", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            while rows := list(islice(values, ROWS_A_REPORT)):
                progress.report(None, "Reading rows")
                count += len(rows)
                if not as_text:
                    rows = [[cell_text(value) for value in row] for row in rows]
                writer.writerows(rows)
    except OSError as error:
        no_room = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise UserError(
            path.name,
            expected="room for a temporary copy of the table" if no_room else "a file that can be read",
            got=(error.strerror or str(error)).lower(),
            help="Free some disk space." if no_room else "Check whether it is still there.",
        ) from None
    return count


def _known(levels: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values, where one of them could be taken for missing; else the column may also be yes and no."""
    return levels if any(level.lower() in USUAL for level in levels) else None


PANIC = "PanicException"
"""What Rust libraries raise where they have met what cannot be; the class itself cannot be imported."""


def is_panic(error: BaseException) -> bool:
    """Whether a library of Rust has failed in an unforeseen way, which is no Exception."""
    return type(error).__name__ == PANIC


def cell_text(value: Any) -> str:
    """A value of a cell as text: whole numbers without decimals, dates as ISO 8601 writes them."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime.datetime):
        text = value.isoformat(" ")
        return text.rstrip("0") if value.microsecond and value.tzinfo is None else text
    if isinstance(value, datetime.time):
        return value.isoformat().rstrip("0") if value.microsecond else value.isoformat()
    if isinstance(value, datetime.timedelta):
        return cell_text(value.total_seconds())
    return str(value)
