"""Pictures and tables of the plots, written in jobs."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from gui.core.jobs import Job, JobRunner
from gui.panels.plots.base import LivePlot
from gui.panels.plots.export import Writing


class PlotSaves(QObject):
    """Goes between plots, which know no jobs, and the jobs. `saved` : Path of what was written."""

    saved = Signal(object)

    def __init__(self, plots: Iterable[LivePlot], jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._writing: dict[Path, Job] = {}
        """By what they write."""
        for plot in plots:
            plot.save_requested.connect(partial(self._start, plot))

    def _start(self, plot: LivePlot, path: Path, write: Writing) -> None:
        # Of two that are written to one place, the later is wanted.
        if path in self._writing:
            self._jobs.cancel(self._writing[path])
        self._writing[path] = self._jobs.start(
            f"Saving {path.name}",
            write,
            lambda _: self._written(path),
            lambda error: self._failed(plot, path, error),
            lambda: self._forget(path),
        )

    def _forget(self, path: Path) -> None:
        del self._writing[path]

    def _written(self, path: Path) -> None:
        self._forget(path)
        self.saved.emit(path)

    def _failed(self, plot: LivePlot, path: Path, error: UserError) -> None:
        self._forget(path)
        plot.show_unsaved(error)
