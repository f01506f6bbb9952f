"""The images of a table as thumbnails, those in sight painted; under each its class, or what is predicted."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data import Column
from engine.data.columns.preview import cell_texts
from engine.insight.row_results import PREDICTION
from gui.kit import theme
from gui.kit.colour_maps import picture_of
from gui.kit.text import tr
from gui.panels.data_viewer.viewed_data import ViewedData

SIDE, GAP, WORDS = 72, 10, 18
MOST_HEIGHT = 2_000_000
"""Pixels: a widget cannot be higher than 2^24, and nobody scrolls through more."""


class ImageGrid(QWidget):
    """In as many columns as there is room for; `row_chosen` gives the row of the table that is clicked."""

    row_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: ViewedData | None = None
        self._images: Column | None = None
        self._rows: NDArray[np.intp] = np.empty(0, np.intp)
        self._chosen = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Images"))

    def show_rows(self, found: ViewedData | None, rows: NDArray[np.intp]) -> None:
        """Show these rows of the viewed data."""
        self._found, self._rows, self._chosen = found, rows, -1
        columns = () if found is None else found.table.columns
        self._images = next((column for column in columns if column.kind == "image"), None)
        self._take_height()
        self.update()

    @property
    def has_images(self) -> bool:
        """Whether the table holds any."""
        return self._images is not None

    def place(self, number: int) -> QRect:
        """Where a thumbnail stands, without its words."""
        side = theme.scaled(SIDE)
        across = self._across()
        left = GAP + number % across * (side + GAP)
        return QRect(left, GAP + number // across * self._line(), side, side)

    def sizeHint(self) -> QSize:
        return QSize(6 * theme.scaled(SIDE), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        for number in self._in(QRect(place, QSize(1, 1))):
            if self.place(number).contains(place):
                self._chosen = number
                self.row_chosen.emit(int(self._rows[number]))
                self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        found, images = self._found, self._images
        if found is None or images is None:
            return
        painter = QPainter(self)
        numbers = self._in(event.rect())
        rows = self._rows[numbers.start : numbers.stop]
        target = next((one for one in found.table.columns if one.name == found.target), None)
        said = next((one for one in found.results.predictions if one.name == PREDICTION), None)
        true = cell_texts(target, rows) if target is not None else [None] * len(rows)
        answers = cell_texts(said, rows) if said is not None else true
        for number, row, one, other in zip(numbers, rows.tolist(), true, answers, strict=True):
            self._paint_one(painter, number, images, row, (one, other))
        painter.end()

    def _paint_one(
        self, painter: QPainter, number: int, images: Column, row: int, words: tuple[str | None, str | None]
    ) -> None:
        colours, place = theme.current(), self.place(number)
        values = images.values[row].astype(np.float32)
        high = 255.0 if images.values.dtype == np.uint8 else max(float(np.nanmax(values)), 1.0)
        painter.drawImage(QRectF(place), picture_of(values, colours, 0.0, high))
        chosen = number == self._chosen
        painter.setPen(QPen(QColor(colours.accent if chosen else colours.line), 2 if chosen else 1))
        painter.drawRect(place)
        true, said = words
        wrong = said is not None and true is not None and said != true
        text = tr("{true}, not {said}", true=true, said=said) if wrong else true or ""
        font = theme.caption_font()
        painter.setFont(font)
        painter.setPen(QColor(colours.ink("error") if wrong else colours.muted))
        below = QRect(QPoint(place.left(), place.bottom() + 1), QSize(place.width(), theme.scaled(WORDS)))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)

    def _line(self) -> int:
        return theme.scaled(SIDE) + theme.scaled(WORDS) + GAP

    def _across(self) -> int:
        return max((self.width() - GAP) // (theme.scaled(SIDE) + GAP), 1)

    def _in(self, area: QRect) -> range:
        """The images that an area may touch."""
        across, line = self._across(), self._line()
        count = len(self._rows) if self._images is not None else 0
        first, last = max(area.top() - GAP, 0) // line * across, (area.bottom() // line + 1) * across
        return range(min(first, count), min(last, count))

    def _take_height(self) -> None:
        lines = -(-len(self._rows) // self._across()) if self._images is not None else 0
        self.setMinimumHeight(min(GAP + lines * self._line(), MOST_HEIGHT))
