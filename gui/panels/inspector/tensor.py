"""An array as a picture: a cell for each number, blue above and orange below zero; a click picks one."""

import math
from collections.abc import Iterable
from itertools import product

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from engine.arrays import Array
from gui.kit.colour_maps import channels, diverging_pixels, image_of, neutral
from gui.kit.numbers import count_text, reading_text, shape_text, shorter_texts
from gui.kit.text import tr
from gui.kit.theme import caption_font, contrast, current, mixed, scaled, text_font
from gui.panels.inspector.tiles import Index, Tiles

SIDE, HEADING, FOOT = 116, 22, 17
MOST_CELL = 34
"""Pixels of a cell in a small array."""
FEW = 4
"""Numbers that need no count."""
WRITTEN_FROM = 24
"""Pixels of a cell from which on its number is written into it."""
SMALLEST = 9
"""Pixels of the digits where a number has no room otherwise."""
KEYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class TensorPicture(QWidget):
    """Emits `picked` with the index of a cell that is clicked, or chosen with the arrow keys."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = ""
        self._values: Array = np.zeros(0)
        self._tiles = Tiles.of((0,))
        self._violet = False
        self._chosen: Index | None = None
        self._marked: tuple[tuple[Index, float], ...] = ()
        self._framed: tuple[Index, ...] = ()
        self._image: QImage | None = None
        self._scale = 1.0

    @property
    def tiles(self) -> Tiles:
        """Where the numbers lie."""
        return self._tiles

    @property
    def chosen(self) -> Index | None:
        """The cell that is framed as the picked one."""
        return self._chosen

    def show_array(self, title: str, values: Array, *, gradient: bool = False) -> None:
        """Show an array. gradient : whether it is one of gradients, whose title is violet."""
        if values.shape != self._tiles.shape:
            self._tiles = Tiles.of(values.shape)
        self._title, self._values, self._violet = title, values, gradient
        self._image = None
        self.setAccessibleName(f"{title} {shape_text(values.shape)}")
        self.setFixedSize(self.sizeHint())
        self.update()

    def show_places(
        self,
        chosen: Index | None,
        marked: Iterable[tuple[Index, float]] = (),
        framed: Iterable[Index] = (),
    ) -> None:
        """Frame a cell; mark others with how much each contributes; frame the rectangle around some."""
        self._chosen, self._marked, self._framed = chosen, tuple(marked), tuple(framed)
        self.update()

    def sizeHint(self) -> QSize:
        area = self._picture_size()
        metrics = QFontMetricsF(text_font(strong=True))
        title = int(metrics.horizontalAdvance(self._title)) + 8
        width = max(area.width(), min(title, scaled(SIDE)), scaled(72))
        return QSize(width, area.height() + scaled(HEADING + FOOT))

    def _cell(self) -> float:
        rows, columns = self._tiles.cells
        room = scaled(SIDE)
        # A single line may be longer than a square is wide.
        wide = room * (3 if columns > 3 * rows else 1)
        return min(wide / max(columns, 1), room / max(rows, 1), scaled(MOST_CELL))

    def _picture_size(self) -> QSize:
        rows, columns = self._tiles.cells
        cell = self._cell()
        return QSize(max(round(columns * cell), 8), max(round(rows * cell), 8))

    def area_of(self, index: Index) -> QRect:
        """Where a cell lies in the widget; empty for what is left out."""
        cell = self._tiles.cell_of(index)
        return QRect() if cell is None else self._area(cell[0], cell[1], 1, 1).toAlignedRect()

    def _area(self, row: int, column: int, rows: int, columns: int) -> QRectF:
        cell = self._cell()
        return QRectF(column * cell, scaled(HEADING) + row * cell, columns * cell, rows * cell)

    def _index_at(self, position: QPointF) -> Index | None:
        cell = self._cell()
        row, column = (position.y() - scaled(HEADING)) / cell, position.x() / cell
        return self._tiles.index_at(int(np.floor(row)), int(np.floor(column)))

    def _value(self, index: Index) -> float:
        return float(self._values[index])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.CrossCursor)
        tip = ""
        if index is not None:
            tip = f"{self._title}{list(index)} = {reading_text(self._value(index), 6)}"
        here = event.position().toPoint()
        around = QRect(here.x() - 2, here.y() - 2, 5, 5)
        QToolTip.showText(event.globalPosition().toPoint(), tip, self, around)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self.picked.emit(index)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = KEYS.get(Qt.Key(event.key()))
        here = self._tiles.cell_of(self._chosen) if self._chosen is not None else (0, -1)
        if way is None or here is None:
            super().keyPressEvent(event)
            return
        rows, columns = self._tiles.cells
        row, column = here
        while 0 <= row + way[0] < rows and 0 <= column + way[1] < columns:
            row, column = row + way[0], column + way[1]
            if (index := self._tiles.index_at(row, column)) is not None:
                self.picked.emit(index)
                return

    def _picture(self) -> QImage:
        if self._image is None:
            theme = current()
            spread = self._tiles.spread(self._values)
            finite = np.isfinite(spread)
            self._scale = float(np.abs(spread[finite]).max()) if finite.any() else 0.0
            pixels = diverging_pixels(spread / (self._scale or 1.0), theme)
            # What is nothing has the colour of the page; what is not finite is told by its colour.
            pixels[~finite] = channels(theme.page).astype(np.uint8)
            bad = self._tiles.spread(np.where(np.isfinite(self._values), 0.0, 1.0)) == 1.0
            pixels[bad] = channels(theme.error).astype(np.uint8)
            self._image = image_of(pixels)
        return self._image

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, size = current(), self._picture_size()
        painter = QPainter(self)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        font = text_font(strong=True)
        painter.setFont(font)
        painter.setPen(QColor(theme.ink("gradient") if self._violet else theme.text))
        head = QRectF(0, 0, self.width(), scaled(HEADING) - 4)
        painter.drawText(
            head,
            left,
            QFontMetricsF(font).elidedText(self._title, Qt.TextElideMode.ElideRight, head.width()),
        )
        image = self._picture()
        area = QRectF(0, scaled(HEADING), size.width(), size.height())
        painter.drawImage(area, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._cell() >= scaled(WRITTEN_FROM):
            self._write_numbers(painter)
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.line), 1))
        painter.drawRect(area.adjusted(0, 0, -1, -1))
        self._paint_places(painter)
        painter.setFont(caption_font())
        painter.setPen(QColor(theme.muted))
        foot = QRectF(0, area.bottom() + 2, max(self.width(), size.width()), scaled(FOOT) - 2)
        words = QFontMetricsF(caption_font()).elidedText(
            self._words(), Qt.TextElideMode.ElideRight, foot.width()
        )
        painter.drawText(foot, left, words)
        painter.end()

    def _write_numbers(self, painter: QPainter) -> None:
        fonts = [caption_font(tabular=True), caption_font(tabular=True)]
        fonts[1].setPixelSize(scaled(SMALLEST))
        room = self._cell() - 4
        for place in np.ndindex(*self._tiles.shape):
            cell = self._tiles.cell_of(place)
            if cell is None:
                continue
            area, value = self._area(*cell, 1, 1), self._value(place)
            for font, text in product(fonts, shorter_texts(value, 2)):
                if QFontMetricsF(font).horizontalAdvance(text) <= room:
                    painter.setFont(font)
                    painter.setPen(QColor(self._ink(value)))
                    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), text)
                    break

    def _ink(self, value: float) -> str:
        """A colour that can be read on that of the cell."""
        theme = current()
        end = theme.accent if value > 0 else theme.validation
        share = min(abs(value) / self._scale, 1.0) if self._scale and math.isfinite(value) else 0.0
        ground = mixed(neutral(theme), end, share)
        return max((theme.text, theme.surface), key=lambda ink: contrast(ink, ground))

    def _paint_places(self, painter: QPainter) -> None:
        theme = current()
        for top, left, rows, columns in self._tiles.bounds(self._framed):
            painter.setPen(QPen(QColor(theme.gradient), 2))
            painter.drawRect(self._area(top, left, rows, columns))
        largest = max((abs(share) for _, share in self._marked), default=0.0) or 1.0
        for index, share in self._marked:
            cell = self._tiles.cell_of(index)
            if cell is None:
                continue
            area = self._area(*cell, 1, 1)
            painter.setPen(QPen(QColor(theme.text), 1 + min(abs(share) / largest, 1.0)))
            grown = max(3.0 - area.width() / 2, 0.0)
            painter.drawRect(area.adjusted(-grown, -grown, grown, grown))
        if self._chosen is not None and (cell := self._tiles.cell_of(self._chosen)) is not None:
            area = self._area(*cell, 1, 1)
            grown = max(4.0 - area.width() / 2, 1.0)
            painter.setPen(QPen(QColor(theme.gradient), 2.5))
            painter.drawRect(area.adjusted(-grown, -grown, grown, grown))

    def _words(self) -> str:
        """The shape, and the largest value; how many are left out."""
        self._picture()
        small = math.prod(self._tiles.shape) <= FEW
        parts = ["" if small else shape_text(self._tiles.shape)]
        parts.append(tr("±{largest}", largest=reading_text(self._scale, 2)))
        if self._tiles.left_out:
            parts.append(tr("{count} not shown", count=count_text(self._tiles.left_out)))
        return " · ".join(part for part in parts if part)

    def clear(self) -> None:
        """Show nothing, and nowhere."""
        self.show_array("", np.zeros(0))
        self.setAccessibleName("")
        self.show_places(None)
        self.hide()

    def forget(self) -> None:
        """Colours are others."""
        self._image = None
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
