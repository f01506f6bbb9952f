"""What stands over the top of the centre for a while: a line of words with what can be done about it."""

from PySide6.QtCore import QEvent, QObject, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui import theme

WIDEST = 560
MARGIN = 3 * theme.GRID
"""Around the banners, in the widget that they stand over."""


class Banner(QWidget):
    """A card with one row of widgets, hidden until it has something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID)
        self.row.setSpacing(2 * theme.GRID)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setMaximumWidth(WIDEST)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.edge))
        painter.setBrush(QColor(colours.raised))
        inside = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inside, theme.RADIUS, theme.RADIUS)
        painter.end()


class BannerColumn(QWidget):
    """Banners below one another, in the middle of the top of the widget that they stand over.

    below : how far from the top they begin, in pixels. The column is no larger than what it shows, so that
    everything beside it can be clicked.
    """

    def __init__(self, over: QWidget, *banners: Banner, below: int = 0) -> None:
        super().__init__(over)
        self._over, self._banners, self._below = over, banners, below
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        for banner in banners:
            column.addWidget(banner)
            banner.installEventFilter(self)
        over.installEventFilter(self)
        self.hide()

    def set_below(self, below: int) -> None:
        """Begin further up or down: something else stands at the top."""
        if below != self._below:
            self._below = below
            self._place()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
        if (event.type() == QEvent.Type.Resize and watched is self._over) or event.type() in shown:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.setVisible(any(not banner.isHidden() for banner in self._banners))
        if self.isHidden():
            return
        room = self._over.width() - 2 * MARGIN
        width = min(self.sizeHint().width(), WIDEST, room)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry((self._over.width() - width) // 2, self._below + MARGIN, width, height)
        self.raise_()
