"""Paints what a loss surface is made of: the map, contour lines, the path of the run, a picked point."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from engine.insight.contours import contour_levels, level_range
from engine.insight.loss_surface import LossSurface
from gui.kit import colour_maps
from gui.kit.decision_field import refined, zero_lines
from gui.kit.plot_parts import Axis
from gui.kit.scales import Tick, decade_ticks
from gui.kit.theme import current, scaled

Lines = NDArray[np.float64]

MOST_LEVELS = 12
ROOM = 3.0
"""How many ranges of levels above the lowest value a surface is drawn: steeper corners are cut off there."""
MARK, ARROW = 5.5, 11.0
TICK_GAP = 48.0


@dataclass(frozen=True)
class PowerAxis(Axis):
    """An axis of powers of ten, with the numbers themselves at its ticks."""

    def ticks(self, length: float) -> list[Tick]:
        return decade_ticks(self.low, self.high, max(int(length // scaled(TICK_GAP)), 2))


def value_axis(surface: LossSurface, logarithmic: bool) -> Axis:
    """The scale of the colours: from the lowest loss to the one that nine tenths lie below."""
    low, high = level_range(surface.values, logarithmic=logarithmic)
    if logarithmic:
        low, high = math.log10(low), math.log10(high)
    around = Axis.around(low, high, "")
    return PowerAxis(around.low, around.high, "") if logarithmic else around


def heights(surface: LossSurface, axis: Axis, logarithmic: bool) -> Lines:
    """The surface on the scale of its colours, finite, cut off far above its upper end."""
    with np.errstate(all="ignore"):
        values = np.log10(surface.values) if logarithmic else np.array(surface.values)
    top = axis.low + ROOM * (axis.high - axis.low)
    # A loss that is no number is of weights that have gone too far; one of 0 has no logarithm.
    values = np.where(np.isnan(values), top, values)
    found: Lines = np.clip(values, axis.low - (axis.high - axis.low), top)
    return found


def surface_picture(values: Lines, axis: Axis) -> QImage:
    """The map, low losses dark."""
    fine = refined(values[..., None])[::-1, :, 0]
    return colour_maps.image_of(colour_maps.sequential_pixels((fine - axis.low) / (axis.high - axis.low)))


def scale_picture() -> QImage:
    """What the colours mean, highest at the top."""
    return colour_maps.image_of(colour_maps.sequential_pixels(np.linspace(1, 0, 256)[:, None]))


def contour_lines(surface: LossSurface, values: Lines, logarithmic: bool) -> Lines:
    """Segments (n, 4) in shares of the plane; values : see `heights`."""
    levels = contour_levels(surface.values, MOST_LEVELS, logarithmic=logarithmic)
    if logarithmic and len(levels):
        levels = np.log10(levels)
    found = [zero_lines(values - level) for level in levels]
    return np.concatenate(found) if found else np.empty((0, 4))


def paint_contours(painter: QPainter, plot: QRectF, lines: Lines) -> None:
    """Pale lines, which are seen on all of the scale."""
    ends = lines * np.array([plot.width(), -plot.height()] * 2)
    left, bottom = plot.left(), plot.bottom()
    painter.setPen(QPen(QColor(255, 255, 255, 120), 1))
    painter.drawLines([QLineF(left + a, bottom + b, left + c, bottom + d) for a, b, c, d in ends.tolist()])


def paint_path(painter: QPainter, places: list[QPointF]) -> None:
    """The path, an arrow at its last step, its start as a ring and the present as a disc."""
    if not places:
        return
    theme = current()
    light, dark = QColor("#FFFFFF"), QColor("#13161B")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((dark, 3.6), (light, 1.8)):
        painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(QPolygonF(places))
    if len(places) <= 60:
        painter.setPen(QPen(dark, 1))
        painter.setBrush(light)
        for place in places[1:-1]:
            painter.drawEllipse(place, 2.4, 2.4)
    painter.setPen(QPen(dark, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(places[0], MARK, MARK)
    painter.setPen(QPen(light, 2))
    painter.drawEllipse(places[0], MARK, MARK)
    if len(places) > 1:
        _paint_arrow(painter, places[-2], places[-1], light, dark)
    painter.setPen(QPen(light, 2))
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(places[-1], MARK, MARK)


def _paint_arrow(painter: QPainter, start: QPointF, end: QPointF, light: QColor, dark: QColor) -> None:
    """The head of the last step's arrow, just before the mark of the present."""
    along = end - start
    length = math.hypot(along.x(), along.y())
    if length < MARK + ARROW:
        return
    along /= length
    across = QPointF(-along.y(), along.x())
    tip = end - along * (MARK + 1)
    foot = tip - along * ARROW
    painter.setPen(QPen(dark, 1))
    painter.setBrush(light)
    painter.drawPolygon(QPolygonF([tip, foot + across * ARROW * 0.45, foot - across * ARROW * 0.45]))


def paint_picked(painter: QPainter, place: QPointF) -> None:
    """A cross where a person has clicked."""
    for colour, width in ((QColor("#13161B"), 4.0), (QColor("#FFFFFF"), 2.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(place + QPointF(-7, -7), place + QPointF(7, 7))
        painter.drawLine(place + QPointF(-7, 7), place + QPointF(7, -7))
