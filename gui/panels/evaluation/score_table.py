"""Loss and metrics of training, validation and test, side by side."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.training.evaluation import Scores
from gui.kit import Label
from gui.kit.number_text import count_text
from gui.kit.theme import GRID, RADIUS, current, figure_font
from gui.panels.evaluation.metric_titles import metric_title

UNDEFINED = "–"


class ScoreTable(QWidget):
    """A row for each score, a column for each part of the data."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scores")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        self._grid.setHorizontalSpacing(6 * GRID)
        self._grid.setVerticalSpacing(2 * GRID)
        self._shape: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._cells: dict[tuple[str, str], Label] = {}

    def show_scores(self, scores: Sequence[Scores], target: str) -> None:
        """Parts without rows are left out. target : name of what is predicted, for scores in its units."""
        filled = [each for each in scores if each.rows]
        metrics = tuple(dict.fromkeys(name for each in filled for name in each.metrics))
        shape = (tuple(each.part for each in filled), metrics)
        if shape != self._shape:
            self._build(shape, target)
        for each in filled:
            self._cells[each.part, "rows"].setText(count_text(each.rows))
            for name, value in {"loss": each.loss, **each.metrics}.items():
                title = metric_title(name)
                text = title.write(value) if math.isfinite(value) else UNDEFINED
                cell = self._cells[each.part, name]
                cell.setText(text)
                cell.setAccessibleName(f"{title.title}, {each.part}: {text}")

    def clear(self) -> None:
        self._build(((), ()), "")

    def text(self, part: str, score: str) -> str:
        """What stands in a cell; score is "rows", "loss" or the name of a metric."""
        return self._cells[part, score].text()

    def _build(self, shape: tuple[tuple[str, ...], tuple[str, ...]], target: str) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._shape, self._cells = shape, {}
        parts, metrics = shape
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, part in enumerate(parts, start=1):
            self._grid.addWidget(Label(part.capitalize(), "strong"), 0, column, right)
        # The score a person asks for first stands first; the number of rows is only for judging the rest.
        for row, name in enumerate((*metrics, "loss", "rows") if parts else (), start=1):
            caption = Label("Rows" if name == "rows" else metric_title(name).title, "muted")
            caption.setToolTip("" if name == "rows" else metric_title(name).sentence)
            if metric_title(name).in_target_units:
                caption.setText(f"{metric_title(name).title} (in {target})")
            self._grid.addWidget(caption, row, 0)
            for column, part in enumerate(parts, start=1):
                cell = Label("", "muted" if name == "rows" else "")
                if name != "rows":
                    cell.setFont(figure_font())
                self._grid.addWidget(cell, row, column, right)
                self._cells[part, name] = cell
        self._grid.setColumnStretch(0, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()
