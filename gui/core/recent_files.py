"""The files used last and the folder of the last one, looked for in jobs.

A network drive that is gone may take minutes to answer, so the window never asks for them itself.
"""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gui.core.jobs import JobRunner
from gui.core.preferences import preferences

TITLE = "TrainerState for recent files"


class RecentFiles(QObject):
    """Notes in the preferences which of their files are gone, and whether the last folder is there.

    All in the window's thread. changed : other files than before are to be shown.
    """

    changed = Signal()

    def __init__(self, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._looking: set[str] = set()
        """For what a job is looking: a drive that does not answer holds up one job, not one for each look."""

    def look(self) -> None:
        """Look again; until that has ended, all that are remembered are shown."""
        self._look_for_files()
        self._look_for_folder()

    def _look_for_files(self) -> None:
        paths = preferences().remembered_files
        if "files" in self._looking or not paths:
            return
        self._looking.add("files")

        def done(gone: frozenset[Path]) -> None:
            self._looking.discard("files")
            stored = preferences()
            before = stored.recent_files
            stored.note_gone(gone)
            if stored.recent_files != before:
                self.changed.emit()
            if stored.remembered_files != paths:
                self._look_for_files()

        self._jobs.start(TITLE, lambda _: frozenset(filter(_gone, paths)), done, quiet=True)

    def _look_for_folder(self) -> None:
        folder = preferences().remembered_folder
        if "folder" in self._looking or folder is None:
            return
        self._looking.add("folder")

        def done(found: bool) -> None:
            self._looking.discard("folder")
            preferences().note_folder(folder, found)

        self._jobs.start(TITLE, lambda _: _is_folder(folder), done, quiet=True)


def _gone(path: Path) -> bool:
    """Whether there is surely no file: one that cannot be asked for now may be there again later."""
    try:
        return not path.is_file()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
