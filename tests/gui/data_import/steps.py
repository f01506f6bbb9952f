"""What a person does in the import dialog, and what a test reads from it."""

from contextlib import contextmanager

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from gui.core.importing import table_settings
from gui.core.jobs import Exports, JobRunner
from gui.window.data_import.dialog import ImportDialog
from tests.gui.desk import PATIENCE_S, wait_until
from tests.gui.hands import settle


@contextmanager
def imported(qtbot, path):
    """The import of a table, once it has been read."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1240, 800)
    window.show()
    jobs = JobRunner(window)
    dialog = ImportDialog(table_settings(path), jobs, Exports(jobs, window), window)
    with qtbot.waitActive(dialog):
        dialog.open()
        dialog.activateWindow()
    read(dialog)
    yield dialog
    jobs.shutdown(PATIENCE_S)


def read(dialog) -> None:
    """Wait until the dialog has read and described what it was asked to."""
    wait_until(lambda: dialog.reading.job is None, "table in the dialog")


def head(dialog, column: int, part: str = "name") -> QPoint:
    """Where a part of the head of a column is: its name, its type, its role."""
    header = dialog.preview.table.header
    places = {"type": header.type_place, "role": header.role_place}
    if part in places:
        return places[part](column).center()
    return QPoint(header.sectionViewportPosition(column) + 30, 14)


def click_head(dialog, column: int, part: str = "name", keys=Qt.KeyboardModifier.NoModifier) -> None:
    header = dialog.preview.table.header
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, keys, head(dialog, column, part))
    settle()


def click_entry(text: str) -> None:
    """Click an entry of the menu that is open."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if action.text() == text)
    assert action.isEnabled()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    settle()


def shown(dialog) -> list[list[str]]:
    """The first two rows of the preview."""
    model = dialog.preview.table.columns
    columns = range(model.columnCount())
    return [[model.index(row, column).data() for column in columns] for row in range(2)]


def roles(dialog) -> dict[str, str]:
    model = dialog.preview.table.columns
    return {model.name(column): model.role(column) for column in range(model.columnCount())}
