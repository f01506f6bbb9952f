"""Widgets in a window that has the focus, and a form with fields of every kind."""

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.kit import TextField
from gui.kit.form import SettingsForm
from tests.gui.kit.sample_settings import Sample


@pytest.fixture
def shown(qtbot):
    """Show a widget in a window that has the focus, beside another that can take the focus away."""

    windows = []

    def show(widget):
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        layout = QVBoxLayout(window)
        layout.addWidget(widget)
        layout.addWidget(TextField(name="elsewhere"))
        window.resize(160, 100)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        window.setFocus()
        return widget

    yield show
    windows.clear()


@pytest.fixture
def form(qtbot):
    shown = SettingsForm(Sample())
    qtbot.addWidget(shown)
    return shown
