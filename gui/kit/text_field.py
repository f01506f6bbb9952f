"""Fields for text: a line, a list, and the path of a file or folder."""

import csv
from io import StringIO
from mimetypes import guess_type
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget

from gui.kit import theme
from gui.kit.field import FieldMarker, is_undo_or_redo
from gui.kit.text import tr


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
        self._value: object = value
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
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # What was typed is an edit of the experiment by now: it is undone there.
            undone = self.text() == self._text_of(self._value) and is_undo_or_redo(event)
            if undone or (event.key() == Qt.Key.Key_Space and self._finished):
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


class PathField(FieldMarker, QWidget):
    """A path as text, with a button that opens the desktop's dialog.

    The disk is not read here: one on a network drive that is gone would hold the window up.

    filter : of the dialog ("Tables (*.csv)"). folder : asks for a folder instead of a file.
    """

    edited = Signal(object)
    problem = Signal(str)

    def __init__(
        self,
        *,
        value: str = "",
        filter: str = "",
        folder: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._filter = filter
        self._folder = folder
        self._name = name or ("folder" if folder else "file")
        self._text = TextField(
            value=value, none_title=tr("No folder") if folder else tr("No file"), name=self._name
        )
        self._text.setAcceptDrops(False)
        self._button = QToolButton()
        self._button.setIcon(theme.icon("folder-open", "muted"))
        theme.set_sizes(self._button, icon=16)
        self._button.setToolTip(tr("Choose a folder") if folder else tr("Choose a file"))
        self._button.setAccessibleName(tr("Choose {name}", name=self._name.lower()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GRID)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        self.setFocusProxy(self._text)
        self.setAcceptDrops(True)
        self._button.clicked.connect(self.browse)
        self._text.edited.connect(self.edited)
        self._text.problem.connect(self.problem)
        self._show_tooltip()

    def value(self) -> object:
        return self._text.value()

    def set_value(self, value: object) -> None:
        self._text.set_value("" if value is None else str(value))
        self._show_tooltip()

    def set_default(self, default: object) -> None:
        self._text.set_default("" if default is None else str(default))

    def differs(self) -> bool:
        # The line inside shows its own edge.
        return False

    def sentence(self) -> str:
        return self._text.sentence()

    def refuse(self, last_good: object, sentence: str) -> None:
        self._text.refuse("" if last_good is None else str(last_good), sentence)

    def browse(self) -> None:
        """Let the person pick in the desktop's dialog, beginning where the present path is."""
        # Where nothing is there, the dialog itself begins in the folder around it.
        start = str(self._text.value() or "")
        if self._folder:
            chosen = QFileDialog.getExistingDirectory(
                self.window(), tr("Choose {name}", name=self._name.lower()), start
            )
        else:
            chosen, _ = QFileDialog.getOpenFileName(
                self.window(), tr("Choose {name}", name=self._name.lower()), start, self._filter
            )
        if chosen:
            self._take(chosen)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            # Of the files in a folder, people drop one as often as the folder.
            is_file = guess_type(paths[0]) != (None, None)
            self._take(str(Path(paths[0]).parent) if self._folder and is_file else paths[0])

    def _take(self, path: str) -> None:
        if path != self._text.value():
            self._text.set_value(path)
            self._show_tooltip()
            self.edited.emit(path)

    def _show_tooltip(self) -> None:
        self._text.setToolTip(str(self._text.value() or ""))
        if not self._text.hasFocus():
            # Of a path that is too long, the end tells more than the beginning.
            self._text.end(False)
