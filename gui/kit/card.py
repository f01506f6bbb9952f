"""A card: a raised area with an edge of its own, plain, selected or faulty."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.kit import theme


class Card(QWidget):
    """Holds widgets in `body`, a vertical layout.

    selectable : takes focus and emits `clicked` on a click, Space or Enter. The edge says the state: a line,
    2 px of accent when selected or focused, 2 px of the error colour when faulty.
    """

    clicked = Signal()

    def __init__(self, *, selectable: bool = False, padding: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selectable = selectable
        self._selected = False
        self._faulty = False
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(6)
        if selectable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def is_selected(self) -> bool:
        return self._selected

    def set_selected(self, selected: bool) -> None:
        if selected != self._selected:
            self._selected = selected
            self.update()

    def is_framed(self) -> bool:
        """Whether the accent edge is around it: it is selected, or has the focus."""
        return self._selected or self.hasFocus()

    def is_faulty(self) -> bool:
        return self._faulty

    def set_faulty(self, faulty: bool) -> None:
        """Show an error edge; the sentence that goes with it belongs into the card (InlineMessage)."""
        if faulty != self._faulty:
            self._faulty = faulty
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._selectable and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self._selectable and self.hasFocus() and event.key() in keys:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        if self._faulty:
            edge, width = colours.error, 2.0
        elif self.is_framed():
            edge, width = colours.accent, 2.0
        else:
            edge, width = colours.line, 1.0
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(edge), width))
        painter.setBrush(QColor(colours.raised))
        inset = width / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), theme.RADIUS, theme.RADIUS
        )
        painter.end()
