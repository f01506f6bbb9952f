"""The line at the top of a card: a click opens the card, a press that moves away drags it."""

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget


class DragLine(QWidget):
    """A click emits `clicked`; where `movable`, a press that moves away begins a drag.

    The drag's signals give the pointer's place on the screen.
    """

    clicked = Signal()
    drag_began = Signal(QPoint)
    drag_moved = Signal(QPoint)
    drag_ended = Signal()

    def __init__(self, *, movable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._movable = movable
        self._pressed_at: QPointF | None = None
        self._dragging = False

    def cancel_drag(self) -> None:
        self._pressed_at, self._dragging = None, False

    def set_movable(self, movable: bool) -> None:
        """Forbid dragging for a while."""
        self._movable = movable

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None or not self._movable:
            return
        place = event.globalPosition().toPoint()
        if self._dragging:
            self.drag_moved.emit(place)
        elif (event.position() - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
            self.drag_began.emit(self.mapToGlobal(self._pressed_at.toPoint()))
            self.drag_moved.emit(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        dragging, self._pressed_at, self._dragging = self._dragging, None, False
        if dragging:
            self.drag_ended.emit()
        elif self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
