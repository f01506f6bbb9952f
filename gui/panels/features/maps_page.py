"""The filters of a layer, and what its units make of a sample."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.insight.feature_maps import FeatureMaps, FeatureMapsQuery, Filters, FiltersQuery
from engine.insight.query import Query
from gui.core.messages import Answers
from gui.kit import Choice, SectionHeader, theme
from gui.kit.colour_maps import image_of
from gui.kit.numbers import count_text, reading_text, shorter_texts
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.panels.features.page import Looked, Page, Picture
from gui.panels.features.pictures import ScaleBar, filter_picture, filter_size, map_pixels
from gui.panels.features.tiles import TileGrid

SMALLEST, USUAL, LARGEST = 34, 56, 112
LEAST_CELL = 2
"""Pixels of a weight, where there are many of them."""
SAMPLE_SIDE = 128
UNSEEN = 32
"""Filters that are asked for while it is not known how many there are."""

MOST_LETTERS = 5
"""Of an activation under its tile."""


class FilterTiles(TileGrid):
    """A tile for each filter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Filters"), parent=parent)
        self.filters: Filters | None = None

    def paint_tile(self, painter: QPainter, place: QRect, number: int) -> None:
        colours, shown = theme.current(), self.filters
        at = number - shown.first if shown is not None else -1
        if shown is None or not 0 <= at < len(shown.values):
            painter.fillRect(place, QColor(colours.raised))
            return
        painter.drawImage(place, filter_picture(shown.values[at], shown.largest, shown.of, colours))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawRect(place)

    def caption(self, number: int) -> str:
        return count_text(number + 1)

    def describe(self, number: int) -> str:
        shown = self.filters
        at = number - shown.first if shown is not None else -1
        if shown is None or not 0 <= at < len(shown.values):
            return tr("Filter {number}", number=count_text(number + 1))
        one = shown.values[at]
        return tr(
            "Filter {number}: weights from {low} to {high}",
            number=count_text(number + 1),
            low=reading_text(float(one.min())),
            high=reading_text(float(one.max())),
        )


class MapTiles(TileGrid):
    """A tile for each unit: its feature map, its course along a sequence, or its one activation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Feature maps"), parent=parent)
        self.maps: FeatureMaps | None = None

    def paint_tile(self, painter: QPainter, place: QRect, number: int) -> None:
        colours, shown = theme.current(), self.maps
        at = number - shown.first if shown is not None else -1
        if shown is None or not 0 <= at < len(shown.values):
            painter.fillRect(place, QColor(colours.raised))
            return
        pixels = map_pixels(shown.values[at], shown.low, shown.high, colours)
        painter.drawImage(QRectF(place), image_of(pixels))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawRect(place)

    def caption(self, number: int) -> str:
        value = self._single(number)
        if value is None:
            return count_text(number + 1)
        # A single activation is read, not only seen.
        texts = shorter_texts(value, 2)
        return next((one for one in texts if len(one) <= MOST_LETTERS), texts[-1])

    def describe(self, number: int) -> str:
        shown = self.maps
        at = number - shown.first if shown is not None else -1
        if shown is None or not 0 <= at < len(shown.values):
            return tr("Unit {number}", number=count_text(number + 1))
        value = self._single(number)
        if value is not None:
            return tr("Unit {number}: {value}", number=count_text(number + 1), value=reading_text(value))
        return tr(
            "Unit {number}: from {low} to {high}",
            number=count_text(number + 1),
            low=reading_text(float(shown.values[at].min())),
            high=reading_text(float(shown.values[at].max())),
        )

    def _single(self, number: int) -> float | None:
        shown = self.maps
        at = number - shown.first if shown is not None else -1
        if shown is None or not 0 <= at < len(shown.values) or shown.values[at].size > 1:
            return None
        return float(shown.values[at][0, 0])


class MapsPage(Page):
    """Filters above, feature maps of the selected sample below; a click on either selects the unit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looked: Looked | None = None
        self._height_of_filter = 0
        self.filters, self.maps = FilterTiles(), MapTiles()
        self.filter_scale, self.map_scale = ScaleBar(), ScaleBar()
        self.filter_head, self.map_head = SectionHeader(tr("Filters")), SectionHeader(tr("Feature maps"))
        self.parameter = Choice(name=tr("Array of weights"))
        self.parameter.setWhatsThis(tr("Which array of the layer is drawn."))
        """Which of several, of layers inside others."""
        self.parameter.hide()
        self.sample = Picture(tr("Selected sample"), SAMPLE_SIDE)
        self.sample.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.filter_head.add_widget(self.parameter)
        self.filter_head.add_widget(self.filter_scale)
        self.map_head.add_widget(self.map_scale)
        row = QHBoxLayout()
        row.setSpacing(3 * GRID)
        row.addWidget(self.sample, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.maps, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 4 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.filter_head)
        layout.addWidget(self.filters, 2)
        layout.addWidget(self.map_head)
        layout.addLayout(row, 3)
        layout.addStretch(0)
        self.parameter.edited.connect(lambda _: self.wanted.emit())
        for grid in (self.filters, self.maps):
            grid.chosen.connect(self.unit_chosen)
            grid.span_changed.connect(self.wanted)
            grid.opened.connect(lambda _: self.inspection_wanted.emit())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.filters.set_room(event.size().height() * 2 // 5)
        self.maps.set_room(event.size().height() // 2)

    def look_at(self, looked: Looked | None, in_front: bool) -> None:
        before, self._looked = self._looked, looked
        if looked is None:
            self._show_filters(None)
            self.maps.maps = None
            self.maps.set_tiles(0, QSize(USUAL, USUAL))
            self.sample.show_image(None)
            self.sample.show()
            for scale in (self.filter_scale, self.map_scale):
                scale.show_range(0.0, 0.0)
                scale.show()
            for head in (self.filter_head, self.map_head):
                head.set_caption("")
            self.map_head.set_title(tr("Feature maps"))
            return
        if before is None or (before.model, before.layer) != (looked.model, looked.layer):
            self._show_filters(None)
            self.maps.maps = None
            self.maps.set_tiles(looked.units, self._map_size(looked))
        self.maps.choose(looked.unit)
        self.filters.choose(looked.unit)
        image = looked.samples.picture(looked.part, looked.index)
        self.sample.setVisible(image is not None)
        self.sample.show_image(image, looked.samples.name(looked.part, looked.index))

    def queries(self) -> Collection[Query[Any]]:
        return () if self._looked is None else (self._filters_query(), self._maps_query())

    def _filters_query(self) -> FiltersQuery:
        layer = self._looked.layer if self._looked is not None else 0
        first, count = self.filters.span if self.filters.total else (0, UNSEEN)
        return FiltersQuery(layer, first, count, str(self.parameter.value() or ""))

    def _maps_query(self) -> FeatureMapsQuery:
        looked = self._looked
        layer, part, index = (looked.layer, looked.part, looked.index) if looked else (0, "training", 0)
        return FeatureMapsQuery(layer, part, index, *self.maps.span)

    def refresh(self, answers: Answers) -> None:
        if self._looked is None:
            return
        if self._filters_query() in answers.results:
            self._show_filters(answers.get(self._filters_query()))
        maps = answers.get(self._maps_query())
        if maps is not None:
            self._show_maps(maps)

    def forget_pictures(self) -> None:
        self.look_at(self._looked, True)
        self.filters.viewport().update()
        self.maps.viewport().update()

    def _show_filters(self, shown: Filters | None) -> None:
        self.filters.filters = shown
        self.filter_head.setVisible(shown is not None)
        self.filters.setVisible(shown is not None)
        if shown is None:
            self.filters.set_tiles(0, QSize(USUAL, USUAL))
            self.parameter.set_options(())
            self.parameter.hide()
            return
        names = [(name, name) for name in shown.parameters]
        if [option.value for option in self.parameter.options()] != [name for name, _ in names]:
            self.parameter.set_options(names, shown.parameter)
        self.parameter.setVisible(len(names) > 1)
        height, width, inputs = shown.values.shape[1:]
        tall, wide = filter_size(height, width, inputs, shown.of)
        self.filters.set_tiles(shown.total, _fitting(tall, wide, USUAL))
        if self._looked is not None:
            self.filters.choose(self._looked.unit)
        self.filter_head.set_caption(_filter_words(shown))
        self.filter_scale.show_range(-shown.largest, shown.largest)
        self.filter_scale.setVisible(shown.of != "colour")
        self.filters.viewport().update()

    def _show_maps(self, shown: FeatureMaps) -> None:
        self.maps.maps = shown
        limit = shown.high if shown.low >= 0 else max(-shown.low, shown.high)
        self.map_scale.show_range(0.0 if shown.low >= 0 else -limit, limit)
        looked = self._looked
        name = looked.sample_words if looked is not None else ""
        self.map_head.set_title(tr("Feature maps") if len(shown.shape) == 3 else tr("Activations"))
        self.map_head.set_caption(name)
        self.maps.viewport().update()

    @staticmethod
    def _map_size(looked: Looked) -> QSize:
        shape = looked.model.layers[looked.layer].output_shape
        if len(shape) == 3:
            return _fitting(shape[0], shape[1], USUAL + 8)
        steps = 1
        for side in shape[:-1]:
            steps *= side
        # A sequence is a strip, a single activation a square.
        return QSize(SMALLEST, 22) if steps == 1 else QSize(min(max(4 * steps, USUAL), 220), 22)


def _fitting(height: int, width: int, usual: int) -> QSize:
    """A tile for a picture of so many cells: its longer side is of the usual length, or what cells need."""
    longer = max(height, width)
    side = min(max(usual, LEAST_CELL * longer), LARGEST)
    scale = side / longer
    return QSize(max(round(width * scale), 10), max(round(height * scale), 10))


def _filter_words(shown: Filters) -> str:
    height, width, inputs = shown.values.shape[1:]
    if shown.of == "colour":
        return tr("{height} × {width}, in colour: grey is 0", height=height, width=width)
    if shown.of == "sequence":
        return tr("{width} steps to the right, {height} features down", width=width, height=height)
    if inputs > 1:
        count = count_text(inputs)
        return tr(
            "{height} × {width}, a square for each of {count} inputs", height=height, width=width, count=count
        )
    return tr("{height} × {width}", height=height, width=width)
