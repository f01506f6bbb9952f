"""Dialogs: errors, the list of shortcuts, and About."""

import platform
from collections.abc import Sequence
from importlib.metadata import version

from PySide6.QtCore import QObject, QSize, Qt, qVersion
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QMessageBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import engine
from engine.errors import UserError
from gui.actions import Command, shortcut_table
from gui.core.messages import Crashed
from gui.kit import theme
from gui.kit.labels import Label
from gui.kit.layouts import PlainScrollArea
from gui.kit.text import tr

FRAME = (16, 48)
"""What a desktop's frame around a dialog takes at most."""


def show_shortcuts(parent: QWidget, commands: Sequence[Command]) -> None:
    """Open the list of shortcuts."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Keyboard shortcuts"))
    dialog.setWhatsThis(tr("All keys of the program, with what each of them does."))
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 2 * theme.GRID, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    for row, (keys, name, tip) in enumerate(shortcut_table(commands)):
        for column, label in enumerate((Label(keys, "strong"), Label(name), Label(tip, "muted"))):
            grid.addWidget(label, row, column)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 20, 20, 16)
    layout.setSpacing(16)
    # On a small screen the list scrolls, so that the button below it is there.
    area = PlainScrollArea(table)
    area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    area.setAccessibleName(tr("Keyboard shortcuts"))
    layout.addWidget(area)
    layout.addWidget(buttons)
    dialog.resize(fitting(dialog, area, table))
    dialog.open()
    buttons.setFocus()


def fitting(dialog: QDialog, area: QScrollArea, content: QWidget) -> QSize:
    """The size at which all of a scrolled content shows, or as much as the screen has room for."""
    around = dialog.sizeHint() - area.sizeHint()
    bar = QSize(area.verticalScrollBar().sizeHint().width(), 0)
    room = dialog.screen().availableGeometry().size() - QSize(*FRAME)
    return (content.sizeHint() + bar + around).boundedTo(room)


def show_about(parent: QWidget) -> None:
    """Open the program's name, version and libraries."""
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "pydantic", "pyqtgraph", "scikit-learn", "duckdb")
    )
    text = tr(
        "Gradwright {version}\n\n"
        "Build, train and understand neural networks, on a backpropagation engine of its own.\n\n"
        "Python {python_version}, Qt {qt_version}, {libraries}",
        version=engine.__version__,
        python_version=platform.python_version(),
        qt_version=qVersion(),
        libraries=libraries,
    )
    box = QMessageBox(
        QMessageBox.Icon.NoIcon, tr("About Gradwright"), text, QMessageBox.StandardButton.Close, parent
    )
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


class MessageBoxes(QObject):
    """Opens boxes over a window; none of them holds anything up."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._crash: QMessageBox | None = None

    def show_problem(self, title: str, error: UserError) -> None:
        """Say why something was not done."""
        none, close = QMessageBox.Icon.NoIcon, QMessageBox.StandardButton.Ok
        QMessageBox(none, title, str(error), close, self._window).open()

    def show_crash(self, message: Crashed) -> None:
        """Say that there was a fault of the program; of several, the first until it is closed."""
        if self._crash is not None and self._crash.isVisible():
            return
        box = self._crash = QMessageBox(self._window)
        box.setWindowTitle(tr("A fault of the program"))
        box.setText(tr("Training was interrupted by a fault of the program. Your experiment is as it was."))
        box.setInformativeText(tr("Save your work. The details below help to correct it."))
        box.setDetailedText(message.traceback)
        box.open()
