"""Data points as marks: the colour says the class or value, the shape the part of the data."""

from collections.abc import Iterable
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.kit.theme import Theme

Part = Literal["training", "validation", "test"]

MOST_POINTS = 4000


def paint_marker(
    painter: QPainter, place: QPointF, radius: float, colour: QColor, part: Part, theme: Theme
) -> None:
    """Training: a filled disc. Validation: a ring. Test: a hollow diamond. All with a pale edge."""
    edge = QColor(theme.surface)
    if part == "training":
        painter.setPen(QPen(edge, 1.25))
        painter.setBrush(colour)
        painter.drawEllipse(place, radius, radius)
        return
    painter.setBrush(edge)
    for pen, size in ((QPen(edge, 3.5), radius), (QPen(colour, 1.75), radius)):
        painter.setPen(pen)
        if part == "validation":
            painter.drawEllipse(place, size, size)
        else:
            reach = size * 1.3
            corners = ((0, -reach), (reach, 0), (0, reach), (-reach, 0))
            painter.drawPolygon(QPolygonF([place + QPointF(x, y) for x, y in corners]))


def marker_radius(points: int, plot: QRectF) -> float:
    """Smaller the more points there are and the smaller the plot."""
    base = 4.0 if points <= 700 else 3.25 if points <= 2000 else 2.5
    return base if min(plot.width(), plot.height()) >= 360 else base * 0.8


def part_names(parts: Iterable[str]) -> tuple[Part, ...]:
    """The parts that occur, in their usual order."""
    present = set(parts)
    return tuple(part for part in ("training", "validation", "test") if part in present)


def paint_swatch(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """A small square of a class's colour, for legends."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, 2.5, 2.5)
