"""Marks of data points and their classes, and the legend that explains them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit.theme import Theme, caption_font, current

Part = Literal["training", "validation", "test"]

MOST_POINTS = 4000
LINE = 20
GAP = 16
SIGN = 18
WIDEST = 160.0


def paint_marker(
    painter: QPainter, place: QPointF, radius: float, colour: QColor, part: Part, theme: Theme
) -> None:
    """Training: a filled disc. Validation: a ring. Test: a hollow diamond. All with a pale edge."""
    edge = QColor(theme.surface)
    if part == "training":
        painter.setPen(QPen(edge, 1.25))
        painter.setBrush(colour)
        painter.drawEllipse(place, radius, radius)
        return
    painter.setBrush(edge)
    for pen, size in ((QPen(edge, 3.5), radius), (QPen(colour, 1.75), radius)):
        painter.setPen(pen)
        if part == "validation":
            painter.drawEllipse(place, size, size)
        else:
            reach = size * 1.3
            corners = ((0, -reach), (reach, 0), (0, reach), (-reach, 0))
            painter.drawPolygon(QPolygonF([place + QPointF(x, y) for x, y in corners]))


def marker_radius(points: int, plot: QRectF) -> float:
    """Smaller the more points there are and the smaller the plot."""
    base = 4.0 if points <= 700 else 3.25 if points <= 2000 else 2.5
    return base if min(plot.width(), plot.height()) >= 360 else base * 0.8


def part_names(parts: Iterable[str]) -> tuple[Part, ...]:
    """The parts that occur, in their usual order."""
    present = set(parts)
    return tuple(part for part in ("training", "validation", "test") if part in present)


def paint_swatch(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """A small square of a class's colour, for legends."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, 2.5, 2.5)


@dataclass(frozen=True)
class Entry:
    """A text with a swatch of a colour, with the mark of a part, or without a sign."""

    text: str
    colour: QColor | None = None
    part: Part | None = None

    @property
    def sign_width(self) -> int:
        return SIGN if self.colour is not None or self.part is not None else 0


class LegendBar(QWidget):
    """Entries from left to right, line by line; too long names are shortened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        self._entries = entries
        words = ", ".join(entry.text for entry in entries)
        self.setAccessibleName(f"Legend: {words}" if words else "")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return int(max((rect.bottom() for rect in places), default=LINE))

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, LINE)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        font = caption_font()
        metrics = QFontMetricsF(font)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        for entry, rect in zip(self._entries, self._places(self.width()), strict=True):
            sign = QPointF(rect.left() + 6, rect.center().y())
            if entry.part is not None:
                paint_marker(painter, sign, 4.0, QColor(theme.muted), entry.part, theme)
            elif entry.colour is not None:
                paint_swatch(painter, QRectF(sign.x() - 5, sign.y() - 5, 10, 10), entry.colour)
            painter.setPen(QColor(theme.text))
            words = rect.adjusted(entry.sign_width, 0, 0, 0)
            shown = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()

    def _places(self, width: int) -> list[QRectF]:
        metrics = QFontMetricsF(caption_font())
        places, x, line = [], 0.0, 0
        for entry in self._entries:
            wide = entry.sign_width + min(metrics.horizontalAdvance(entry.text) + 2, WIDEST)
            if x > 0 and x + wide > width:
                x, line = 0.0, line + 1
            places.append(QRectF(x, line * LINE, wide, LINE))
            x += wide + GAP
        return places
