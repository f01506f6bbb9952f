"""Pictures and tables that panels write to files, in jobs."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Signal
from PySide6.QtGui import QImage, QImageWriter

from engine.errors import UserError
from engine.progress import Progress
from gui.core.jobs import Job, JobRunner

Writing = Callable[[Progress], None]
"""Writes what a panel showed when this was made; raises UserError where that cannot be, and Cancelled.

No file has changed then.
"""


def png_bytes(image: QImage) -> bytes:
    """The image encoded as PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # QImage.save would do the same, but takes the format as text only, and its stubs say bytes only.
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(buffer.data().data())


class Exports(QObject):
    """Writes files, each in a job. `saved` : Path of what was written."""

    saved = Signal(object)

    def __init__(self, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._writing: dict[Path, Job] = {}
        """By what they write."""

    def write(self, path: Path, writing: Writing, failed: Callable[[UserError], None]) -> None:
        """Write a file; `failed` gets why that was not possible."""
        # Of two that are written to one place, the later is wanted.
        if path in self._writing:
            self._jobs.cancel(self._writing[path])
        self._writing[path] = self._jobs.start(
            f"Saving {path.name}",
            writing,
            lambda _: self._written(path),
            lambda error: self._failed(path, error, failed),
            lambda: self._forget(path),
        )

    def _forget(self, path: Path) -> None:
        del self._writing[path]

    def _written(self, path: Path) -> None:
        self._forget(path)
        self.saved.emit(path)

    def _failed(self, path: Path, error: UserError, failed: Callable[[UserError], None]) -> None:
        self._forget(path)
        failed(error)
