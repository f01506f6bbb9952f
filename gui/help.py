"""Help on the spot: the list of shortcuts, read from the table of commands, and what this program is."""

import platform
from importlib.metadata import version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QMessageBox, QVBoxLayout, QWidget

import engine
from gui.actions import shortcut_table
from gui.widgets.labels import Label


def show_shortcuts(parent: QWidget) -> None:
    """Open the list of shortcuts."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Keyboard shortcuts")
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    for row, (keys, name, tip) in enumerate(shortcut_table()):
        for column, label in enumerate((Label(keys, "strong"), Label(name), Label(tip, "muted"))):
            grid.addWidget(label, row, column)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 20, 20, 16)
    layout.setSpacing(16)
    layout.addLayout(grid)
    layout.addWidget(buttons)
    dialog.open()


def show_about(parent: QWidget) -> None:
    """Open the program's name, version and libraries."""
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "pydantic", "pyqtgraph", "scikit-learn", "duckdb")
    )
    text = (
        f"Gradwright {engine.__version__}\n\n"
        "Build, train and understand neural networks, on a backpropagation engine of its own.\n\n"
        f"Python {platform.python_version()}, Qt {qVersion()}, {libraries}"
    )
    box = QMessageBox(
        QMessageBox.Icon.NoIcon, "About Gradwright", text, QMessageBox.StandardButton.Close, parent
    )
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
