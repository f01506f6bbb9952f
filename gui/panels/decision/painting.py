"""Paints what lies over the predictions of a decision map: boundaries, data points, and what is read."""

from collections.abc import Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from gui.core.model_summary import DataPoints, ModelSummary
from gui.core.selection import Sample
from gui.kit import colour_maps
from gui.kit.decision_field import Field, class_pixels, paler, value_pixels
from gui.kit.plot_parts import Axis, marker_radius, paint_colour_bar, paint_marker
from gui.kit.theme import RADIUS, current, scaled, text_font

Places = NDArray[np.float64]
"""(n, 2), on the widget."""
RING = 9
"""Radius of the ring around the selected sample."""


def field_picture(field: Field, values: Axis | None) -> QImage:
    """Predictions as a picture. values : the scale of predicted numbers; None: they are of classes."""
    theme = current()
    pixels = class_pixels(field, theme) if values is None else value_pixels(field, values, theme)
    return colour_maps.image_of(pixels)


def paint_scale(painter: QPainter, plot: QRectF, values: Axis) -> None:
    """A bar beside the plot: left as predicted numbers are painted, right as data points are."""
    theme = current()
    ramp = colour_maps.sequential_pixels(np.linspace(1, 0, 256)[:, None])
    both = colour_maps.image_of(np.concatenate([paler(ramp, theme), ramp], axis=1))
    bar = QRectF(plot.right() + 20, plot.top(), 14, plot.height())
    paint_colour_bar(painter, bar, values, both, theme)


def paint_boundaries(painter: QPainter, plot: QRectF, lines: NDArray[np.float64]) -> None:
    """Where the predicted class changes. lines : (n, 4), as fractions of the plot from its lower left."""
    ends = lines * np.array([plot.width(), -plot.height()] * 2)
    left, bottom = plot.left(), plot.bottom()
    painter.setPen(QPen(colour_maps.with_alpha(current().text, 0.7), 1.25))
    painter.drawLines([QLineF(left + a, bottom + b, left + c, bottom + d) for a, b, c, d in ends.tolist()])


def paint_points(
    painter: QPainter, places: Places, points: DataPoints, model: ModelSummary, values: Axis, plot: QRectF
) -> None:
    """Data points by class or value; what is far from the plane is paler. values : the scale of numbers."""
    theme = current()
    radius = marker_radius(len(points.x), plot)
    regression = model.task == "regression"
    classes = max(len(model.class_names), 2)
    of_classes = colour_maps.class_colours(theme, classes)
    near = repeat(1.0) if points.nearness is None else iter(points.nearness.tolist())
    for place, target, part in zip(
        places.tolist(), points.targets.tolist(), points.parts.tolist(), strict=True
    ):
        index = int(target) % classes
        colour = colour_maps.sequential_colour(values.share(target)) if regression else of_classes[index]
        painter.setOpacity(next(near))
        paint_marker(painter, QPointF(*place), radius, colour, part, theme)


def paint_sample(painter: QPainter, places: Places, points: DataPoints, sample: Sample, plot: QRectF) -> None:
    """A ring around the selected sample, where it is among the points."""
    if points.indices is None:
        return
    for place in places[(points.indices == sample.index) & (points.parts == sample.part)].tolist():
        if plot.contains(QPointF(*place)):
            painter.setPen(QPen(QColor(current().text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*place), RING, RING)


def paint_reading(
    painter: QPainter, probe: QPointF, lines: Sequence[str], plot: QRectF, size: QSizeF
) -> None:
    """Cross-hair and a card beside it, on the side where there is room. size : of the widget."""
    theme = current()
    painter.setPen(QPen(colour_maps.with_alpha(theme.text, 0.35), 1))
    painter.drawLine(QLineF(probe.x(), plot.top(), probe.x(), plot.bottom()))
    painter.drawLine(QLineF(plot.left(), probe.y(), plot.right(), probe.y()))
    width = max(map(QFontMetricsF(text_font()).horizontalAdvance, lines)) + 20
    line, height = scaled(19), scaled(19) * len(lines) + 10
    x = probe.x() + 14 if probe.x() + 14 + width < size.width() else probe.x() - 14 - width
    y = probe.y() + 14 if probe.y() + 14 + height < size.height() else probe.y() - 14 - height
    card = QRectF(max(x, 2), max(y, 2), width, height)
    painter.setPen(QPen(QColor(theme.edge), 1))
    painter.setBrush(QColor(theme.surface))
    painter.drawRoundedRect(card, RADIUS, RADIUS)
    for row, words in enumerate(lines):
        painter.setFont(text_font(strong=row == 1))
        painter.setPen(QColor(theme.muted if row == 0 else theme.text))
        painter.drawText(QPointF(card.left() + 10, card.top() + scaled(18) + line * row), words)
