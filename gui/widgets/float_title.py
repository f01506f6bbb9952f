"""The title of a panel that floats: its name, back into the window, and close."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from gui import theme
from gui.widgets.labels import ElidedLabel

HEIGHT = 32
ICON_SIZE = 16


class FloatTitle(QWidget):
    """Stands over a floating panel, which it moves: presses beside the buttons go on to the panel.

    The desktop gives no frame to a panel that has a title of its own.
    """

    dock_back = Signal()
    closed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag to move it; double-click to put it back into the window.")
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.GRID, 0, theme.GRID, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(ElidedLabel(title, "strong"), 1)
        self.dock_button = self._button("arrow-square-in", "Put back into the window", title)
        self.close_button = self._button("x", "Close", title)
        self.dock_button.clicked.connect(self.dock_back)
        self.close_button.clicked.connect(self.closed)
        row.addWidget(self.dock_button)
        row.addWidget(self.close_button)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.raised))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(colours.line))
        painter.end()

    def _button(self, sign: str, what: str, title: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(theme.icon(sign, "muted"))
        button.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        button.setFixedSize(24, 24)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolTip(what)
        button.setAccessibleName(f"{what}: {title}")
        return button
