"""Paints how the values of a column are spread: bars, or a dotted line where every value is another."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.data.columns.preview import ColumnBars
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr
from gui.kit.theme import current, mixed

BETWEEN = 1.0
LEAST_HEIGHT = 1.0
"""Of a bar that counts something: one row of a million is seen, too."""
WIDEST_BAR = 30.0
STRENGTH = 0.8
"""Share of the colour in a bar; the rest is the ground."""


def paint_column_bars(
    painter: QPainter, area: QRectF, bars: ColumnBars, colour: str, widest: float = WIDEST_BAR
) -> None:
    """Paint the bars of a column from the left of an area. colour : #RRGGBB. widest : pixels of a bar."""
    ink = QColor(mixed(current().surface, colour, STRENGTH))
    if bars.all_different:
        painter.setPen(QPen(ink, 1.5, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(area.left(), area.bottom() - 1), QPointF(area.right(), area.bottom() - 1))
        return
    most = max(bars.counts, default=0)
    if not most:
        return
    width = min(area.width() / len(bars.counts), widest)
    for number, count in enumerate(bars.counts):
        if count:
            height = max(area.height() * count / most, LEAST_HEIGHT)
            left = area.left() + number * width
            painter.fillRect(QRectF(left, area.bottom() - height, width - BETWEEN, height), ink)


def values_text(distinct: int, missing: int) -> str:
    """How many different values there are, and how many are missing: "164 values · 2 missing"."""
    values = quantity_text(distinct, "value", "values")
    return tr("{values} · {count} missing", values=values, count=count_text(missing)) if missing else values
