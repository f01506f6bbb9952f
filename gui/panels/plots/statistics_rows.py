"""Statistics of layers as painted rows: activations, flat units, gradients, ratio of update to weight."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.insight.layer_statistics import USUAL_LOG_RATIO, LayerStatistics
from gui.kit.numbers import count_text, percent_text, quantity_text, reading_text
from gui.kit.text import tr
from gui.kit.theme import Theme, caption_font, current, mixed, scaled

ROW_PX, HEAD_PX = 38, 30
NAME_PART = 0.3
"""Of the width, for the name of the layer; the three columns share the rest."""
LEAST_RATIO, MOST_RATIO = -6.0, 0.0
"""Ends of the axis of ratios, in powers of ten."""
FEWEST_DECADES = 2.0
GAP = 8
LEAST_WIDTH = 96
"""No more than other plots, or panels would stand behind one another on a small screen."""


class StatisticsRows(QWidget):
    """A row for each layer. A click, or the arrow keys, choose one: `chosen` gives its number."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: Sequence[LayerStatistics] = ()
        self._selected: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_layers(self, layers: Sequence[LayerStatistics]) -> None:
        """From the first layer to the last."""
        if len(layers) != len(self.layers):
            self.updateGeometry()
        self.layers = layers
        if self._selected is not None and self._selected >= len(layers):
            self.select(None)
        self.update()

    def select(self, number: int | None) -> None:
        """Mark a row, or none."""
        if number != self._selected:
            self._selected = number
            self.setAccessibleDescription("" if number is None else self.describe(number))
            self.update()

    def describe(self, number: int) -> str:
        """A row in words."""
        layer = self.layers[number]
        parts = [
            tr("mean {mean}, σ {std}", mean=reading_text(layer.mean), std=reading_text(layer.std)),
            flat_text(layer),
        ]
        if layer.gradient is not None:
            parts.append(tr("gradient {value}", value=reading_text(layer.gradient)))
        if layer.log_ratio is not None:
            parts.append(tr("log₁₀ of update / weight {value}", value=f"{layer.log_ratio:.2f}"))
        return f"{layer.name}: " + ", ".join(part for part in parts if part)

    def sizeHint(self) -> QSize:
        return QSize(320, scaled(HEAD_PX) + scaled(ROW_PX) * max(len(self.layers), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, self.sizeHint().height())

    def row_rect(self, number: int) -> QRectF:
        """Where a row stands."""
        return QRectF(0, scaled(HEAD_PX) + number * scaled(ROW_PX), self.width(), scaled(ROW_PX))

    # --- hands -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = int((event.position().y() - scaled(HEAD_PX)) // scaled(ROW_PX))
        if event.button() == Qt.MouseButton.LeftButton and 0 <= number < len(self.layers):
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if not step or not self.layers:
            super().keyPressEvent(event)
            return
        number = 0 if self._selected is None else self._selected + step
        self.chosen.emit(min(max(number, 0), len(self.layers) - 1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter, theme)
        found = [layer.gradient for layer in self.layers if layer.gradient and math.isfinite(layer.gradient)]
        high = math.log10(max(found, default=1.0))
        low = min(math.log10(min(found, default=1.0)) - 0.5, high - FEWEST_DECADES)
        for number, layer in enumerate(self.layers):
            row = self.row_rect(number)
            if not QRectF(event.rect()).intersects(row):
                continue
            if number == self._selected:
                painter.fillRect(row, QColor(theme.tint("accent")))
                if self.hasFocus():
                    painter.setPen(QPen(QColor(theme.accent), 2))
                    painter.drawRect(row.adjusted(1, 1, -1, -1))
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QLineF(row.left(), row.bottom() - 0.5, row.right(), row.bottom() - 0.5))
            self._paint_name(painter, row, layer, theme)
            flat, gradient, ratio = self._columns(row)
            self._paint_flat(painter, flat, layer, theme)
            self._paint_gradient(painter, gradient, layer, (low, high), theme)
            self._paint_ratio(painter, ratio, layer, theme)
        painter.end()

    def _columns(self, row: QRectF) -> tuple[QRectF, QRectF, QRectF]:
        left = row.left() + NAME_PART * row.width()
        wide = (row.right() - left) / 3
        flat, gradient, ratio = (
            QRectF(left + place * wide, row.top() + 4, wide - GAP, row.height() - 8) for place in range(3)
        )
        return flat, gradient, ratio

    def _paint_heads(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(caption_font())
        painter.setPen(QColor(theme.muted))
        head = QRectF(0, 0, self.width(), scaled(HEAD_PX))
        texts = (tr("flat"), tr("gradient, rms"), tr("log₁₀ Δw / w"))
        columns = self._columns(head)
        usual = columns[2].left() + ratio_share(USUAL_LOG_RATIO) * columns[2].width()
        below = QRectF(usual - scaled(12), head.bottom() - scaled(12), scaled(24), scaled(14))
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), f"{USUAL_LOG_RATIO:.0f}".replace("-", "−"))
        for column, text in zip(columns, texts, strict=True):
            place = QRectF(column.left(), head.top(), column.width(), scaled(16))
            shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)

    def _paint_name(self, painter: QPainter, row: QRectF, layer: LayerStatistics, theme: Theme) -> None:
        room = QRectF(4, row.top() + 4, NAME_PART * row.width() - 8, scaled(15))
        strong = QFont(caption_font())
        strong.setWeight(QFont.Weight.DemiBold)
        _write(painter, strong, room, layer.name, theme.text)
        text, ink = f"{reading_text(layer.mean)} ± {reading_text(layer.std)}", theme.muted
        if layer.non_finite:
            text, ink = tr("{count} not finite", count=count_text(layer.non_finite)), theme.ink("error")
        _write(painter, caption_font(tabular=True), room.translated(0, scaled(15)), text, ink)

    def _paint_flat(self, painter: QPainter, place: QRectF, layer: LayerStatistics, theme: Theme) -> None:
        share = layer.saturated if layer.dead is None else layer.dead / max(layer.units, 1)
        if share is None:
            _write_value(painter, place, "–", theme.muted)
            return
        _paint_bar(painter, place, share, theme.warning, theme)
        text = tr("{share} sat.", share=percent_text(share))
        if layer.dead is not None:
            text = tr("{dead} / {units} dead", dead=count_text(layer.dead), units=count_text(layer.units))
        _write_value(painter, place, text, theme.text)

    def _paint_gradient(
        self,
        painter: QPainter,
        place: QRectF,
        layer: LayerStatistics,
        powers: tuple[float, float],
        theme: Theme,
    ) -> None:
        if layer.gradient is None:
            _write_value(painter, place, "–", theme.muted)
        elif not math.isfinite(layer.gradient):
            _write_value(painter, place, tr("not finite"), theme.ink("error"))
        else:
            low, high = powers
            share = (math.log10(layer.gradient) - low) / (high - low) if layer.gradient > 0 else 0.0
            _paint_bar(painter, place, share, theme.gradient, theme)
            _write_value(painter, place, reading_text(layer.gradient), theme.text)

    def _paint_ratio(self, painter: QPainter, place: QRectF, layer: LayerStatistics, theme: Theme) -> None:
        if layer.log_ratio is None:
            _write_value(painter, place, "–", theme.muted)
            return
        bar = _bar(place)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QLineF(bar.left(), bar.center().y(), bar.right(), bar.center().y()))
        usual = bar.left() + ratio_share(USUAL_LOG_RATIO) * bar.width()
        painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(usual, bar.top() - 2, usual, bar.bottom() + 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.gradient))
        painter.drawEllipse(
            QPointF(bar.left() + ratio_share(layer.log_ratio) * bar.width(), bar.center().y()), 4, 4
        )
        _write_value(painter, place, f"{layer.log_ratio:.2f}".replace("-", "−"), theme.text)


def flat_text(layer: LayerStatistics) -> str:
    """What share of a layer's units or activations is flat; empty where that has no meaning."""
    if layer.dead is not None:
        units = quantity_text(layer.units, "unit", "units")
        return tr("{dead} of {units} dead", dead=count_text(layer.dead), units=units)
    return "" if layer.saturated is None else tr("{share} saturated", share=percent_text(layer.saturated))


def ratio_share(log_ratio: float) -> float:
    """Where a ratio stands on its axis, from 0 to 1."""
    return min(max((log_ratio - LEAST_RATIO) / (MOST_RATIO - LEAST_RATIO), 0.0), 1.0)


def _bar(place: QRectF) -> QRectF:
    return QRectF(place.left(), place.top() + scaled(17), place.width(), scaled(8))


def _paint_bar(painter: QPainter, place: QRectF, share: float, colour: str, theme: Theme) -> None:
    bar = _bar(place)
    painter.fillRect(bar, QColor(mixed(theme.line, theme.surface, 0.4)))
    painter.fillRect(
        QRectF(bar.left(), bar.top(), min(max(share, 0.0), 1.0) * bar.width(), bar.height()), QColor(colour)
    )


def _write_value(painter: QPainter, place: QRectF, text: str, ink: str) -> None:
    room = QRectF(place.left(), place.top(), place.width(), scaled(15))
    _write(painter, caption_font(tabular=True), room, text, ink)


def _write(painter: QPainter, font: QFont, room: QRectF, text: str, ink: str) -> None:
    painter.setFont(font)
    painter.setPen(QColor(ink))
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
