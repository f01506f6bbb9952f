"""A slim handle in place of a dock's title: what the dock holds has a heading of its own."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui import theme

HEIGHT = 10
DOTS = 5
DISTANCE = 5.0


class Grip(QWidget):
    """A row of dots to drag a dock by; a double click lets it float."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(f"Drag to move {name}; double-click to let it float.")

    def sizeHint(self) -> QSize:
        return QSize(60, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.surface))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.edge if self.underMouse() else colours.line))
        left = self.width() / 2 - DISTANCE * (DOTS - 1) / 2
        for dot in range(DOTS):
            painter.drawEllipse(QPointF(left + DISTANCE * dot, HEIGHT / 2 + 1), 1.2, 1.2)
        painter.end()
