"""The plot of statistics of layers, and how alike the units of the selected one are."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPaintEngine, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from engine.insight.layer_statistics import (
    LayerStatistics,
    LayerStatisticsQuery,
    NetworkStatistics,
    UnitCorrelations,
    UnitCorrelationsQuery,
)
from engine.insight.query import Query
from engine.training.history import History
from gui.core.messages import Answers
from gui.core.selection import Selected
from gui.kit import PlainScrollArea
from gui.kit.colour_maps import Pixels, diverging_pixels, image_of
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr
from gui.kit.theme import caption_font, current, scaled
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.plots.base import LivePlot
from gui.panels.plots.export import Table, table_text
from gui.panels.plots.heading import Entry
from gui.panels.plots.statistics_rows import StatisticsRows

TITLE_PX, LEAST_MAP_PX, MOST_MAP_PX = 22, 120, 280
_STATISTICS = LayerStatisticsQuery()


class CorrelationMap(QWidget):
    """Units by units: blue where two go together, orange where they go against each other; grey for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: UnitCorrelations | None = None
        self._name = ""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Correlation of units"))

    def show_correlations(self, found: UnitCorrelations | None, name: str) -> None:
        """name : of the layer."""
        self.shown, self._name = found, name
        self.setAccessibleDescription(self._title())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, scaled(TITLE_PX + LEAST_MAP_PX + 40))

    def minimumSizeHint(self) -> QSize:
        return QSize(96, scaled(TITLE_PX + LEAST_MAP_PX))

    def map_rect(self) -> QRectF:
        """Where the map stands."""
        top = scaled(TITLE_PX)
        side = max(min(self.width() - 8, self.height() - top - 4, scaled(MOST_MAP_PX)), 20)
        return QRectF(4, top, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, found = current(), self.shown
        painter = QPainter(self)
        painter.setFont(caption_font())
        painter.setPen(QColor(theme.muted))
        title = QFontMetricsF(painter.font()).elidedText(
            self._title(), Qt.TextElideMode.ElideRight, self.width() - 8
        )
        room = QRectF(4, 0, self.width() - 8, scaled(TITLE_PX))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        if found is not None:
            pixels = diverging_pixels(found.matrix, theme)
            grey = QColor(theme.line)
            pixels[np.isnan(found.matrix)] = (grey.blue(), grey.green(), grey.red(), 255)
            place = self.map_rect()
            _paint_cells(painter, place, pixels)
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawRect(place)
        painter.end()

    def text_at(self, place: QPointF) -> str:
        """The correlation under a point in words; empty beside the map."""
        found, area = self.shown, self.map_rect()
        if found is None or not area.contains(place):
            return ""
        count = len(found.matrix)
        row = min(int((place.y() - area.top()) / area.height() * count), count - 1)
        column = min(int((place.x() - area.left()) / area.width() * count), count - 1)
        value = float(found.matrix[row, column])
        if np.isnan(value):
            return tr("Units {row} and {column}: one never changes", row=row + 1, column=column + 1)
        return tr("Units {row} and {column}: {value}", row=row + 1, column=column + 1, value=f"{value:.3f}")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(event.position()), self)

    def _title(self) -> str:
        found = self.shown
        if found is None:
            return ""
        units = quantity_text(found.units, "unit", "units")
        if found.units > len(found.matrix):
            units = tr("first {shown} of {units}", shown=count_text(len(found.matrix)), units=units)
        return tr("{name}: correlation of {units}", name=self._name, units=units)


def _paint_cells(painter: QPainter, place: QRectF, pixels: Pixels) -> None:
    """A picture of cells; in a vector file these are rectangles, which stay sharp at any size."""
    if painter.paintEngine().type() == QPaintEngine.Type.Raster:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, image_of(pixels))
        return
    rows, columns = pixels.shape[:2]
    wide, high = place.width() / columns, place.height() / rows
    for row in range(rows):
        for column in range(columns):
            blue, green, red, _ = (int(channel) for channel in pixels[row, column])
            cell = QRectF(place.left() + column * wide, place.top() + row * high, wide, high)
            painter.fillRect(cell, QColor(red, green, blue))


class LayerStatisticsPlot(LivePlot):
    spec = PanelSpec(
        "layer_statistics",
        tr("Layer statistics"),
        "list-numbers",
        "plots",
        tr("Saturated and dead units, gradients by depth, update beside weight, units that are alike."),
        order=45,
    )
    figure_aspect = 1.2
    empty_sentence: ClassVar[str] = tr("Choose data and layers to see statistics of the layers.")

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._history: History | None = None
        self.found: NetworkStatistics | None = None
        self.rows, self.map = StatisticsRows(), CorrelationMap()
        self.rows.setAccessibleName(self.spec.title)
        self.rows.chosen.connect(self._choose_layer)
        self._content = QWidget()
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.rows)
        layout.addWidget(self.map, 1)
        self._fill_with(PlainScrollArea(self._content), self.rows)
        self._say(self.empty_sentence)
        self.apply_theme()

    def sizeHint(self) -> QSize:
        return QSize(340, scaled(320))

    def queries(self) -> Collection[Query[Any]]:
        return (_STATISTICS, UnitCorrelationsQuery(self._layer()))

    def _layer(self) -> int:
        """The selected layer, else the first."""
        selected = self.context.selection.selected.layer
        return selected if selected is not None else 0

    def show_history(self, history: History | None) -> None:
        if history is not self._history:
            self._history, self.found = history, None
            self.rows.show_layers(())
            self.map.show_correlations(None, "")
            self.title.set_entries([])
            self._say(self.empty_sentence)

    def show_selection(self, new: Selected, old: Selected) -> None:
        if new.layer != old.layer:
            self._mark()
            self.queries_changed.emit()

    def _refresh(self, answers: Answers | None) -> None:
        found = answers.get(_STATISTICS) if answers is not None else None
        if answers is None or found is None:
            return
        self.found = found
        self.rows.show_layers(found.layers)
        rows = quantity_text(found.rows, "training row", "training rows")
        self.title.set_entries([Entry(tr("of {rows}", rows=rows))])
        correlations = answers.get(UnitCorrelationsQuery(self._layer()))
        if correlations is not None and correlations.layer < len(found.layers):
            self.map.show_correlations(correlations, found.layers[correlations.layer].name)
        self._mark()
        self._show_body()

    def _mark(self) -> None:
        layer = self._layer()
        self.rows.select(layer if layer < len(self.rows.layers) else None)

    def _choose_layer(self, number: int) -> None:
        self.context.selection.select(layer=self.rows.layers[number].layer)

    def apply_theme(self) -> None:
        super().apply_theme()
        self.rows.update()
        self.map.update()

    def _picture(self) -> QWidget:
        return self._content

    def _table(self) -> Table:
        return Table(_pieces(self.found.layers if self.found is not None else ()), 1)


def _pieces(layers: Sequence[LayerStatistics]) -> Iterator[str]:
    head: list[object] = ["layer", "units", "mean", "std", "not finite", "saturated", "dead", "gradient rms"]
    rows: list[list[object]] = [[*head, "log10 update / weight"]]
    rows += [
        [
            layer.name,
            layer.units,
            layer.mean,
            layer.std,
            layer.non_finite,
            layer.saturated,
            layer.dead,
            layer.gradient,
            layer.log_ratio,
        ]
        for layer in layers
    ]
    yield table_text(rows)
