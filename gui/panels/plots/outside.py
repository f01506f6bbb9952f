"""What a chart cannot show in its lines: values beyond its range, and values that are not finite.

The first are counted, and arrows at the upper and lower edge point to them; the second are red marks at the
axis.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.kit.numbers import count_text, reading_text
from gui.kit.scales import Interval
from gui.kit.text import tr
from gui.kit.theme import caption_font, current
from gui.panels.plots.annotations import line_height, write
from gui.panels.plots.lines import LineItems, on_axis
from gui.panels.plots.pane import Pane
from gui.panels.plots.pyramid import Numbers

MOST_COUNTED = 200_000
"""Values in sight that are counted one by one, in a millisecond or two; of more, those that are drawn."""
ARROW_PX, ARROW_APART_PX = 3.5, 9.0
GAP_MARK_PX = 9.0
WORDS_PART = 0.6
"""Names stand at the right end of lines: the words on what is outside keep to the left part."""


@dataclass(frozen=True)
class Outside:
    """How many values in sight lie beyond the range of the upright axis, and how far they go."""

    above: int = 0
    below: int = 0
    highest: float = math.nan
    lowest: float = math.nan
    exact: bool = True
    """Whether all values were counted, not only those drawn: otherwise there are at least so many."""

    def texts(self) -> tuple[str, str]:
        """In words, above and below; empty where there is nothing."""
        more = "" if self.exact else "≥ "
        above = tr(
            "{more}{count} above, up to {value}",
            more=more,
            count=count_text(self.above),
            value=reading_text(self.highest),
        )
        below = tr(
            "{more}{count} below, down to {value}",
            more=more,
            count=count_text(self.below),
            value=reading_text(self.lowest),
        )
        return above if self.above else "", below if self.below else ""


def count_outside(items: Sequence[LineItems], x: Interval, y: Interval, logarithmic: bool) -> Outside:
    """Count finite values at these x that lie beyond y. What has no place on the axis is not among them.

    Of a line that is drawn as means alone, these are counted.
    """
    rows = [item.sampler.rows_between(*x) for item in items]
    drawn = [item.only_means for item in items]
    counted = [stop - start for (start, stop), means in zip(rows, drawn, strict=True) if not means]
    exact = sum(counted) <= MOST_COUNTED
    above = below = 0
    highest, lowest = -math.inf, math.inf
    for item, (start, stop) in zip(items, rows, strict=True):
        if exact and not item.only_means:
            heights = on_axis(item.sampler.record.read(item.line.column, start, stop), logarithmic)
        else:
            heights = item.extent()[1]
        heights = heights[np.isfinite(heights)]
        over, under = heights[heights > y[1]], heights[heights < y[0]]
        above, below = above + len(over), below + len(under)
        highest = max(highest, float(over.max(initial=-math.inf)))
        lowest = min(lowest, float(under.min(initial=math.inf)))
    if logarithmic:
        highest, lowest = (10.0 ** min(power, 308.25) for power in (highest, lowest))
    return Outside(above, below, highest, lowest, exact)


class EdgeMarks(QGraphicsItem):
    """Paints them. Call `show_outside` and `show_gaps`."""

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self._pane = pane
        self.setZValue(101)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.outside = Outside()
        self.gaps: Numbers = np.empty(0)
        """Where values are not finite, x."""
        self._items: Sequence[LineItems] = ()
        self._words_top = 0.0
        self.placed: list[tuple[str, QRectF]] = []
        """Each word that was drawn last, and where."""

    def show_outside(self, outside: Outside, items: Sequence[LineItems], words_top: float) -> None:
        """Point to what the lines have beyond the range; the words stand `words_top` pixels from the top."""
        self.outside, self._items, self._words_top = outside, items, words_top
        self.gaps = np.concatenate([np.empty(0), *(item.gap_places() for item in items)])
        self.update()

    def clear(self) -> None:
        """Point to nothing."""
        self.show_outside(Outside(), (), 0.0)

    def boundingRect(self) -> QRectF:
        return self._pane.rect()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self.placed = []
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_gaps(painter)
        above, below = self.outside.texts()
        if above:
            self._paint_arrows(painter, upward=True)
            self._paint_words(painter, above, self._words_top)
        if below:
            self._paint_arrows(painter, upward=False)
            self._paint_words(painter, below, self._pane.rect().height() - line_height() - 2 * ARROW_PX)

    def _paint_gaps(self, painter: QPainter) -> None:
        painter.setPen(QPen(QColor(current().error), 2.0))
        foot = self._pane.rect().height()
        for at in self._pixels(self.gaps, 2.0):
            painter.drawLine(QLineF(at, foot - GAP_MARK_PX, at, foot))

    def _paint_arrows(self, painter: QPainter, *, upward: bool) -> None:
        low, high = self._pane.y_range
        tip = 1.0 if upward else self._pane.rect().height() - 1.0
        base = tip + 2 * ARROW_PX * (1 if upward else -1)
        painter.setPen(Qt.PenStyle.NoPen)
        for item in self._items:
            x, y = item.extent()
            with np.errstate(invalid="ignore"):
                beyond = x[(y > high) if upward else (y < low)]
            painter.setBrush(QColor(item.line.colour(current())))
            for at in self._pixels(beyond, ARROW_APART_PX):
                corners = ((at, tip), (at - ARROW_PX, base), (at + ARROW_PX, base))
                painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def _paint_words(self, painter: QPainter, text: str, top: float) -> None:
        painter.setFont(caption_font())
        width = self._pane.rect().width()
        wide = min(QFontMetricsF(painter.font()).horizontalAdvance(text) + 1, width - 8)
        left = max(WORDS_PART * width - wide, 4.0) if wide > WORDS_PART * width - 16 else 16.0
        self.placed.append(write(painter, text, QRectF(left, top, wide, line_height()), current().muted))

    def _pixels(self, x: Numbers, apart: float) -> list[float]:
        """Places in sight, none nearer to the one before than `apart`."""
        (low, high), width = self._pane.across_range, self._pane.rect().width()
        places = (self._pane.across(x) - low) / (high - low) * width
        places = places[(places >= 0) & (places <= width)]
        _, first = np.unique(np.floor(places / apart), return_index=True)
        return [float(place) for place in places[first]]
