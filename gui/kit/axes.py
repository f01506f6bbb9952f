"""Axes of a plot that a view paints itself: the frame, the ticks, their labels and the names."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from gui.kit.scales import CLOSE_STEPS, Tick, linear_ticks
from gui.kit.theme import Theme, caption_font, text_font

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
        most = max(int(length // TICK_GAP), 2)
        return linear_ticks(self.low, self.high, most, CLOSE_STEPS)


def paint_axes(painter: QPainter, plot: QRectF, x: Axis, y: Axis, theme: Theme) -> None:
    """Frame, ticks and names around a plot, into the margins of the caller: 60 left, 46 below."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.drawRect(plot)
    painter.setFont(caption_font(tabular=True))
    for tick in x.ticks(plot.width()):
        at = plot.left() + x.share(tick.position) * plot.width()
        _mark(painter, QPointF(at, plot.bottom()), QPointF(at, plot.bottom() + 4), theme)
        room = QRectF(at - 40, plot.bottom() + 6, 80, 14)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), tick.text)
    for tick in y.ticks(plot.height()):
        at = plot.bottom() - y.share(tick.position) * plot.height()
        _mark(painter, QPointF(plot.left() - 4, at), QPointF(plot.left(), at), theme)
        room = QRectF(plot.left() - 68, at - 7, 60, 14)
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, int(side), tick.text)
    font = text_font()
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    below = QRectF(plot.left(), plot.bottom() + 23, plot.width(), 18)
    name = metrics.elidedText(x.name, Qt.TextElideMode.ElideRight, plot.width())
    painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), name)
    painter.save()
    painter.translate(plot.left() - 48, plot.center().y())
    painter.rotate(-90)
    beside = QRectF(-plot.height() / 2, -9, plot.height(), 18)
    name = metrics.elidedText(y.name, Qt.TextElideMode.ElideRight, plot.height())
    painter.drawText(beside, int(Qt.AlignmentFlag.AlignCenter), name)
    painter.restore()


def _mark(painter: QPainter, start: QPointF, end: QPointF, theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.edge), 1))
    painter.drawLine(start, end)
    painter.setPen(QColor(theme.muted))


def paint_colour_bar(painter: QPainter, bar: QRectF, values: Axis, picture: QImage, theme: Theme) -> None:
    """A picture of the scale with ticks on its right; needs 56 pixels at the right."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(bar, picture)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.drawRect(bar)
    painter.setFont(caption_font(tabular=True))
    for tick in values.ticks(bar.height()):
        at = bar.bottom() - values.share(tick.position) * bar.height()
        _mark(painter, QPointF(bar.right(), at), QPointF(bar.right() + 4, at), theme)
        room = QRectF(bar.right() + 7, at - 7, 48, 14)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), tick.text)
