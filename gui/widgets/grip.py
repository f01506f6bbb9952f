"""A slim handle in place of a dock's title: what the dock holds has a heading of its own."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui import theme

HEIGHT = 10
DOTS = 5
DISTANCE = 5.0


class Grip(QWidget):
    """A row of dots to drag a dock by; a double click or Enter lets it float, which `activated` says."""

    activated = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(f"Drag to move {name}; double-click to let it float.")
        self.setAccessibleName(f"Handle of {name}")
        self.setAccessibleDescription("Enter lets it float.")

    def sizeHint(self) -> QSize:
        return QSize(60, HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.surface))
        left = self.width() / 2 - DISTANCE * (DOTS - 1) / 2
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.edge if self.underMouse() else colours.line))
        for dot in range(DOTS):
            painter.drawEllipse(QPointF(left + DISTANCE * dot, HEIGHT / 2 + 1), 1.2, 1.2)
        painter.end()
