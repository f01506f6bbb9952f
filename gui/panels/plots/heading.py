"""The line above a plot: its name, and at the right a caption or the legend."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit.theme import caption_font, current, scaled, text_font

HEIGHT_PX = 20
SAMPLE_PX = 15.0
SPACE_PX = 5.0
BETWEEN_PX = 12.0
SAMPLE_DASHES = (2.5, 1.5)
"""In line widths; two dashes and a half fit into a sample."""


@dataclass(frozen=True)
class Entry:
    """A word of the legend; without a colour it is a caption."""

    text: str
    colour: str = ""
    dashed: bool = False


class Heading(QWidget):
    """Painted by hand, so that a picture of the plot shows it as the window does."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def title(self) -> str:
        return self._title

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    def set_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            self.update()

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """What stands at the right, from left to right; the last ones give way where room is short."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, scaled(HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(44, scaled(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, room = current(), QRectF(self.rect())
        strong = text_font(strong=True)
        metrics = QFontMetricsF(strong)
        title = metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, room.width())
        painter.setFont(strong)
        painter.setPen(QColor(theme.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        room.setLeft(metrics.horizontalAdvance(title) + BETWEEN_PX)
        self._paint_entries(painter, room)
        painter.end()

    def _paint_entries(self, painter: QPainter, room: QRectF) -> None:
        metrics = QFontMetricsF(caption_font())
        painter.setFont(caption_font())
        shown = list(self._entries)
        while (
            len(shown) > 1 and sum(_width(e, metrics) + BETWEEN_PX for e in shown) - BETWEEN_PX > room.width()
        ):
            shown.pop()
        x = max(room.right() - sum(_width(e, metrics) + BETWEEN_PX for e in shown) + BETWEEN_PX, room.left())
        for entry in shown:
            if entry.colour:
                pen = QPen(QColor(entry.colour), 2)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                if entry.dashed:
                    pen.setDashPattern(SAMPLE_DASHES)
                painter.setPen(pen)
                painter.drawLine(QLineF(x, room.center().y(), x + SAMPLE_PX, room.center().y()))
                x += SAMPLE_PX + SPACE_PX
            text = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, max(room.right() - x, 0))
            painter.setPen(QColor(current().muted))
            painter.drawText(
                QRectF(x, room.top(), room.right() - x + 1, room.height()),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            x += metrics.horizontalAdvance(text) + BETWEEN_PX


def _width(entry: Entry, metrics: QFontMetricsF) -> float:
    return metrics.horizontalAdvance(entry.text) + (SAMPLE_PX + SPACE_PX if entry.colour else 0.0)
