"""The head of the window: menu bar with the name of the file, and the transport bar beneath."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from gui.core.document import Document
from gui.kit import ElidedLabel
from gui.kit.text import tr


class WindowHeader(QWidget):
    """Menu bar with the file's name at its right end, and the transport bar beneath.

    Stands where the menu bar usually stands, over the whole width. The name, with what is not saved of it, is
    also the title of the window.
    """

    def __init__(
        self, menu_bar: QWidget, transport: QWidget, document: Document, window: QMainWindow
    ) -> None:
        super().__init__()
        self.setObjectName("top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document, self._window = document, window
        self._title = ElidedLabel("", "muted")
        self._title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        first = QHBoxLayout()
        first.setContentsMargins(4, 0, 14, 0)
        first.addWidget(menu_bar)
        first.addWidget(self._title, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(first)
        rows.addWidget(transport)
        document.changed.connect(lambda new, old: self._show_title())
        document.modified_changed.connect(lambda modified: self._show_title())
        document.path_changed.connect(lambda path: self._show_title())
        self._show_title()

    def _show_title(self) -> None:
        """The file's name, with its state ("spiral.gradwright — edited")."""
        document = self._document
        title = document.path.name if document.path else document.experiment.name
        if document.experiment_modified:
            title = tr("{name} — edited", name=title)
        elif document.modified:
            title = tr("{name} — unsaved", name=title)
        self._title.setText(title)
        self._window.setWindowTitle(tr("{title} — Gradwright", title=title))
