"""Menu bar with the file's name at its right end, and the transport bar beneath: the top of the window."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.kit.labels import ElidedLabel


class TopBlock(QWidget):
    """Stands where the menu bar usually stands, over the whole width."""

    def __init__(self, menu_bar: QWidget, transport: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
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

    def show_title(self, title: str) -> None:
        """The file's name, with its state ("spiral.gradwright — edited")."""
        self._title.setText(title)
