"""What the program remembers of one person between two starts: theme, recent files, window layout.

Kept in an ini file in the desktop's folder for configuration. The environment variable GRADWRIGHT_CONFIG
names another folder; tests set it, so that none ever touches a person's own file.
"""

import logging
import os
from functools import cache
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from gui.palettes import ThemeName

ENVIRONMENT_VARIABLE = "GRADWRIGHT_CONFIG"
MOST_RECENT_FILES = 8

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

    @property
    def recent_files(self) -> list[Path]:
        """The files used last, newest first; those that are gone are left out."""
        stored = self._store.value("files/recent", [])
        names = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        paths = [Path(name) for name in names if isinstance(name, str) and name]
        return [path for path in paths if path.is_file()][:MOST_RECENT_FILES]

    def add_recent_file(self, path: Path) -> None:
        """Put a file in front of the list of recent ones."""
        path = path.absolute()
        others = [other for other in self.recent_files if other != path]
        names = [str(other) for other in [path, *others][:MOST_RECENT_FILES]]
        self.set("files/recent", names)

    def forget_recent_files(self) -> None:
        self.set("files/recent", None)

    @property
    def last_folder(self) -> Path:
        """Where the last file was opened or saved; the home folder until then."""
        folder = Path(self.text("files/folder", ""))
        return folder if folder.is_absolute() and folder.is_dir() else Path.home()

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self.set("files/folder", str(folder.absolute()))

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
    """The one set of preferences of this process; `preferences.cache_clear()` reads the folder anew."""
    return Preferences()
