"""Menus that follow the preferences: the theme in the View menu, and the recent files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from gui.actions import Actions
from gui.core.preferences import RecentFiles, preferences
from gui.kit import sizes, theme
from gui.kit.text import tr

THEMES: tuple[theme.ThemeName, ...] = ("light", "dark", "system")
PROJECTOR = "window/projector"
PROJECTOR_SCALE = 1.5
"""How much larger than usual everything is for a room."""


class ThemeCommands(QObject):
    """Chooses the theme, and marks the one in force; makes all large for a projector."""

    def __init__(self, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        for name in THEMES:
            actions[name].triggered.connect(partial(self._choose, name))
        actions["projector"].toggled.connect(self._project)
        actions["projector"].setChecked(preferences().flag(PROJECTOR, False))
        theme.notifier().changed.connect(self._mark)
        self._mark()

    def _choose(self, name: theme.ThemeName, checked: bool = False) -> None:
        preferences().theme = name
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, name)
        self._mark()

    def _project(self, large: bool) -> None:
        """Everything in the size for a room, or in that of the desktop's font again; no restart is needed."""
        preferences().set(PROJECTOR, large)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            large_scale = sizes.system_scale() * PROJECTOR_SCALE
            theme.apply(application, preferences().theme, scale=large_scale if large else "system")

    def _mark(self) -> None:
        for name in THEMES:
            self._actions[name].setChecked(preferences().theme == name)


class RecentMenu(QMenu):
    """The files used last. open_file : called with the one that is chosen."""

    def __init__(self, files: RecentFiles, open_file: Callable[[Path], None], parent: QWidget) -> None:
        super().__init__(tr("Recent files"), parent)
        self._open_file = open_file
        self.aboutToShow.connect(self._fill)
        self.aboutToShow.connect(files.look)
        files.changed.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for path in preferences().recent_files:
            self.addAction(path.name, partial(self._open_file, path))
        if self.isEmpty():
            self.addAction(tr("No files yet")).setEnabled(False)
