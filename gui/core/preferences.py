"""Preferences: theme, window layout and recent files, which are checked in jobs."""

import logging
import os
from functools import cache
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from gui.core.jobs import JobRunner
from gui.kit.palettes import ThemeName
from gui.kit.text import tr

ENVIRONMENT_VARIABLE = "GRADWRIGHT_CONFIG"
MOST_RECENT_FILES = 8
WIDEST_DOCK = 10_000

_log = logging.getLogger(__name__)


class Preferences:
    """Typed access to the remembered values. Unreadable or foreign entries count as never set."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or config_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.warning("Preferences cannot be kept in %s: %s", folder, error)
        self._store = QSettings(str(folder / "gradwright.ini"), QSettings.Format.IniFormat)
        self._gone: frozenset[Path] = frozenset()
        """Of the recent files, those that are known to be gone."""
        self._folder_found: Path | None = None
        """The last folder, where it is known to be there."""

    @property
    def theme(self) -> ThemeName:
        """Light, dark, or as the desktop says."""
        name = self.text("window/theme", "system")
        return "light" if name == "light" else "dark" if name == "dark" else "system"

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self.set("window/theme", name)

    @property
    def geometry(self) -> QByteArray | None:
        """Place and size of the window, as saveGeometry() gave it."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray | None) -> None:
        self.set("window/geometry", value)

    @property
    def layout(self) -> QByteArray | None:
        """Docks and toolbars, as saveState() gave it; None is the layout the program comes with."""
        return self._bytes("window/layout")

    @layout.setter
    def layout(self, value: QByteArray | None) -> None:
        self.set("window/layout", value)

    def dock_width(self, name: str) -> int:
        """The width that a panel at a side has where there is room; 0 where that is not known."""
        width = self.number(f"window/width/{name}", 0)
        return int(width) if 0 < width < WIDEST_DOCK else 0

    def note_dock_width(self, name: str, width: int) -> None:
        self.set(f"window/width/{name}", width)

    @property
    def remembered_files(self) -> list[Path]:
        """The files used last, newest first, be they there or not. The disk is not read."""
        stored = self._store.value("files/recent", [])
        names = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return [Path(name) for name in names if isinstance(name, str) and name][:MOST_RECENT_FILES]

    @property
    def recent_files(self) -> list[Path]:
        """The same without those that are known to be gone."""
        return [path for path in self.remembered_files if path not in self._gone]

    def note_gone(self, paths: frozenset[Path]) -> None:
        """These of the remembered files are gone, and the others are not."""
        self._gone = paths

    def add_recent_file(self, path: Path) -> None:
        """Put a file that is there in front of the list of recent ones."""
        path = path.absolute()
        self._gone -= {path}
        others = [other for other in self.recent_files if other != path]
        names = [str(other) for other in [path, *others][:MOST_RECENT_FILES]]
        self.set("files/recent", names)

    def forget_recent_files(self) -> None:
        self.set("files/recent", None)

    @property
    def remembered_folder(self) -> Path | None:
        """Where the last file was opened or saved, be it there or not; None where there was none."""
        folder = Path(self.text("files/folder", ""))
        return folder if folder.is_absolute() else None

    @property
    def last_folder(self) -> Path:
        """The same where it is known to be there, else the home folder. The disk is not read."""
        folder = self.remembered_folder
        return folder if folder is not None and folder == self._folder_found else Path.home()

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        """A folder that is there."""
        self._folder_found = folder.absolute()
        self.set("files/folder", str(self._folder_found))

    def note_folder(self, folder: Path, found: bool) -> None:
        """Whether this folder is there."""
        if found:
            self._folder_found = folder
        elif self._folder_found == folder:
            self._folder_found = None

    def text(self, key: str, default: str) -> str:
        """A remembered text; keys look like "group/name"."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool) -> bool:
        """A remembered yes or no."""
        return {"true": True, "false": False}.get(self.text(key, "").lower(), default)

    def number(self, key: str, default: float) -> float:
        """A remembered number."""
        try:
            return float(self.text(key, ""))
        except ValueError:
            return default

    def set(self, key: str, value: str | bool | float | list[str] | QByteArray | None) -> None:
        """Remember a value; None forgets it."""
        if value is None:
            self._store.remove(key)
        elif isinstance(value, bool):
            self._store.setValue(key, str(value).lower())
        elif isinstance(value, int | float):
            self._store.setValue(key, repr(value))
        else:
            self._store.setValue(key, value)

    def flush(self) -> None:
        """Write to disk now rather than soon."""
        self._store.sync()

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None


def config_folder() -> Path:
    """The folder of the preferences: GRADWRIGHT_CONFIG, else the desktop's."""
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    return Path(named) if named else platformdirs.user_config_path("gradwright", appauthor=False)


@cache
def preferences() -> Preferences:
    """The one set of preferences of this process; `preferences.cache_clear()` reads the folder again."""
    return Preferences()


TITLE = tr("Looking for recent files")


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

        self._jobs.start(TITLE, lambda _: frozenset(filter(is_gone, paths)), done, quiet=True)

    def _look_for_folder(self) -> None:
        folder = preferences().remembered_folder
        if "folder" in self._looking or folder is None:
            return
        self._looking.add("folder")

        def done(found: bool) -> None:
            self._looking.discard("folder")
            preferences().note_folder(folder, found)

        self._jobs.start(TITLE, lambda _: is_folder(folder), done, quiet=True)


def is_gone(path: Path) -> bool:
    """Whether there is surely no file: one that cannot be asked for now may be there again later."""
    try:
        return not path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
