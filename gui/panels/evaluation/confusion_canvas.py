"""The confusion matrix, painted: actual classes in rows, predicted ones in columns."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.kit.numbers import count_text, percent_text, quantity_text
from gui.kit.text import tr
from gui.kit.theme import (
    Theme,
    caption_font,
    contrast,
    current,
    figure_font,
    mixed,
    scaled,
    set_sizes,
    text_font,
)

LARGEST_CELL = 104.0
CAPTION = 24.0
LARGEST_NAME = 150.0
GAP = 2.0
SMALLEST_TEXT = 9
"""Of counts in small cells, in pixels at a scale of 1."""
ROOMY_CELL = 32
LEAST_CONTRAST = 4.5
"""Of text on its ground."""


class ConfusionCanvas(QWidget):
    """Counts, and the share of the row as the strength of the colour: blue is right, orange is wrong.

    Hover or the arrow keys read a cell in words.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Confusion matrix"))
        set_sizes(self, least_width=260, least_height=220)
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._names: tuple[str, ...] = ()
        self._move(None)

    def show_counts(self, counts: NDArray[np.int64], names: tuple[str, ...]) -> None:
        """counts : (classes, classes), row true, column predicted. names : of the classes."""
        self._counts = counts
        self._names = names if len(names) == len(counts) else tuple(str(i + 1) for i in range(len(counts)))
        self._move(None)

    def clear(self) -> None:
        self.show_counts(np.zeros((0, 0), np.int64), ())

    def shares(self) -> NDArray[np.float64]:
        """Each count as a share of its row; 0 in an empty row."""
        totals = self._counts.sum(axis=1, keepdims=True)
        shares = np.zeros(self._counts.shape)
        np.divide(self._counts, totals, out=shares, where=totals > 0)
        return shares

    def cell_rect(self, row: int, column: int) -> QRectF:
        """The place of a cell on the widget."""
        matrix = self._matrix()
        size = matrix.width() / len(self._counts)
        gap = GAP if size > 12 else 0.0
        return QRectF(matrix.left() + column * size, matrix.top() + row * size, size - gap, size - gap)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Row and column under a point."""
        if not len(self._counts):
            return None
        matrix = self._matrix()
        size = matrix.width() / len(self._counts)
        row, column = (
            int((position.y() - matrix.top()) // size),
            int((position.x() - matrix.left()) // size),
        )
        inside = 0 <= row < len(self._counts) and 0 <= column < len(self._counts)
        return (row, column) if inside else None

    def describe(self, row: int, column: int) -> str:
        """A cell in words."""
        cases = quantity_text(int(self._counts[row, column]), "row", "rows")
        share = percent_text(float(self.shares()[row, column]))
        return tr(
            "Actual {names}, predicted {names_2}: {cases}, {share} of {names}",
            names=self._names[row],
            names_2=self._names[column],
            cases=cases,
            share=share,
        )

    def _matrix(self) -> QRectF:
        side = self._name_room()
        caption = scaled(CAPTION)
        width, height = self.width() - side - caption - 16, self.height() - 2 * caption - 16
        length = max(min(width, height, scaled(LARGEST_CELL) * len(self._counts)), 40)
        return QRectF(side + caption, 2 * caption + 4, length, length)

    def _name_room(self) -> float:
        metrics = QFontMetricsF(text_font())
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        return min(widest + 10, scaled(LARGEST_NAME), self.width() / 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self._counts):
            return
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shares = self.shares()
        for row in range(len(self._counts)):
            for column in range(len(self._counts)):
                self._paint_cell(painter, row, column, float(shares[row, column]), theme)
        self._paint_names(painter, theme)
        if self._cell is not None and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawRect(self.cell_rect(*self._cell))
        elif self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRect(self._matrix().adjusted(-3, -3, 1, 1))
        painter.end()

    def _paint_cell(self, painter: QPainter, row: int, column: int, share: float, theme: Theme) -> None:
        rect = self.cell_rect(row, column)
        ground = cell_colour(share, row == column, theme)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        radius = 3 if rect.width() > 12 else 0
        painter.drawRoundedRect(rect, radius, radius)
        font, cases = self._count_font(rect.width()), int(self._counts[row, column])
        text = cell_text(cases, font, rect.width())
        if not text:
            return
        painter.setPen(QColor(ink_on(ground, theme) if cases else theme.muted))
        painter.setFont(font)
        centre = int(Qt.AlignmentFlag.AlignCenter)
        if rect.width() >= scaled(56) and cases:
            painter.drawText(rect.adjusted(0, 0, 0, -scaled(16)), centre, text)
            painter.setFont(caption_font())
            painter.drawText(rect.adjusted(0, scaled(18), 0, 0), centre, percent_text(share))
        else:
            painter.drawText(rect, centre, text)

    def _count_font(self, width: float) -> QFont:
        """The largest font in which every count fits into its cell, else the smallest that can be read."""
        small = caption_font(tabular=True)
        small.setPixelSize(scaled(SMALLEST_TEXT))
        longest = count_text(int(self._counts.max()))
        fonts = (figure_font(), caption_font(tabular=True), small)
        return next((font for font in fonts if _fits(longest, font, width)), small)

    def _paint_names(self, painter: QPainter, theme: Theme) -> None:
        matrix = self._matrix()
        size = matrix.width() / len(self._counts)
        painter.setFont(text_font())
        high, lifted = scaled(18), scaled(22)
        metrics = QFontMetricsF(painter.font())
        right = Qt.TextElideMode.ElideRight
        painter.setPen(QColor(theme.text))
        # Where cells are lower than a line, every second, third … class is named.
        step = max(-(-int(metrics.height()) // max(int(size), 1)), 1)
        room = self._name_room() - 8
        for index in range(0, len(self._names), step):
            row = self.cell_rect(index, 0)
            beside = QRectF(matrix.left() - room - 8, row.center().y() - high / 2, room, high)
            side = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(beside, side, metrics.elidedText(self._names[index], right, room))
        widest = max(metrics.horizontalAdvance(name) for name in self._names)
        skip = step if widest + 4 <= size * step else max(-(-scaled(48) // max(int(size), 1)), 1)
        for index in range(0, len(self._names), skip):
            column = self.cell_rect(0, index)
            above = QRectF(column.left(), matrix.top() - lifted, size * skip - 4, high)
            centred = Qt.AlignmentFlag.AlignHCenter if skip == 1 else Qt.AlignmentFlag.AlignLeft
            shown = metrics.elidedText(self._names[index], right, above.width())
            painter.drawText(above, int(centred | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.setPen(QColor(theme.muted))
        caption = scaled(CAPTION)
        head = QRectF(matrix.left(), matrix.top() - lifted - caption, matrix.width(), caption)
        painter.drawText(head, int(Qt.AlignmentFlag.AlignCenter), tr("Predicted"))
        painter.save()
        painter.translate(matrix.left() - room - 8 - scaled(12), matrix.center().y())
        painter.rotate(-90)
        beside = QRectF(-matrix.height() / 2, -high / 2, matrix.height(), high)
        painter.drawText(beside, int(Qt.AlignmentFlag.AlignCenter), tr("Actual"))
        painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        words = self.describe(*cell) if cell else ""
        rect = self.cell_rect(*cell).toAlignedRect() if cell else self.rect()
        QToolTip.showText(event.globalPosition().toPoint(), words, self, rect)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if event.key() not in ways or not len(self._counts):
            super().keyPressEvent(event)
            return
        down, right = ways[Qt.Key(event.key())]
        last = len(self._counts) - 1
        row, column = (0, 0) if self._cell is None else (self._cell[0] + down, self._cell[1] + right)
        cell = min(max(row, 0), last), min(max(column, 0), last)
        self._move(cell)
        corner = self.cell_rect(*cell).bottomRight().toPoint()
        QToolTip.showText(self.mapToGlobal(corner), self.describe(*cell), self)

    def _move(self, cell: tuple[int, int] | None) -> None:
        self._cell: tuple[int, int] | None = cell
        words = (
            self.describe(*cell) if cell else tr("Rows are true classes, columns predicted; arrow keys read.")
        )
        self.setAccessibleDescription(words)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._move(None)


def cell_text(cases: int, font: QFont, width: float) -> str:
    """A count as it fits into a cell: whole, else in thousands or millions ("1.2k", "1k"), else nothing.

    In small cells a 0 is left out: there are many, and the others are what is looked for.
    """
    if not cases and width < scaled(ROOMY_CELL):
        return ""
    texts = (count_text(cases), short_count(cases, 1), short_count(cases, 0))
    return next((text for text in texts if _fits(text, font, width)), "")


def short_count(cases: int, decimals: int) -> str:
    """A count in thousands, millions or thousands of millions: 999, 1.2k, 12k, 3.4M."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if cases >= size:
            return f"{cases / size:.{decimals if cases < 10 * size else 0}f}{letter}"
    return str(cases)


def _fits(text: str, font: QFont, width: float) -> bool:
    beside = 6 if width >= scaled(ROOMY_CELL) else 1
    return QFontMetricsF(font).horizontalAdvance(text) + beside <= width


def cell_colour(share: float, right: bool, theme: Theme) -> str:
    """The ground of a cell: the stronger, the larger its share of the row; a rare mistake still shows."""
    if share == 0:
        return theme.raised if theme.dark else theme.surface
    return mixed(theme.surface, theme.accent if right else theme.validation, 0.15 + 0.85 * share**0.75)


def ink_on(ground: str, theme: Theme) -> str:
    """The text colour that is legible on a ground."""
    # White or black has a contrast of at least 4.58 with any colour, so one of these always will do.
    candidates = (theme.on_accent, theme.text, "#FFFFFF", "#000000")
    return next(ink for ink in candidates if contrast(ink, ground) >= LEAST_CONTRAST)
