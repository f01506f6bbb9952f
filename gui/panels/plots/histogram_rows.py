"""Small histograms under one another, one for each layer."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.insight.distributions import Histogram
from gui.kit.numbers import count_text, quantity_text, reading_text
from gui.kit.plot_parts import bin_at, paint_bars
from gui.kit.scales import Tick, linear_ticks
from gui.kit.text import tr
from gui.kit.theme import Theme, caption_font, current, mixed, scaled
from gui.panels.plots.hover_cursor import Reading, ReadOut

ROW_PX = 68
MOST_ROW_PX = 132
TITLE_PX = 16
AXIS_PX = 16
BETWEEN_PX = 4
SIDE_PX = 34
"""Left of the bars; half of it right of them."""
OVERFLOW_PX = 4
"""Width of the bar for what lies beyond the range."""
BAR_STRENGTH = 0.8
"""Share of the colour in a bar; the rest is the ground, so that many bars stay quiet."""


class HistogramRows(QWidget):
    """Paints only the rows that are in sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: list[tuple[str, Histogram]] = []
        self._noun = "weight"
        self._logarithmic = False
        self._pointer: QPoint | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self._read_out = ReadOut(self)

    def show_layers(self, layers: Sequence[tuple[str, Histogram]], noun: str = "weight") -> None:
        """Names and histograms, from the first layer to the last; `noun` says what is counted."""
        count = len(self.layers)
        self.layers, self._noun = list(layers), noun
        if count != len(self.layers):
            self._take_height()
            self.updateGeometry()
        self._read()
        self.update()

    def _take_height(self) -> None:
        self.setMinimumHeight(scaled(ROW_PX) * len(self.layers))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_height()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Heights by the logarithm of the counts, so that single weights far out can be seen."""
        self._logarithmic = logarithmic
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, scaled(ROW_PX) * max(len(self.layers), 1))

    def row_height(self) -> int:
        """Rows share the height there is, within reason."""
        least, most = scaled(ROW_PX), scaled(MOST_ROW_PX)
        return min(max(self.height() // max(len(self.layers), 1), least), most)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        height, shown = self.row_height(), event.rect()
        for number in range(shown.top() // height, min(shown.bottom() // height + 1, len(self.layers))):
            name, found = self.layers[number]
            self.paint_row(painter, QRect(0, number * height, self.width(), height), name, found)
        painter.end()

    # --- one row -----------------------------------------------------------------------------------------

    def paint_row(self, painter: QPainter, row: QRect, name: str, found: Histogram) -> None:
        theme = current()
        self._paint_title(painter, row, name, found, theme)
        bars = _bars_area(row)
        limit = axis_limit(found)
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_bars(painter, bars, found, limit, theme)
        painter.fillRect(QRectF(bars.left(), bars.bottom(), bars.width(), 1), QColor(theme.line))
        painter.setPen(QColor(theme.muted))
        painter.setFont(caption_font())
        for tick in axis_ticks(limit, bars.width()):
            x = bars.left() + (tick.position + limit) / (2 * limit) * bars.width()
            place = QRectF(x - scaled(40), bars.bottom() + 1, scaled(80), scaled(AXIS_PX - 2))
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, tick.text)

    def _paint_title(self, painter: QPainter, row: QRect, name: str, found: Histogram, theme: Theme) -> None:
        caption, strong = caption_font(tabular=True), QFont(caption_font())
        strong.setWeight(QFont.Weight.DemiBold)
        room = QRectF(row.left() + 4, row.top(), row.width() - 8, scaled(TITLE_PX))
        text, warning = summary(found, self._noun)
        painter.setFont(caption)
        painter.setPen(QColor(theme.ink("warning") if warning else theme.muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        left = room.width() - QFontMetricsF(caption).horizontalAdvance(text) - 8
        painter.setFont(strong)
        painter.setPen(QColor(theme.text))
        shown = QFontMetricsF(strong).elidedText(name, Qt.TextElideMode.ElideRight, max(left, 0.0))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_bars(
        self, painter: QPainter, area: QRectF, found: Histogram, limit: float, theme: Theme
    ) -> None:
        negative = QColor(mixed(theme.surface, theme.validation, BAR_STRENGTH))
        positive = QColor(mixed(theme.surface, theme.accent, BAR_STRENGTH))
        edges = (found.edges + limit) / (2 * limit)
        paint_bars(painter, area, edges, self._heights(found), positive, (0.5, negative))
        self._paint_overflow(painter, area, (found.below, found.above), (negative, positive), theme)

    def _paint_overflow(
        self,
        painter: QPainter,
        area: QRectF,
        counts: tuple[int, int],
        colours: tuple[QColor, QColor],
        theme: Theme,
    ) -> None:
        """How many lie beyond either end: a small arrow there, and the count."""
        painter.setFont(caption_font())
        high, middle = scaled(14), round(area.bottom()) - scaled(7)
        for count, colour, left in zip(counts, colours, (True, False), strict=True):
            if not count:
                continue
            tip = area.left() - 6 if left else area.right() + 6
            base = tip + OVERFLOW_PX if left else tip - OVERFLOW_PX
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPolygon(
                [QPoint(int(tip), middle), QPoint(int(base), middle - 4), QPoint(int(base), middle + 4)]
            )
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QColor(theme.muted))
            place = QRectF(0, middle - high / 2, tip - 2, high)
            if not left:
                place = QRectF(tip - scaled(40), middle - 6 - high, scaled(46), high)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count_text(count)
            )

    def _heights(self, found: Histogram) -> NDArray[np.float64]:
        """0 … 1 for every bin."""
        counts = np.log1p(found.counts) if self._logarithmic else found.counts.astype(float)
        heights: NDArray[np.float64] = counts / max(counts.max(initial=0.0), 1e-12)
        return heights

    # --- reading -----------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position().toPoint()
        self._read()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self._read_out.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._read()

    def _read(self) -> None:
        pointer = self._pointer
        number = pointer.y() // self.row_height() if pointer is not None else -1
        if pointer is None or not 0 <= number < len(self.layers):
            self._read_out.hide()
            return
        name, found = self.layers[number]
        area, limit = _bars_area(QRect(0, 0, self.width(), self.row_height())), axis_limit(found)
        value = ((pointer.x() - area.left()) / area.width() * 2 - 1) * limit
        bin_number = bin_at(found.edges, value)
        readings = []
        if bin_number is not None:
            low, high = (reading_text(found.edges[bin_number + side]) for side in (0, 1))
            many = int(found.counts[bin_number])
            readings.append(Reading(f"{low} to {high}", self._counted(many), ""))
        if found.below or found.above:
            readings.append(Reading(f"below {reading_text(found.edges[0])}", self._counted(found.below), ""))
            readings.append(Reading(f"above {reading_text(found.edges[-1])}", self._counted(found.above), ""))
        if found.non_finite:
            readings.append(Reading(tr("not finite"), self._counted(found.non_finite), ""))
        readings.append(Reading("mean", reading_text(found.mean), ""))
        self._read_out.show_at(pointer, name, readings)

    def _counted(self, many: int) -> str:
        return quantity_text(many, self._noun, f"{self._noun}s")


def axis_limit(found: Histogram) -> float:
    """Half the width of the axis: the end of the bins, rounded up to 1, 2, 5 × 10ⁿ.

    Rounded, because it then stays where it is while the weights move, and is the same for similar layers.
    """
    end = float(max(abs(found.edges[0]), abs(found.edges[-1])))
    if not (math.isfinite(end) and end > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(end))
    return next(m * power for m in (1, 1.5, 2, 3, 5, 7.5, 10) if m * power >= end * (1 - 1e-9))


def axis_ticks(limit: float, width: float) -> list[Tick]:
    """Round numbers on both sides of 0."""
    return linear_ticks(-limit, limit, max(int(width / scaled(52)), 2))


def summary(found: Histogram, noun: str) -> tuple[str, bool]:
    """σ and the largest value in a few words, and whether something is wrong with the values."""
    letter = "w" if noun == "weight" else "g"
    std, largest = (reading_text(value) for value in (found.std, found.largest))
    text = tr("σ {std}  |{letter}| max {largest}", std=std, letter=letter, largest=largest)
    if not found.non_finite:
        return text, False
    bad = quantity_text(found.non_finite, f"{noun} is", f"{noun}s are")
    finite = int(found.counts.sum()) + found.below + found.above
    return (
        tr("{bad} not finite · {value}", bad=bad, value=text) if finite else tr("{bad} not finite", bad=bad)
    ), True


def _bars_area(row: QRect) -> QRectF:
    top, bottom = row.top() + scaled(TITLE_PX), row.bottom() - scaled(AXIS_PX) - BETWEEN_PX
    side = scaled(SIDE_PX)
    return QRectF(row.left() + side, top, max(row.width() - 1.5 * side, 10.0), bottom - top)
