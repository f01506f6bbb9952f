"""Fields for texts: one text, or several with commas between them."""

import csv
from io import StringIO

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.kit.field import FieldMarker, is_undo_or_redo


class TextField(FieldMarker, QLineEdit):
    """A line of text. Enter or leaving the field takes it over; Escape brings the last value back.

    optional : empty means None, shown as `none_title`.
    """

    edited = Signal(object)
    problem = Signal(str)

    def __init__(
        self,
        *,
        value: str | None = "",
        optional: bool = False,
        none_title: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._optional = optional
        self._value = value
        self._finished = False
        """Enter was pressed, and nothing since: the space bar trains and pauses, and is no blank."""
        self.setAccessibleName(name)
        self.setPlaceholderText(none_title)
        self.setMinimumWidth(40)
        self.setText(self._text_of(value))
        self.setCursorPosition(0)
        self.editingFinished.connect(self.commit)
        self.textEdited.connect(self._typing)

    def value(self) -> object:
        return self._value

    def set_value(self, value: object) -> None:
        """Show a value from outside. What is being typed is left alone if the value did not change."""
        if value != self._value:
            self._value = value
            self._restore()

    def refuse(self, last_good: object, sentence: str) -> None:
        """Go back to a value but leave the text, with a sentence on why it cannot be."""
        self._value = last_good
        self.show_problem(sentence)

    def commit(self) -> None:
        """Take the text over, as Enter does."""
        new = self._value_of(self.text())
        if new != self._value:
            self._value = new
            self.show_problem("")
            self.update()
            self.edited.emit(new)

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() == Qt.Key.Key_Space and self._finished:
            event.ignore()
            return True
        if override and self.text() == self._text_of(self._value) and is_undo_or_redo(event):
            # What was typed is an edit of the experiment by now: it is undone there.
            event.ignore()
            return True
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.FocusIn):
            self._finished = False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._finished = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape and self.text() != self._text_of(self._value):
            self._restore()
        else:
            super().keyPressEvent(event)

    def _value_of(self, text: str) -> object:
        return None if self._optional and not text.strip() else text

    def _text_of(self, value: object) -> str:
        return "" if value is None else str(value)

    def _typing(self) -> None:
        self.show_problem("")

    def _restore(self) -> None:
        self.show_problem("")
        self.setText(self._text_of(self._value))
        self.setCursorPosition(0)
        self.update()


class ListField(TextField):
    """Several texts, with commas between them; one that holds a comma itself stands in double quotes."""

    def _value_of(self, text: str) -> tuple[str, ...] | None:
        rows = list(csv.reader([text], skipinitialspace=True)) or [[]]
        entries = tuple(entry.strip() for entry in rows[0] if entry.strip())
        return None if self._optional and not entries else entries

    def _text_of(self, value: object) -> str:
        line = StringIO()
        entries = value if isinstance(value, tuple) else ()
        csv.writer(line, lineterminator="").writerow(map(_entry_text, entries))
        return ", ".join(_split_quoted(line.getvalue()))


def _entry_text(entry: object) -> str:
    """As people write it: whole numbers without a point."""
    return f"{entry:.0f}" if isinstance(entry, float) and entry.is_integer() else str(entry)


def _split_quoted(line: str) -> list[str]:
    """Cut at the commas outside of double quotes, keeping the quotes."""
    parts, quoted = [""], False
    for letter in line:
        quoted ^= letter == '"'
        if letter == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
