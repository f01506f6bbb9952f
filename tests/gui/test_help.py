"""The dialogs of the help menu: whole on any screen."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QWidget

from gui.actions import COMMANDS
from gui.window.dialogs import show_shortcuts


@pytest.mark.parametrize("screen", [(960, 540), (1440, 900)])
def test_the_list_of_shortcuts_fits_the_screen_and_scrolls(qtbot, monkeypatch, screen):
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, *screen))
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    show_shortcuts(window, COMMANDS)
    QTest.qWait(30)
    dialog = window.findChild(QDialog)
    assert dialog.width() <= screen[0]
    assert dialog.height() <= screen[1] - 28
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons.geometry().bottom() < dialog.height()
    area = dialog.findChild(QScrollArea)
    hidden = area.widget().sizeHint().height() - area.viewport().height()
    assert area.verticalScrollBar().maximum() >= hidden
    assert area.viewport().width() >= area.widget().minimumSizeHint().width()
    dialog.reject()
