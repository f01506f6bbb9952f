"""The line at the top of a layer's card: handle, icon, name, output shape, parameters."""

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui import theme
from gui.setup.facts import Stage
from gui.setup.quantities import count_text, shape_text, short_count_text
from gui.widgets import ElidedLabel, IconLabel, Label

HEADER_HEIGHT = 20
_HANDLE_WIDTH = 14
_ICON_SIZE = 15


class LayerHeader(QWidget):
    """Shows a stage. A click emits `clicked`; where `movable`, a press that moves away begins a drag.

    The drag's signals give the pointer's place on the screen.
    """

    clicked = Signal()
    drag_began = Signal(QPoint)
    drag_moved = Signal(QPoint)
    drag_ended = Signal()

    def __init__(self, icon: str, *, movable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._movable = movable
        self._pressed_at: QPointF | None = None
        self._dragging = False
        self._name = ElidedLabel("", "strong")
        self._shape = Label("", "muted")
        self._parameters = Label("")
        for label in (self._shape, self._parameters):
            label.setFont(_tabular_font())
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if movable:
            handle = IconLabel("dots-six-vertical", "muted", size=_HANDLE_WIDTH)
            row.addWidget(handle)
            handle.setCursor(Qt.CursorShape.OpenHandCursor)
            handle.setToolTip("Drag to move this layer")
        else:
            # The icons of all cards stand below one another.
            row.addSpacing(_HANDLE_WIDTH + row.spacing())
        row.addWidget(IconLabel(icon, "accent", size=_ICON_SIZE))
        row.addSpacing(2)
        row.addWidget(self._name, 1)
        row.addWidget(self._shape)
        row.addSpacing(4)
        row.addWidget(self._parameters)
        self.setFixedHeight(HEADER_HEIGHT)

    def show_stage(self, stage: Stage) -> None:
        self._name.setText(stage.name)
        _set(self._shape, "" if stage.shape is None else shape_text(stage.shape))
        _set(self._parameters, "" if stage.parameters is None else short_count_text(stage.parameters))
        exact = "" if stage.parameters is None else count_text(stage.parameters)
        self._parameters.setToolTip(f"{exact} parameters" if exact else "")

    def name(self) -> str:
        return self._name.text()

    def shape(self) -> str:
        return self._shape.text()

    def parameters(self) -> str:
        return self._parameters.text()

    def parameters_width(self) -> int:
        """How much room the number of parameters takes."""
        return self._parameters.fontMetrics().horizontalAdvance(self._parameters.text())

    def set_parameters_width(self, width: int) -> None:
        """Give the last column the width that it has on all cards, so that the shapes align too."""
        if self._parameters.minimumWidth() != width:
            self._parameters.setFixedWidth(width)

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


def _tabular_font() -> QFont:
    font = theme.text_font()
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _set(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
