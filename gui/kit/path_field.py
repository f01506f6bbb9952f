"""A field for a file or a folder: typed, dropped, or picked in the desktop's dialog."""

from mimetypes import guess_type
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QToolButton, QWidget

from gui.kit import theme
from gui.kit.field import FieldMarker
from gui.kit.text_field import TextField


class PathField(FieldMarker, QWidget):
    """A path as text, with a button that opens the desktop's dialog.

    No file is looked at here: one on a network drive that is gone would hold the window up.

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
        self._text = TextField(value=value, none_title="No folder" if folder else "No file", name=self._name)
        self._text.setAcceptDrops(False)
        self._button = QToolButton()
        self._button.setIcon(theme.icon("folder-open", "muted"))
        self._button.setIconSize(QSize(16, 16))
        self._button.setToolTip("Choose a folder" if folder else "Choose a file")
        self._button.setAccessibleName(f"Choose {self._name.lower()}")
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
            chosen = QFileDialog.getExistingDirectory(self.window(), f"Choose {self._name.lower()}", start)
        else:
            chosen, _ = QFileDialog.getOpenFileName(
                self.window(), f"Choose {self._name.lower()}", start, self._filter
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
