"""Reads and describes a table for the import dialog, in jobs: first rows first, then all of it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from engine.data import DataSettings, Description, Table, describe
from engine.data.columns.preview import ColumnBars, all_column_bars
from engine.data.first_rows import fields_as_written, first_rows, found_format
from engine.data.sources.table_file import TableFile
from engine.errors import UserError
from engine.progress import Progress
from gui.core.jobs import Job, JobRunner
from gui.core.runs import file_state
from gui.kit.text import tr

ROWS_SHOWN = 200
"""Of the table, in the preview."""

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class TableAsRead:
    """A table as it is understood with some settings.

    whole : False while only its first rows are read. seconds : how long reading took.
    state : time and size of the file before it was read. format : as of `found_format`.
    """

    settings: DataSettings
    table: Table
    description: Description
    bars: tuple[ColumnBars, ...]
    whole: bool
    seconds: float
    state: tuple[int, int]
    format: Mapping[str, str]


class TableReading(QObject):
    """Keeps the table that was read last: another target or role reads nothing again.

    Signals: `understood` with a TableAsRead, twice where a first look came before all of it; `failed` with a
    UserError; `busy_changed` when a job begins or ends; `fields_read` with columns of fields as they stand in
    the file; `parts_read` with the names of the tables that the file holds.
    """

    understood = Signal(object)
    failed = Signal(object)
    busy_changed = Signal()
    fields_read = Signal(object)
    parts_read = Signal(object)

    def __init__(self, jobs: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None
        self._fields_job: Job | None = None
        self._parts_job: Job | None = None
        self._last: TableAsRead | None = None
        """The table read last, all of it."""

    @property
    def job(self) -> Job | None:
        """What is under way, if anything is."""
        return self._job

    def read(self, settings: DataSettings) -> None:
        """Read and describe the table of these settings, in place of what is under way."""
        last = self._last
        if last is not None and last.settings.read_from == settings.read_from:
            self._start(lambda progress: described(last, settings, progress), self._take)
            return
        self._last = None
        self._start(
            lambda progress: _first_look(settings, progress), lambda found: self._go_on(found, settings)
        )

    def read_fields(self, settings: DataSettings) -> None:
        """Get the first rows as they stand in the file."""
        self._stop_fields()
        self._fields_job = self._jobs.start(
            tr("Reading fields"),
            lambda progress: fields_as_written(settings, ROWS_SHOWN, progress),
            self._take_fields,
            self._fail_fields,
            quiet=True,
        )

    def read_parts(self, settings: DataSettings) -> None:
        """Find the tables that the file holds; nothing follows where there is only one."""
        source = settings.source
        if isinstance(source, TableFile) and source.part_field:
            self._parts_job = self._jobs.start(
                tr("Looking for tables"),
                lambda _: source.parts(),
                self.parts_read.emit,
                # That it cannot be read is told where the table is read.
                lambda error: None,
                quiet=True,
            )

    def cancel(self) -> None:
        """End whatever is under way; no signal follows."""
        self._stop()
        self._stop_fields()
        if self._parts_job is not None:
            self._jobs.cancel(self._parts_job)

    def _start(self, work: Callable[[Progress], Result], done: Callable[[Result], None]) -> None:
        self._stop()

        def finish(found: Result) -> None:
            self._job = None
            done(found)
            self.busy_changed.emit()

        self._job = self._jobs.start(tr("Reading the table"), work, finish, self._fail, quiet=True)
        self.busy_changed.emit()

    def _go_on(self, found: TableAsRead | None, settings: DataSettings) -> None:
        """After the first look, all of it."""
        if found is not None:
            self.understood.emit(found)
        self._start(lambda progress: read_table(settings, progress), self._take)

    def _take(self, found: TableAsRead) -> None:
        self._last = found
        self.understood.emit(found)

    def _fail(self, error: UserError) -> None:
        self._job = None
        self.failed.emit(error)
        self.busy_changed.emit()

    def _take_fields(self, fields: list[list[str]]) -> None:
        self._fields_job = None
        self.fields_read.emit(fields)

    def _fail_fields(self, error: UserError) -> None:
        self._fields_job = None
        self.failed.emit(error)

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            self._jobs.cancel(job)

    def _stop_fields(self) -> None:
        job, self._fields_job = self._fields_job, None
        if job is not None:
            self._jobs.cancel(job)


def read_table(settings: DataSettings, progress: Progress) -> TableAsRead:
    """All of a table, described; raises UserError and Cancelled."""
    began, state = time.monotonic(), file_state(settings.source)
    table = settings.load(progress.part(0.0, 0.7))
    seconds = time.monotonic() - began
    bars = all_column_bars(table, progress.part(0.7, 0.75))
    description = describe(table, settings, progress.part(0.75, 1.0))
    return TableAsRead(settings, table, description, bars, True, seconds, state, found_format(settings))


def described(known: TableAsRead, settings: DataSettings, progress: Progress) -> TableAsRead:
    """The same table with other roles, target or split."""
    description = describe(known.table, settings, progress)
    return replace(known, settings=settings, description=description)


def _first_look(settings: DataSettings, progress: Progress) -> TableAsRead | None:
    """The first rows of a large file; None where there is none, or where they alone cannot be understood."""
    began, state = time.monotonic(), file_state(settings.source)
    try:
        table = first_rows(settings, progress)
    except UserError:
        # The last row may be cut in the middle of a quoted field: reading all of it tells what is wrong.
        return None
    if table is None:
        return None
    description = describe(table, settings, progress)
    bars = all_column_bars(table, progress)
    seconds = time.monotonic() - began
    return TableAsRead(settings, table, description, bars, False, seconds, state, found_format(settings))
