"""A field for yes or no: a check box."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from gui.widgets.field import Edges


class Toggle(Edges, QCheckBox):
    """A check box, with or without a text of its own."""

    edited = Signal(object)
    problem = Signal(str)
    _framed = False

    def __init__(
        self, text: str = "", *, value: bool = False, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setChecked(value)
        self.setAccessibleName(name or text)
        self.clicked.connect(self._clicked)

    def value(self) -> bool:
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        self.show_problem("")
        with QSignalBlocker(self):
            self.setChecked(value)
        self.update()

    def refuse(self, last_good: bool, sentence: str) -> None:
        self.set_value(last_good)
        self.show_problem(sentence)

    def _clicked(self, checked: bool) -> None:
        self.show_problem("")
        self.edited.emit(checked)
