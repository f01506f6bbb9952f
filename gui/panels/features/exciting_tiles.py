"""Tiles of the samples that excite a unit: images with the region it looked at, or lines of a table."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.insight.exciting_samples import ExcitingSamples
from gui.kit import theme
from gui.kit.numbers import reading_text
from gui.kit.text import tr
from gui.panels.features.page import Looked
from gui.panels.features.tiles import TileGrid

SIDE, LINE = 96, 28


class ExcitingTiles(TileGrid):
    """A tile for each sample, the most exciting first."""

    def __init__(self, whole_lines: bool, parent: QWidget | None = None) -> None:
        super().__init__(tr("Most exciting samples"), whole_lines=whole_lines, parent=parent)
        self._looked: Looked | None = None
        self._found: ExcitingSamples | None = None
        self._regions: NDArray[np.intp] | None = None

    def show_samples(
        self,
        looked: Looked | None,
        found: ExcitingSamples | None,
        regions: NDArray[np.intp] | None,
    ) -> None:
        """Those of the unit that is looked at. regions : (samples, 4) of the images, where known."""
        self._looked, self._found, self._regions = looked, found, regions
        total = found.indices.shape[1] if found is not None and looked is not None else 0
        self.set_tiles(total, QSize(SIDE, LINE if self.lines else SIDE), captions=not self.lines)

    def paint_tile(self, painter: QPainter, place: QRect, number: int) -> None:
        looked, found = self._looked, self._found
        if looked is None or found is None:
            return
        colours = theme.current()
        if self.lines:
            self._paint_line(painter, place, number, looked, found)
            return
        image = looked.samples.picture(found.part, int(found.indices[looked.unit, number]))
        if image is not None:
            painter.drawImage(place, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawRect(place)
        region = self._regions[number] if self._regions is not None and number < len(self._regions) else None
        shape = looked.samples.image_shape
        if region is not None and shape is not None and region[2] > region[0]:
            top, left, bottom, right = (int(side) for side in region)
            down, across = place.height() / shape[0], place.width() / shape[1]
            frame = QRectF(
                place.left() + left * across,
                place.top() + top * down,
                (right - left) * across,
                (bottom - top) * down,
            )
            painter.setPen(QPen(QColor(colours.gradient), 2))
            painter.drawRect(frame.adjusted(1, 1, -1, -1))

    def _paint_line(
        self, painter: QPainter, place: QRect, number: int, looked: Looked, found: ExcitingSamples
    ) -> None:
        colours, width = theme.current(), place.width()
        values = found.activations[looked.unit]
        middle_left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        area = QRectF(place)
        painter.setFont(theme.text_font())
        painter.setPen(QColor(colours.text))
        index = int(found.indices[looked.unit, number])
        texts = (
            (0.0, 0.3, looked.samples.name(found.part, index), colours.text),
            (0.3, 0.13, reading_text(float(values[number])), colours.text),
            (0.64, 0.36, self._words(number), self.caption_colour(number)),
        )
        for start, share, text, ink in texts:
            painter.setPen(QColor(ink))
            room = area.adjusted(4 + start * width, 0, 0, 0)
            room.setWidth(share * width - 8)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, middle_left, shown)
        largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
        value = float(np.nan_to_num(values[number], neginf=0.0))
        length = abs(value) / largest * width * 0.18
        colour = QColor(colours.validation if value < 0 else colours.accent)
        painter.fillRect(
            QRectF(area.left() + 0.44 * width, area.top() + 8, length, area.height() - 16), colour
        )
        painter.setFont(theme.caption_font(tabular=True))

    def caption(self, number: int) -> str:
        looked, found = self._looked, self._found
        if looked is None or found is None:
            return ""
        value = reading_text(float(found.activations[looked.unit, number]))
        words = self._words(number)
        return f"{value} · {words}" if words else value

    def caption_colour(self, number: int) -> str:
        colours = theme.current()
        return colours.ink("error") if self._wrong(number) else colours.muted

    def describe(self, number: int) -> str:
        looked, found = self._looked, self._found
        if looked is None or found is None or number >= self.total:
            return ""
        index = int(found.indices[looked.unit, number])
        name, said = looked.samples.name(found.part, index), self._predicted(number)
        words = [f"{name}: {reading_text(float(found.activations[looked.unit, number]))}"]
        if label := looked.samples.label(found.part, index):
            words.append(tr("{target}: {label}", target=looked.model.target_name, label=label))
        if said:
            words.append(tr("Predicted: {predicted}", predicted=said))
        return "; ".join(words)

    def _predicted(self, number: int) -> str:
        looked, found = self._looked, self._found
        if looked is None or found is None:
            return ""
        said = [values[looked.unit, number] for values in found.predictions.values()]
        return ", ".join(str(one) if isinstance(one, str) else reading_text(float(one)) for one in said)

    def _label(self, number: int) -> str:
        looked, found = self._looked, self._found
        if looked is None or found is None:
            return ""
        return looked.samples.label(found.part, int(found.indices[looked.unit, number]))

    def _words(self, number: int) -> str:
        """What is true, and what is predicted where that differs."""
        label, said = self._label(number), self._predicted(number)
        if self._wrong(number) or (said and self._of_numbers):
            return (
                tr("{true}, not {said}", true=label, said=said)
                if self._wrong(number)
                else f"{label} ({said})"
            )
        return label or said

    @property
    def _of_numbers(self) -> bool:
        return self._looked is not None and self._looked.model.task == "regression"

    def _wrong(self, number: int) -> bool:
        said, label = self._predicted(number), self._label(number)
        return bool(said and label) and not self._of_numbers and said != label
