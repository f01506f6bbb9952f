"""What is said over the window: why something a person asked for was not done, and faults of the program."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.errors import UserError
from gui.core.messages import Crashed


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
        box.setWindowTitle("A fault of the program")
        box.setText("Training was interrupted by a fault of the program. Your experiment is as it was.")
        box.setInformativeText("Save your work. The details below help whoever mends it.")
        box.setDetailedText(message.traceback)
        box.open()
