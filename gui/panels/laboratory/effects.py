"""What changes would do: scores before and after in a small table, and the decision map twice."""

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.insight.laboratory import LaboratoryResult
from engine.insight.run_queries import DecisionMap
from gui.core.model_summary import ModelSummary
from gui.kit import Label
from gui.kit.colour_maps import image_of, with_alpha
from gui.kit.decision_field import boundaries, class_pixels, value_pixels
from gui.kit.labels import Quality
from gui.kit.plot_parts import Axis
from gui.kit.settings_text import metric_text
from gui.kit.text import tr
from gui.kit.theme import GRID, caption_font, current, scaled, set_sizes
from gui.panels.laboratory.words import (
    NOTHING,
    PART_TITLES,
    change_words,
    difference_sentence,
    rows_note,
)

MAP_SIZE = 168
CAPTION = 20


class EffectTable(QWidget):
    """A row for loss and score of each part: before, after, and the change in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4 * GRID)
        self._grid.setVerticalSpacing(2 * GRID)
        self._grid.setColumnStretch(0, 1)
        self._cells: dict[tuple[int, int], Label] = {}
        self.sentence = Label("", wrap=True)
        self.note = Label("", "muted", caption=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addLayout(self._grid)
        layout.addWidget(self.sentence)
        layout.addWidget(self.note)
        for column, title in enumerate((tr("Before"), tr("After"), tr("Change")), 1):
            self._put(0, column, title, "muted")

    def text(self, row: int, column: int) -> str:
        """What stands in a cell; row 0 and column 0 are titles."""
        cell = self._cells.get((row, column))
        return "" if cell is None else cell.text()

    def clear(self) -> None:
        """Nothing is known."""
        for (row, column), cell in self._cells.items():
            if row and column:
                cell.setText(NOTHING)
        self.sentence.setText("")
        self.note.setText("")

    def show_result(self, result: LaboratoryResult) -> None:
        """Show what changes would do."""
        loss, score = metric_text("loss"), metric_text(result.metric.name)
        row = 0
        for effect in result.parts:
            part = PART_TITLES[effect.part]
            for words, values, better in (
                (loss, effect.loss, "down"),
                (score, effect.score, result.metric.better),
            ):
                row += 1
                self._put(row, 0, tr("{part} {what}", part=part, what=words.in_sentence), "")
                self._put(row, 1, words.write(values[0]), "")
                self._put(row, 2, words.write(values[1]), "")
                self._put(row, 3, *change_words(*values, words, better))
        for place, cell in self._cells.items():
            cell.setVisible(place[0] <= row)
        self.sentence.setText(difference_sentence(result))
        self.note.setText(rows_note(result))

    def _put(self, row: int, column: int, text: str, quality: Quality) -> None:
        cell = self._cells.get((row, column))
        if cell is None:
            cell = self._cells[row, column] = Label("", quality)
            right = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(cell, row, column, right)
        cell.setText(text)
        if cell.property("quality") != quality:
            cell.setProperty("quality", quality)
            cell.style().polish(cell)


class MapPair(QWidget):
    """The decision map before and after, side by side, with the boundaries between classes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_sizes(self, least_width=2 * 96 + 12, least_height=96 + CAPTION)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Decision map before and after"))
        self._maps: tuple[DecisionMap, ...] = ()
        self._regression = False
        self._pictures: list[QImage] = []

    @property
    def maps(self) -> tuple[DecisionMap, ...]:
        """What is shown: before, after."""
        return self._maps

    def sizeHint(self) -> QSize:
        return QSize(scaled(2 * MAP_SIZE + 12), scaled(MAP_SIZE + CAPTION))

    def show_maps(self, maps: tuple[DecisionMap, ...], model: ModelSummary | None) -> None:
        """Show two maps, or none."""
        self._maps, self._pictures = maps, []
        self._regression = model is not None and model.task == "regression"
        self.update()

    def forget_pictures(self) -> None:
        """The colours are others."""
        self._pictures = []
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._maps:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(caption_font())
        if not self._pictures:
            self._pictures = self._painted()
        caption, gap = scaled(CAPTION), scaled(12)
        side = min((self.width() - gap) / 2, self.height() - caption)
        for place, (found, title) in enumerate(zip(self._maps, (tr("Before"), tr("After")), strict=False)):
            plot = QRectF(place * (side + gap), caption, side, side)
            painter.setPen(QColor(current().muted))
            above = QRectF(plot.left(), 0, side, caption)
            painter.drawText(above, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
            painter.drawImage(plot, self._pictures[place])
            if not self._regression:
                self._paint_lines(painter, plot, found)
            painter.setPen(QPen(QColor(current().line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(plot)
        painter.end()

    def _painted(self) -> list[QImage]:
        theme = current()
        if not self._regression:
            return [image_of(class_pixels(found.values, theme)) for found in self._maps]
        both = np.concatenate([found.values.ravel() for found in self._maps])
        finite = both[np.isfinite(both)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        axis = Axis.around(low, high, "")
        return [image_of(value_pixels(found.values, axis, theme)) for found in self._maps]

    def _paint_lines(self, painter: QPainter, plot: QRectF, found: DecisionMap) -> None:
        ends = boundaries(found.values) * np.array([plot.width(), -plot.height()] * 2)
        left, bottom = plot.left(), plot.bottom()
        painter.setPen(QPen(with_alpha(current().text, 0.7), 1.25))
        painter.drawLines(
            [QLineF(left + a, bottom + b, left + c, bottom + d) for a, b, c, d in ends.tolist()]
        )
