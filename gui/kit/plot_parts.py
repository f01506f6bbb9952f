"""Parts of plots that a panel paints itself: frame, ticks and names of the axes, bars of a histogram, marks
of data points and classes, and the legend that explains them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.kit.scales import CLOSE_STEPS, Tick, linear_ticks
from gui.kit.text import tr
from gui.kit.theme import Theme, caption_font, current, scaled, text_font

TICK_GAP = 72.0
"""Pixels between two ticks at least."""


@dataclass(frozen=True)
class Axis:
    """A range of values with its name. low < high."""

    low: float
    high: float
    name: str

    @staticmethod
    def around(low: float, high: float, name: str, padding: float = 0.0) -> "Axis":
        """An axis over these values with padding as a share of their span; never of no length."""
        if not (math.isfinite(low) and math.isfinite(high)):
            low, high = 0.0, 1.0
        span = high - low
        if span <= abs(low) * 1e-9:
            span = max(abs(low), 1.0)
            low, high = low - span / 2, high + span / 2
        return Axis(low - padding * span, high + padding * span, name)

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high."""
        return (value - self.low) / (self.high - self.low)

    def value(self, share: float) -> float:
        return self.low + share * (self.high - self.low)

    def ticks(self, length: float) -> list[Tick]:
        """Round values with their texts, as many as have room on `length` pixels."""
        most = max(int(length // scaled(TICK_GAP)), 2)
        return linear_ticks(self.low, self.high, most, CLOSE_STEPS)


LEFT, BELOW, RIGHT = 72, 48, 16
"""Around a plot: what its axes need at a scale of 1, and a little air."""


def plot_area(widget: QRect, top: float) -> QRectF:
    """The frame of a plot that begins at `top`: what its axes leave of a widget."""
    left, below = scaled(LEFT), scaled(BELOW)
    width, height = widget.width() - left - RIGHT, widget.height() - top - below
    return QRectF(left, top, max(width, 40), max(height, 40))


def paint_axes(painter: QPainter, plot: QRectF, x: Axis, y: Axis, theme: Theme) -> None:
    """Frame, ticks and names around a plot, into the margins of the caller: see `plot_area`."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.drawRect(plot)
    painter.setFont(caption_font(tabular=True))
    for tick in x.ticks(plot.width()):
        at = plot.left() + x.share(tick.position) * plot.width()
        _mark(painter, QPointF(at, plot.bottom()), QPointF(at, plot.bottom() + 4), theme)
        room = QRectF(at - scaled(40), plot.bottom() + 6, scaled(80), scaled(14))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), tick.text)
    for tick in y.ticks(plot.height()):
        at = plot.bottom() - y.share(tick.position) * plot.height()
        _mark(painter, QPointF(plot.left() - 4, at), QPointF(plot.left(), at), theme)
        room = QRectF(plot.left() - 8 - scaled(60), at - scaled(14) / 2, scaled(60), scaled(14))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, int(side), tick.text)
    font = text_font()
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    below = QRectF(plot.left(), plot.bottom() + scaled(23), plot.width(), scaled(18))
    name = metrics.elidedText(x.name, Qt.TextElideMode.ElideRight, plot.width())
    painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), name)
    painter.save()
    painter.translate(plot.left() - scaled(48), plot.center().y())
    painter.rotate(-90)
    beside = QRectF(-plot.height() / 2, -scaled(18) / 2, plot.height(), scaled(18))
    name = metrics.elidedText(y.name, Qt.TextElideMode.ElideRight, plot.height())
    painter.drawText(beside, int(Qt.AlignmentFlag.AlignCenter), name)
    painter.restore()


def _mark(painter: QPainter, start: QPointF, end: QPointF, theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.edge), 1))
    painter.drawLine(start, end)
    painter.setPen(QColor(theme.muted))


def paint_colour_bar(painter: QPainter, bar: QRectF, values: Axis, picture: QImage, theme: Theme) -> None:
    """A picture of the scale with ticks on its right; needs 56 pixels at the right, scaled."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(bar, picture)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.drawRect(bar)
    painter.setFont(caption_font(tabular=True))
    for tick in values.ticks(bar.height()):
        at = bar.bottom() - values.share(tick.position) * bar.height()
        _mark(painter, QPointF(bar.right(), at), QPointF(bar.right() + 4, at), theme)
        room = QRectF(bar.right() + 7, at - scaled(14) / 2, scaled(48), scaled(14))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), tick.text)


Numbers = NDArray[np.float64]


def bin_at(edges: Numbers, value: float) -> int | None:
    """The index of the bin that holds a value; None beyond the first and the last edge."""
    found = int(np.searchsorted(edges, value, side="right")) - 1
    if value == edges[-1]:
        found = len(edges) - 2
    return found if 0 <= found < len(edges) - 1 else None


def paint_bars(
    painter: QPainter,
    area: QRectF,
    edges: Numbers,
    heights: Numbers,
    colour: QColor,
    left_of_zero: tuple[float, QColor] | None = None,
) -> None:
    """Paint bars that stand on the lower edge of an area.

    edges : (bins + 1,), where the bars begin and end, as fractions of the area's width.
    heights : (bins,), fractions of its height; what is not 0 is at least a pixel high.
    left_of_zero : where 0 lies, as a fraction of the width, and the colour of bars left of it.
    """
    # Whole pixels: bars stay crisp, and the gaps between them even.
    places = np.round(area.left() + edges * area.width()).astype(int).tolist()
    fraction, negative = left_of_zero or (0.0, colour)
    zero = round(area.left() + fraction * area.width())
    bottom = round(area.bottom())
    for left, end, height in zip(places[:-1], places[1:], (heights * area.height()).tolist(), strict=True):
        if height <= 0:
            continue
        top = bottom - max(round(height), 1)
        right = max(end - 1, left + 1) if end - left > 2 else end
        if left < zero < right:
            painter.fillRect(left, top, zero - left, bottom - top, negative)
            painter.fillRect(zero, top, right - zero, bottom - top, colour)
        else:
            painter.fillRect(left, top, right - left, bottom - top, negative if right <= zero else colour)


def outline(area: QRectF, heights: Numbers) -> QPainterPath:
    """The upper edge of bars of one width and these heights, as fractions of the area's."""
    path, width = QPainterPath(area.bottomLeft()), area.width() / len(heights)
    for place, height in enumerate(heights.tolist()):
        top = area.bottom() - height * area.height()
        path.lineTo(area.left() + place * width, top)
        path.lineTo(area.left() + (place + 1) * width, top)
    path.lineTo(area.bottomRight())
    return path


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
        self.setAccessibleName(tr("Legend: {words}", words=words) if words else "")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return int(max((rect.bottom() for rect in places), default=scaled(LINE)))

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, scaled(LINE))

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
        places, x, line, height = [], 0.0, 0, scaled(LINE)
        for entry in self._entries:
            wide = entry.sign_width + min(metrics.horizontalAdvance(entry.text) + 2, scaled(WIDEST))
            if x > 0 and x + wide > width:
                x, line = 0.0, line + 1
            places.append(QRectF(x, line * height, wide, height))
            x += wide + GAP
        return places
