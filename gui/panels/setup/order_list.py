"""A list whose entries are put into an order: dragged with the mouse, or moved with Alt and an arrow key."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QSizePolicy, QWidget

from gui.kit import theme
from gui.kit.text import tr

_ROW_HEIGHT = 24
_MOST_ROWS = 8
_ICON_SIZE = 14


class OrderList(QListWidget):
    """From the lowest to the highest. `reordered` gives the new order when an entry was moved."""

    reordered = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before: tuple[str, ...] = ()
        self._dragging = False
        self.setAccessibleName(tr("Order"))
        self.setAccessibleDescription(
            tr("From the lowest to the highest; Alt and an arrow key move an entry.")
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        theme.set_sizes(self, icon=_ICON_SIZE)
        self.set_enabled(True)

    def order(self) -> tuple[str, ...]:
        """The entries from top to bottom."""
        return tuple(self.item(row).text() for row in range(self.count()))

    def show_order(self, order: Sequence[str]) -> None:
        """Show these entries; the current one stays so."""
        if tuple(order) == self.order() or self._dragging:
            return
        item = self.currentItem()
        current = item.text() if item is not None else ""
        self.clear()
        for text in order:
            self.addItem(QListWidgetItem(theme.icon("dots-six-vertical", "muted"), text))
        if current in order:
            self.setCurrentRow(list(order).index(current))
        self.updateGeometry()

    def set_enabled(self, enabled: bool, reason: str = "") -> None:
        """Let the order be changed or not; the tooltip says why not."""
        self.setEnabled(enabled)
        how = tr("Drag an entry, or move it with Alt and an arrow key.")
        self.setToolTip(how if enabled else reason)

    def sizeHint(self) -> QSize:
        rows = max(1, min(self.count(), _MOST_ROWS))
        height = self.sizeHintForRow(0) if self.count() else theme.scaled(_ROW_HEIGHT)
        return QSize(160, rows * max(height, 1) + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None or event.modifiers() != Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
            return
        if self._move_current(self.currentRow() + step):
            self.reordered.emit(self.order())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        left = event.button() == Qt.MouseButton.LeftButton
        self._dragging = left and self.itemAt(event.position().toPoint()) is not None
        self._before = self.order()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._dragging:
            return
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        place = event.position().toPoint()
        place.setX(self.viewport().width() // 2)
        above = place.y() < self.visualItemRect(self.item(0)).top()
        item = self.itemAt(place)
        row = self.row(item) if item is not None else 0 if above else self.count() - 1
        self._move_current(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.unsetCursor()
        if self._dragging:
            self._dragging = False
            if self.order() != self._before:
                self.reordered.emit(self.order())

    def _move_current(self, row: int) -> bool:
        """Take the current entry to another row; whether it moved."""
        current = self.currentRow()
        if current < 0 or row == current or not 0 <= row < self.count():
            return False
        self.insertItem(row, self.takeItem(current))
        self.setCurrentRow(row)
        return True
