"""The list from which an entry is added: icon, name, and what it does in one sentence."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gui.kit import theme
from gui.kit.text import tr

_WIDTH = 296
_ROW_HEIGHT = 56
_MOST_ROWS = 8
_APART = 20
"""Between it and the widget that opens it: past the margin and the scroll bar of the column."""
_ICON_SIZE = 18
_KIND = Qt.ItemDataRole.UserRole
_SENTENCE = Qt.ItemDataRole.UserRole + 1


class Kind(Protocol):
    """A class of a registry, with a docstring whose first sentence says what it does."""

    heading: ClassVar[str]
    icon: ClassVar[str]


class KindPicker(QListWidget):
    """A popup of the members of a registry; `picked` gives the class that was chosen.

    Keys: up and down, Enter, Escape, first letters.
    reasons : by kind, why some of them cannot be chosen: sentences in place of what they do.
    """

    picked = Signal(object)

    def __init__(
        self,
        kinds: Sequence[type[Kind]],
        name: str,
        parent: QWidget | None = None,
        *,
        reasons: Mapping[Any, str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(name)
        self.setItemDelegate(_Delegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        for kind in kinds:
            item = QListWidgetItem(tr(kind.heading), self)
            item.setData(_KIND, kind)
            reason = (reasons or {}).get(kind, "")
            sentence = reason or first_sentence(kind)
            item.setData(_SENTENCE, sentence)
            item.setToolTip(sentence)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, sentence)
            if reason:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        rows = range(self.count())
        self.setCurrentRow(next((row for row in rows if _may_be_picked(self.item(row))), 0))
        self.itemEntered.connect(self._point_at)
        self.itemClicked.connect(self._pick)

    def open_beside(self, anchor: QWidget) -> None:
        """Show it at the right or the left of a widget, so that the list that it adds to stays in sight.

        Where the screen has room on neither side, it lies over the widget, as far to the right as it can.
        """
        # Only now is it known how wide the style's frame is.
        self.ensurePolished()
        self.resize(
            theme.scaled(_WIDTH),
            min(self.count(), _MOST_ROWS) * theme.scaled(_ROW_HEIGHT) + 2 * self.frameWidth() + 2,
        )
        screen = anchor.screen().availableGeometry()
        beside = QRect(anchor.mapToGlobal(QPoint(0, 0)), anchor.size()).adjusted(-_APART, 0, _APART, 0)
        place = QPoint(beside.right() + 1, beside.top() - self.frameWidth())
        if place.x() + self.width() > screen.right() + 1:
            left = beside.left() - self.width()
            place.setX(left if left >= screen.left() else screen.right() + 1 - self.width())
        place.setY(max(min(place.y(), screen.bottom() + 1 - self.height()), screen.top()))
        self.setGeometry(QRect(place, self.size()))
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and item is not None:
            self._pick(item)
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _point_at(self, item: QListWidgetItem) -> None:
        if _may_be_picked(item):
            self.setCurrentItem(item)

    def _pick(self, item: QListWidgetItem) -> None:
        if not _may_be_picked(item):
            return
        self.close()
        self.picked.emit(item.data(_KIND))


def _may_be_picked(item: QListWidgetItem) -> bool:
    return bool(item.flags() & Qt.ItemFlag.ItemIsEnabled)


class _Delegate(QStyledItemDelegate):
    """Two lines: the name, and under it the sentence in small type, on two lines at most."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.scaled(_WIDTH) - 24, theme.scaled(_ROW_HEIGHT))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        kind: type[Kind] = index.data(_KIND)
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        colours = theme.current()
        area: QRect = _field(option, "rect").adjusted(2, 1, -2, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if _field(option, "state") & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.tint("accent")))
            painter.drawRoundedRect(area, 4, 4)
        side = theme.scaled(_ICON_SIZE)
        icon = QRect(area.left() + 8, area.top() + 8, side, side)
        if kind.icon:
            theme.icon(kind.icon, "accent" if enabled else "disabled").paint(painter, icon)
        words = area.adjusted(side + 18, 6, -8, -4)
        painter.setPen(QColor(colours.text if enabled else colours.disabled))
        painter.setFont(theme.text_font(strong=True))
        line = painter.fontMetrics().height()
        painter.drawText(words, int(Qt.AlignmentFlag.AlignTop), tr(kind.heading))
        painter.setFont(theme.caption_font())
        painter.setPen(QColor(colours.muted))
        below = words.adjusted(0, line + 1, 0, 0)
        lines = _two_lines(index.data(_SENTENCE), painter.fontMetrics(), below.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignTop), "\n".join(lines))
        painter.restore()


def first_sentence(kind: type) -> str:
    """What a thing does, from its docstring: the first sentence."""
    text = " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())
    sentence, stop, _ = text.partition(". ")
    return f"{sentence}{stop.strip()}".replace("`", "")


def _field(option: QStyleOptionViewItem, name: str) -> Any:
    """A member of a style option, which the type stubs of PySide do not list."""
    return getattr(option, name)


def _two_lines(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Break at a space; what does not fit on the second line is cut short with an ellipsis."""
    words, first = text.split(), ""
    while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= width:
        first = f"{first} {words.pop(0)}".strip()
    rest = metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, width)
    return [first, rest] if rest else [first]
