"""A row of tools that goes on in a further line where there is no room for all of them in one."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget, QWidgetItem

from gui.kit.theme import GRID

GAP = 2 * GRID


class _WrappingLayout(QLayout):
    """As many items in a line as have room; in it they are centred, or begin at the top."""

    def __init__(self, parent: QWidget, *, at_top: bool) -> None:
        super().__init__(parent)
        self._at_top = at_top
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() + GAP for size in shown) - GAP
        return QSize(max(width, 0), max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:
        shown = [item.minimumSize() for item in self._items if not item.isEmpty()]
        width = max((size.width() for size in shown), default=0)
        return QSize(width, max((size.height() for size in shown), default=0))

    def _arrange(self, room: QRect, *, place: bool) -> int:
        """The height that is used at this width; with `place` the items are put there."""
        lines: list[list[QLayoutItem]] = [[]]
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            width = item.sizeHint().width()
            if lines[-1] and used + width > room.width():
                lines.append([])
                used = 0
            lines[-1].append(item)
            used += width + GAP
        top = room.top()
        for line in lines:
            sizes = [_size_within(item, room.width()) for item in line]
            height = max((size.height() for size in sizes), default=0)
            left = room.left()
            for item, size in zip(line, sizes, strict=True):
                if place:
                    upper = top if self._at_top else top + (height - size.height()) // 2
                    item.setGeometry(QRect(left, upper, min(size.width(), room.width()), size.height()))
                left += size.width() + GAP
            top += height + GAP
        return max(top - GAP - room.top(), 0)


def _size_within(item: QLayoutItem, width: int) -> QSize:
    """The size that an item takes: one too wide for a whole line may need several lines itself."""
    size = item.sizeHint()
    if size.width() > width and item.hasHeightForWidth():
        return QSize(width, item.heightForWidth(width))
    return size


class WrappingRow(QWidget):
    """Tools side by side, in as many lines as they need. at_top : in a line, lower ones are not centred."""

    def __init__(
        self, widgets: Sequence[QWidget], parent: QWidget | None = None, *, at_top: bool = False
    ) -> None:
        super().__init__(parent)
        layout = _WrappingLayout(self, at_top=at_top)
        for widget in widgets:
            widget.setParent(self)
            layout.addItem(QWidgetItem(widget))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
