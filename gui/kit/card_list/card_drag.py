"""Moving a card with the mouse: its header follows the pointer, a mark shows where it will go."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from gui.kit import theme
from gui.kit.card_list.folding_card import FoldingCard

_GHOST_OPACITY = 0.85
_MARK_HEIGHT = 3
_REVEALED = 24
"""Pixels around the pointer that are kept in sight while dragging."""


class CardDrag(QObject):
    """`dropped` gives the card's index and the gap it was let go over; Escape ends a drag without it.

    cards : what can be moved, from top to bottom. gap_rectangle : the place of the gap before the card of an
    index (of the last one behind all), in the coordinates of the parent.
    """

    dropped = Signal(int, int)
    moved_over = Signal(QRect)

    def __init__(
        self,
        parent: QWidget,
        cards: Callable[[], Sequence[FoldingCard]],
        gap_rectangle: Callable[[int], QRect],
    ) -> None:
        super().__init__(parent)
        self._ground = parent
        self._cards = cards
        self._gap_rectangle = gap_rectangle
        self._card: FoldingCard | None = None
        self._grabbed_at = 0
        self._gap: int | None = None
        self._ghost = _Ghost(parent)
        self._mark = _Mark(parent)

    def watch(self, card: FoldingCard) -> None:
        """Let this card be dragged by its header."""
        card.header.drag_began.connect(lambda place: self._begin(card, place))
        card.header.drag_moved.connect(self._move)
        card.header.drag_ended.connect(self._end)

    def is_active(self) -> bool:
        return self._card is not None

    def cancel(self) -> None:
        """Leave everything where it is."""
        if self._card is not None:
            self._card.header.cancel_drag()
        self._finish()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            self.cancel()
            return True
        return False

    def _begin(self, card: FoldingCard, place: QPoint) -> None:
        self._card = card
        strip = QRect(0, 0, card.width(), card.header.geometry().bottom() + card.header.x())
        self._grabbed_at = card.mapFromGlobal(place).y()
        self._ghost.show_picture(card.grab(strip), card.x())
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def _move(self, place: QPoint) -> None:
        if self._card is None:
            return
        y = self._ground.mapFromGlobal(place).y()
        self._ghost.move(self._ghost.x(), y - self._grabbed_at)
        self._gap = self._gap_at(y)
        index = self._cards().index(self._card)
        if self._gap in (index, index + 1):
            # There it already is.
            self._mark.hide()
        else:
            self._mark.show_at(self._gap_rectangle(self._gap))
        self._ghost.raise_()
        self.moved_over.emit(QRect(0, y - _REVEALED, 1, 2 * _REVEALED))

    def _end(self) -> None:
        card, gap = self._card, self._gap
        self._finish()
        if card is not None and gap is not None:
            self.dropped.emit(self._cards().index(card), gap)

    def _finish(self) -> None:
        self._card = self._gap = None
        self._ghost.hide()
        self._mark.hide()
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def _gap_at(self, y: int) -> int:
        """The gap before the first card whose middle is below the pointer."""
        cards = self._cards()
        middles = (card.geometry().center().y() for card in cards)
        return next((index for index, middle in enumerate(middles) if y < middle), len(cards))


class _Ghost(QWidget):
    """The picture of the card's header under the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_picture(self, picture: QPixmap, x: int) -> None:
        self._picture = picture
        self.resize(picture.deviceIndependentSize().toSize())
        self.move(x, self.y())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(_GHOST_OPACITY)
        painter.drawPixmap(0, 0, self._picture)
        painter.setPen(QColor(theme.current().accent))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), theme.RADIUS, theme.RADIUS)
        painter.end()


class _Mark(QWidget):
    """The line where the card will go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, gap: QRect) -> None:
        self.setGeometry(gap.x(), gap.center().y() - _MARK_HEIGHT // 2, gap.width(), _MARK_HEIGHT)
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().accent))
        painter.end()
