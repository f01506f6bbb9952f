"""A bar for each number of a sample, around 0: for samples that are no images."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from gui.kit import theme
from gui.kit.text import tr
from gui.panels.features.tiles import TileGrid

LINE = 24


class Bars(TileGrid):
    """A line for each number of a sample, the strongest first: name, bar to either side, value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Saliency of the columns"), whole_lines=True, parent=parent)
        self._names: tuple[str, ...] = ()
        self._values: NDArray[np.float64] = np.empty(0)
        self._texts: tuple[str, ...] = ()

    def show_bars(self, names: tuple[str, ...], values: NDArray[np.float64], texts: tuple[str, ...]) -> None:
        """texts : what is written for each."""
        order = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")
        self._names = tuple(names[place] for place in order)
        self._texts = tuple(texts[place] for place in order)
        self._values = values[order]
        self.set_tiles(len(order), QSize(LINE, LINE), captions=False)

    def describe(self, number: int) -> str:
        return f"{self._names[number]}: {self._texts[number]}" if number < len(self._names) else ""

    def paint_tile(self, painter: QPainter, place: QRect, number: int) -> None:
        colours = theme.current()
        width = place.width()
        name = QRectF(place.left(), place.top(), width * 0.34, place.height())
        bar = QRectF(place.left() + width * 0.36, place.top() + 5, width * 0.38, place.height() - 10)
        text = QRectF(place.left() + width * 0.76, place.top(), width * 0.24, place.height())
        largest = float(np.abs(np.nan_to_num(self._values)).max()) or 1.0
        value = float(np.nan_to_num(self._values[number]))
        middle, length = bar.center().x(), abs(value) / largest * bar.width() / 2
        colour = QColor(colours.validation if value < 0 else colours.accent)
        start = middle - length if value < 0 else middle
        painter.fillRect(QRectF(start, bar.top(), max(length, 1), bar.height()), colour)
        painter.fillRect(QRectF(middle, place.top(), 1, place.height()), QColor(colours.edge))
        painter.setFont(theme.text_font())
        painter.setPen(QColor(colours.text))
        middle_left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        shown = painter.fontMetrics().elidedText(
            self._names[number], Qt.TextElideMode.ElideRight, int(name.width())
        )
        painter.drawText(name, middle_left, shown)
        painter.setFont(theme.caption_font(tabular=True))
        painter.setPen(QColor(colours.muted))
        painter.drawText(text, middle_left, self._texts[number])
