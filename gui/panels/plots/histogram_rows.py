"""Small histograms under one another, one for each layer."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.insight.distributions import Histogram
from gui.kit.numbers import count_text, quantity_text, reading_text
from gui.kit.plot_parts import bin_at, paint_bars
from gui.kit.scales import Interval
from gui.kit.text import tr
from gui.kit.theme import Theme, caption_font, current, mixed, scaled
from gui.panels.plots.histogram_axis import axis_range, axis_ticks, many_of, summary
from gui.panels.plots.hover_cursor import Reading, ReadOut
from gui.panels.plots.over_time import Moment, common_range, paint_bands, paint_outline, paint_ridges

RowView = Literal["bars", "ridges", "bands"]
ROW_PX = 68
OVER_TIME_ROW_PX = 128
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
    """Paints only the rows that are in sight. `chosen` : the number of a row that was clicked."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: list[tuple[str, Histogram]] = []
        self._noun = "weight"
        self._view: RowView = "bars"
        self.histories: Mapping[str, Sequence[Moment]] = {}
        self._logarithmic = False
        self._selected: int | None = None
        self._pointer: QPoint | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self._read_out = ReadOut(self)

    def show_layers(
        self,
        layers: Sequence[tuple[str, Histogram]],
        noun: str = "weight",
        histories: Mapping[str, Sequence[Moment]] | None = None,
        view: RowView = "bars",
    ) -> None:
        """Names and histograms, from the first layer to the last.

        noun : what is counted. histories : by name, what the layer was like at steps of the run, of which the
        first is the outline behind the bars.
        """
        before = len(self.layers), self._view
        self.layers, self._noun, self._view = list(layers), noun, view
        self.histories = histories or {}
        if before != (len(self.layers), view):
            self._take_height()
            self.updateGeometry()
        self._read()
        self.update()

    def _take_height(self) -> None:
        self.setMinimumHeight(self._least() * len(self.layers))

    def _least(self) -> int:
        return scaled(ROW_PX if self._view == "bars" else OVER_TIME_ROW_PX)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_height()

    def select(self, number: int | None) -> None:
        """Mark a row, or none."""
        if number != self._selected:
            self._selected = number
            self.update()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Heights by the logarithm of the counts, so that single weights far out can be seen."""
        self._logarithmic = logarithmic
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, self._least() * max(len(self.layers), 1))

    def row_height(self) -> int:
        """Rows share the height there is, within reason."""
        least, most = self._least(), scaled(MOST_ROW_PX if self._view == "bars" else 2 * MOST_ROW_PX)
        return min(max(self.height() // max(len(self.layers), 1), least), most)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        height, shown = self.row_height(), event.rect()
        for number in range(shown.top() // height, min(shown.bottom() // height + 1, len(self.layers))):
            name, found = self.layers[number]
            row = QRect(0, number * height, self.width(), height)
            if number == self._selected:
                painter.fillRect(row, QColor(current().tint("accent")))
            self.paint_row(painter, row, name, found)
        painter.end()

    # --- one row -----------------------------------------------------------------------------------------

    def paint_row(self, painter: QPainter, row: QRect, name: str, found: Histogram) -> None:
        theme = current()
        self._paint_title(painter, row, name, found, theme)
        bars = _bars_area(row)
        moments = self.histories.get(name, ())
        if self._view == "bands" and moments:
            paint_bands(painter, bars, moments, theme)
            return
        axis = axis_range(found)
        if self._view == "ridges" and moments:
            axis = common_range(moments)
            paint_ridges(painter, bars, moments, axis, theme)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            self._paint_bars(painter, bars, found, axis, theme)
            if moments:
                start = moments[0].histogram
                paint_outline(painter, bars, found, start, axis, self._logarithmic, theme)
        painter.fillRect(QRectF(bars.left(), bars.bottom(), bars.width(), 1), QColor(theme.line))
        painter.setPen(QColor(theme.muted))
        painter.setFont(caption_font())
        low, high = axis
        for tick in axis_ticks(axis, bars.width()):
            x = bars.left() + (tick.position - low) / (high - low) * bars.width()
            place = QRectF(x - scaled(40), bars.bottom() + 1, scaled(80), scaled(AXIS_PX - 2))
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, tick.text)

    def _paint_title(self, painter: QPainter, row: QRect, name: str, found: Histogram, theme: Theme) -> None:
        caption, strong = caption_font(tabular=True), QFont(caption_font())
        strong.setWeight(QFont.Weight.DemiBold)
        room = QRectF(row.left() + 4, row.top(), row.width() - 8, scaled(TITLE_PX))
        text, warning = summary(found, self._noun)
        painter.setFont(caption)
        painter.setPen(QColor(theme.ink("error") if warning else theme.muted))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        left = room.width() - QFontMetricsF(caption).horizontalAdvance(text) - 8
        painter.setFont(strong)
        painter.setPen(QColor(theme.text))
        shown = QFontMetricsF(strong).elidedText(name, Qt.TextElideMode.ElideRight, max(left, 0.0))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_bars(
        self, painter: QPainter, area: QRectF, found: Histogram, axis: Interval, theme: Theme
    ) -> None:
        negative = QColor(mixed(theme.surface, theme.validation, BAR_STRENGTH))
        positive = QColor(mixed(theme.surface, theme.accent, BAR_STRENGTH))
        low, high = axis
        edges = (found.edges - low) / (high - low)
        zero = -low / (high - low)
        paint_bars(painter, area, edges, self._heights(found), positive, (zero, negative))
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().y()) // self.row_height()
        if event.button() == Qt.MouseButton.LeftButton and number < len(self.layers):
            self.chosen.emit(number)

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
        area = _bars_area(QRect(0, 0, self.width(), self.row_height()))
        share = (pointer.x() - area.left()) / area.width()
        moments = self.histories.get(name, ())
        if self._view == "bands" and moments:
            self._read_bands(pointer, name, moments, share)
            return
        ridges = self._view == "ridges" and moments
        low, high = common_range(moments) if ridges else axis_range(found)
        value = low + share * (high - low)
        bin_number = bin_at(found.edges, value)
        readings = []
        if bin_number is not None:
            start, end = (reading_text(found.edges[bin_number + side]) for side in (0, 1))
            many = int(found.counts[bin_number])
            readings.append(Reading(f"{start} to {end}", self._counted(many), ""))
        if found.below or found.above:
            readings.append(Reading(f"below {reading_text(found.edges[0])}", self._counted(found.below), ""))
            readings.append(Reading(f"above {reading_text(found.edges[-1])}", self._counted(found.above), ""))
        if found.non_finite:
            readings.append(Reading(tr("not finite"), self._counted(found.non_finite), ""))
        readings.append(Reading("mean", reading_text(found.mean), ""))
        self._read_out.show_at(pointer, name, readings)

    def _read_bands(self, pointer: QPoint, name: str, moments: Sequence[Moment], share: float) -> None:
        epoch = moments[0].epoch + share * (moments[-1].epoch - moments[0].epoch)
        moment = min(moments, key=lambda one: abs(one.epoch - epoch))
        levels = (tr("smallest"), "2 %", "25 %", tr("median"), "75 %", "98 %", tr("largest"))
        told = [
            Reading(title, reading_text(float(value)), "")
            for title, value in zip(levels, moment.histogram.quantiles, strict=True)
        ]
        if moment.histogram.non_finite:
            told.append(Reading(tr("not finite"), self._counted(moment.histogram.non_finite), ""))
        head = tr("{name}, epoch {epoch}", name=name, epoch=f"{moment.epoch:.4g}")
        self._read_out.show_at(pointer, head, told[::-1])

    def _counted(self, many: int) -> str:
        return quantity_text(many, self._noun, many_of(self._noun))


def _bars_area(row: QRect) -> QRectF:
    top, bottom = row.top() + scaled(TITLE_PX), row.bottom() - scaled(AXIS_PX) - BETWEEN_PX
    side = scaled(SIDE_PX)
    return QRectF(row.left() + side, top, max(row.width() - 1.5 * side, 10.0), bottom - top)
