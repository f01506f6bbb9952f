"""The table of scores: a row for each, a column for each part of the data."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from engine.metrics import USUAL
from engine.training.scoring import Scores
from gui.kit import Label
from gui.kit.layouts import Disclosure
from gui.kit.numbers import count_text
from gui.kit.settings_text import metric_text
from gui.kit.text import tr
from gui.kit.theme import GRID, RADIUS, current, set_sizes

MAIN_METRICS = frozenset(metric.name for usual in USUAL.values() for metric in usual)
"""Always in sight; the others are behind a line that opens them."""


class ScoreTable(QWidget):
    """A row for each score, a column for each part of the data.

    The usual metrics of the task are in sight; all others are behind "More metrics".
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Scores"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        self._grid, self._more_grid, others = QGridLayout(), QGridLayout(), QWidget()
        for grid in (self._grid, self._more_grid):
            grid.setHorizontalSpacing(6 * GRID)
            grid.setVerticalSpacing(2 * GRID)
        self._more_grid.setContentsMargins(0, 0, 0, 0)
        others.setLayout(self._more_grid)
        self._more = Disclosure(tr("More metrics"), others)
        self._more.hide()
        layout.addLayout(self._grid)
        layout.addWidget(self._more)
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
                score = metric_text(name)
                text, cell = score.write(value), self._cells[each.part, name]
                cell.setText(text)
                cell.setAccessibleName(f"{score.title}, {tr(each.part)}: {text}")

    def set_narrow(self, narrow: bool) -> None:
        """Whether its columns stand close to one another."""
        for grid in (self._grid, self._more_grid):
            grid.setHorizontalSpacing((3 if narrow else 6) * GRID)

    def clear(self) -> None:
        self._build(((), ()), "")

    def text(self, part: str, score: str) -> str:
        """What stands in a cell; score is "rows", "loss" or the name of a metric."""
        return self._cells[part, score].text()

    def _build(self, shape: tuple[tuple[str, ...], tuple[str, ...]], target: str) -> None:
        for grid in (self._grid, self._more_grid):
            while (item := grid.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        self._shape, self._cells = shape, {}
        parts, metrics = shape
        main = [name for name in metrics if name in MAIN_METRICS]
        others = [name for name in metrics if name not in MAIN_METRICS]
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, part in enumerate(parts, start=1):
            self._grid.addWidget(Label(tr(part.capitalize()), "strong"), 0, column, right)
        # The score a person asks for first stands first; the number of rows is only for judging the rest.
        self._fill(self._grid, [*main, "loss", "rows"] if parts else [], parts, target)
        self._fill(self._more_grid, others, parts, target)
        self._more.setVisible(bool(others))

    def _fill(self, grid: QGridLayout, names: Sequence[str], parts: Sequence[str], target: str) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, name in enumerate(names, start=1):
            score = metric_text(name)
            title = (
                tr("{title} (in {target})", title=score.title, target=target)
                if score.in_target_unit
                else score.title
            )
            caption = Label(tr("Rows") if name == "rows" else title, "muted", wrap=True)
            caption.setToolTip("" if name == "rows" else score.tip)
            grid.addWidget(caption, row, 0)
            for column, part in enumerate(parts, start=1):
                cell = Label("", "muted" if name == "rows" else "")
                if name != "rows":
                    set_sizes(cell, font="figure")
                grid.addWidget(cell, row, column, right)
                self._cells[part, name] = cell
        grid.setColumnStretch(0, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()
