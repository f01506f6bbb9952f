"""A grid of tiles, of which only those in sight are painted: filters, feature maps, samples, columns."""

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from gui.kit import theme
from gui.kit.theme import scaled

GAP, CAPTION = 8, 16
EDGE = 3
"""Room around the tiles, in which the frame of a chosen one lies."""
FACTORS = (2.0, 1.5, 1.25)
"""How much larger than usual tiles become where there is room for all of them."""


class TileGrid(QAbstractScrollArea):
    """Tiles of one size in as many columns as there is room for; a subclass paints and describes them.

    `chosen` : a click or an arrow key. `opened` : a double click or Enter. `span_changed` : others are in
    sight. whole_lines : each tile takes all of the width. As high as its tiles at most.
    """

    chosen = Signal(int)
    opened = Signal(int)
    span_changed = Signal()

    def __init__(self, name: str, *, whole_lines: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._whole_lines = whole_lines
        self._total, self._size, self._captions = 0, QSize(48, 48), True
        self._current = -1
        self._room, self._factor = 0, 1.0
        self._span = (0, 0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._moved())

    # --- what a subclass fills in ------------------------------------------------------------------------

    def paint_tile(self, painter: QPainter, place: QRect, number: int) -> None:
        """Paint one tile."""

    def caption(self, number: int) -> str:
        """What stands below it."""
        return ""

    def describe(self, number: int) -> str:
        """One tile in words, for its tooltip and for those who cannot see it."""
        return ""

    def caption_colour(self, number: int) -> str:
        """The theme's colour of the caption."""
        return theme.current().muted

    # --- what is shown -----------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many tiles there are."""
        return self._total

    @property
    def lines(self) -> bool:
        """Whether each tile takes all of the width."""
        return self._whole_lines

    @property
    def current(self) -> int:
        """The chosen tile; −1 for none."""
        return self._current

    @property
    def span(self) -> tuple[int, int]:
        """Number of the first tile in sight, and how many are."""
        across, line = self._across(), self._line()
        top, height = self.verticalScrollBar().value(), max(self.viewport().height(), 1)
        first = max(top - EDGE, 0) // line * across
        last = ((top + height) // line + 1) * across
        return min(first, self._total), min(max(last - first, 0), max(self._total - first, 0))

    def set_tiles(self, total: int, size: QSize, *, captions: bool = True) -> None:
        """size : of one tile in pixels at a scale of 1; its width does not count where tiles are lines."""
        if (total, size, captions) != (self._total, self._size, self._captions):
            self._total, self._size, self._captions = total, size, captions
            self._take_height()
        if self._current >= total:
            self._current = -1
        self._announce()
        self.viewport().update()

    def set_room(self, height: int) -> None:
        """Pixels in height that the tiles may take: where they have room, they become larger."""
        if height != self._room:
            self._room = height
            self._take_height()

    def choose(self, number: int) -> None:
        """Mark a tile as the chosen one and bring it into sight; −1 for none."""
        if number == self._current or number >= self._total:
            return
        self._current = number
        if number >= 0:
            self._bring_into_sight(number)
        self._announce()
        self.viewport().update()

    def place(self, number: int) -> QRect:
        """Where a tile lies in the viewport, without its caption."""
        width, height = self._tile()
        across = self._across()
        left = EDGE + number % across * (width + GAP)
        top = EDGE + number // across * self._line() - self.verticalScrollBar().value()
        return QRect(left, top, width, height)

    def tile_at(self, position: QPoint) -> int:
        """The tile under a point of the viewport; −1 for none."""
        first, count = self.span
        for number in range(first, first + count):
            place = self.place(number)
            if place.adjusted(0, 0, 0, self._caption_height()).contains(position):
                return number
        return -1

    def sizeHint(self) -> QSize:
        return QSize(240, self.maximumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, min(self._line() + 2 * EDGE, self.maximumHeight()))

    def _tile(self) -> tuple[int, int]:
        if self._whole_lines:
            return max(self.viewport().width() - 2 * EDGE, 1), scaled(self._size.height())
        size = self._size * self._factor
        return max(scaled(size.width()), 1), scaled(size.height())

    def _caption_height(self) -> int:
        return scaled(CAPTION) if self._captions else 0

    def _line(self) -> int:
        return self._tile()[1] + self._caption_height() + (0 if self._whole_lines else GAP)

    def _across(self) -> int:
        if self._whole_lines:
            return 1
        return max((self.viewport().width() - 2 * EDGE + GAP) // (self._tile()[0] + GAP), 1)

    def _take_height(self) -> None:
        """As many lines as the tiles need, and the length of the scroll bar."""
        height = 0
        for factor in (*FACTORS, 1.0):
            self._factor = factor
            height = 2 * EDGE + -(-self._total // self._across()) * self._line()
            if height <= self._room:
                break
        if height != self.maximumHeight():
            self.setMaximumHeight(max(height, 1))
            self.updateGeometry()
        bar = self.verticalScrollBar()
        bar.setPageStep(max(self.viewport().height(), 1))
        bar.setSingleStep(self._line())
        bar.setRange(0, max(height - self.viewport().height(), 0))
        self._moved()

    def _moved(self) -> None:
        if self.span != self._span:
            self._span = self.span
            self.span_changed.emit()
        self.viewport().update()

    def _bring_into_sight(self, number: int) -> None:
        place, bar = self.place(number), self.verticalScrollBar()
        if self.viewport().height() < place.height():
            # Not laid out yet: there is no room to bring anything into.
            return
        below = place.bottom() + self._caption_height() + EDGE - self.viewport().height()
        if place.top() < EDGE:
            bar.setValue(bar.value() + place.top() - EDGE)
        elif below > 0:
            bar.setValue(bar.value() + below)

    def _announce(self) -> None:
        self.setAccessibleDescription(self.describe(self._current) if self._current >= 0 else "")

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, font = theme.current(), theme.caption_font(tabular=True)
        painter = QPainter(self.viewport())
        painter.setFont(font)
        metrics = QFontMetrics(font)
        first, count = self.span
        for number in range(first, first + count):
            place = self.place(number)
            self.paint_tile(painter, place, number)
            if self._captions:
                below = QRect(place.left(), place.bottom() + 1, place.width(), self._caption_height())
                painter.setPen(QColor(self.caption_colour(number)))
                text = metrics.elidedText(self.caption(number), Qt.TextElideMode.ElideRight, below.width())
                painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), text)
            if number == self._current:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colours.accent), 2 if self.hasFocus() else 1.5))
                painter.drawRect(place.adjusted(-2, -2, 1, 1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_height()
        if self._current >= 0:
            self._bring_into_sight(self._current)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    # --- hands -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.tile_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._take(number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The press has chosen already."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self.tile_at(event.position().toPoint())
        if number >= 0:
            self.opened.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across, lines = self._across(), max(self.viewport().height() // self._line(), 1)
        ways = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -across,
            Qt.Key.Key_Down: across,
            Qt.Key.Key_PageUp: -across * lines,
            Qt.Key.Key_PageDown: across * lines,
            Qt.Key.Key_Home: -self._total,
            Qt.Key.Key_End: self._total,
        }
        if event.key() in ways and self._total:
            moved = self._current + ways[Qt.Key(event.key())] if self._current >= 0 else 0
            self._take(min(max(moved, 0), self._total - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def _take(self, number: int) -> None:
        self.choose(number)
        self.chosen.emit(number)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self.tile_at(event.pos())
            words = self.describe(number) if number >= 0 else ""
            if words:
                QToolTip.showText(event.globalPos(), words, self.viewport(), self.place(number))
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)
