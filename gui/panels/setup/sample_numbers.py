"""A row of the training table and what augmentation makes of it: a small list of numbers."""

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data.augmentation.augmenter import Preview
from gui.kit import theme
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.panels.setup.target_and_task import target_words

MOST_LINES = 8
_LINE = 20
_VERSIONS = 2
_TITLES = (tr("Input"), tr("Original"), "", tr("Augmented"))
_COLUMN, _GAP = 64, 5
"""Width of a column of numbers, of which some is a gap on the left."""


class SampleNumbers(QWidget):
    """Name, original and two versions, line by line; what stays as it was is muted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[str, ...], ...] = ()
        self._left_out = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_preview(self, preview: Preview, classes: tuple[str, ...]) -> None:
        """The first example of a preview, with what changes first where not all has room."""
        self._lines, self._left_out = lines_of(preview, classes)
        self.setAccessibleName(tr("A row of the training table before and after augmentation"))
        self.setAccessibleDescription(". ".join(", ".join(line) for line in self._lines))
        self.updateGeometry()
        self.update()

    def lines(self) -> tuple[tuple[str, ...], ...]:
        """What it shows: name, original, versions."""
        return self._lines

    def sizeHint(self) -> QSize:
        return QSize(240, theme.scaled(_LINE) * (len(self._lines) + 1 + bool(self._left_out)))

    def minimumSizeHint(self) -> QSize:
        return QSize(80 + theme.scaled(_COLUMN) * (_VERSIONS + 1), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setFont(theme.caption_font(tabular=True))
        self._paint_line(painter, 0, _TITLES, changed=False)
        painter.setPen(QColor(colours.line))
        painter.drawLine(0, theme.scaled(_LINE) - 1, self.width(), theme.scaled(_LINE) - 1)
        for number, line in enumerate(self._lines, start=1):
            self._paint_line(painter, number, line, changed=len(set(line[1:])) > 1)
        if self._left_out:
            rest = tr("and {left_out} more", left_out=count_text(self._left_out))
            self._paint_line(painter, len(self._lines) + 1, (rest, "", "", ""), changed=False)
        painter.end()

    def _paint_line(self, painter: QPainter, number: int, words: tuple[str, ...], changed: bool) -> None:
        colours = theme.current()
        painter.setPen(QColor(colours.text if changed else colours.muted))
        first = self.width() - theme.scaled(_COLUMN) * (_VERSIONS + 1)
        for column, word in enumerate(words):
            left = 0 if column == 0 else first + (column - 1) * theme.scaled(_COLUMN) + _GAP
            width = first if column == 0 else theme.scaled(_COLUMN) - _GAP
            if column and not words[column - 1]:
                # The title over both versions.
                left, width = left - theme.scaled(_COLUMN), width + theme.scaled(_COLUMN)
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            shown = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, int(width))
            area = QRectF(left, number * theme.scaled(_LINE), width, theme.scaled(_LINE))
            painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


def lines_of(preview: Preview, classes: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Name, original and versions of the inputs of the first example, and how many have no room.

    The target stands below where augmentation changes it.
    """
    original, versions = preview.original[0], preview.augmented[0, :_VERSIONS]
    changes = (versions != original).any(axis=0)
    order = np.argsort(~changes, kind="stable") if len(original) > MOST_LINES else np.arange(len(original))
    lines = [
        (preview.names[place], *(_number(one[place]) for one in (original, *versions)))
        for place in np.sort(order[:MOST_LINES])
    ]
    targets = (preview.targets[0], *preview.augmented_targets[0, :_VERSIONS])
    words = [target_words(target, classes) for target in targets]
    if len(set(words)) > 1:
        lines.append((tr("Target"), *words))
    return tuple(lines), max(len(original) - MOST_LINES, 0)


def _number(value: float) -> str:
    return f"{value:.4g}"
