"""The legend under the network: how the width and the colour of an edge read as a weight."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from gui.pictures import image_of
from gui.theme import Theme, caption_font
from gui.views.colours import diverging_pixels
from gui.views.network_geometry import Layout
from gui.views.network_painting import widest_edge
from gui.views.network_values import LiveValues
from gui.views.numbers import number


def paint_legend(painter: QPainter, layout: Layout, values: LiveValues, theme: Theme) -> None:
    """In the lower left corner: how width and colour read as a weight."""
    scale = values.scale if values.weights else None
    font = caption_font(tabular=True)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    y, x = layout.size.height() - 20, 16.0
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(x, y + 4), "Weight")
    x += metrics.horizontalAdvance("Weight") + 10
    low = f"−{number(scale, 2)}" if scale else "negative"
    high = f"+{number(scale, 2)}" if scale else "positive"
    painter.drawText(QPointF(x, y + 4), low)
    x += metrics.horizontalAdvance(low) + 6
    if layout.plan.unitwise:
        _paint_wedge(painter, x, y, 96, max(widest_edge(layout), 3.0), theme)
    else:
        _paint_ramp(painter, x, y, 96, theme)
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(x + 102, y + 4), high)
    note = _legend_note(layout, values)
    width = metrics.horizontalAdvance(note)
    if note and x + 130 + metrics.horizontalAdvance(high) + width < layout.size.width():
        painter.drawText(QPointF(layout.size.width() - 16 - width, y + 4), note)


def _legend_note(layout: Layout, values: LiveValues) -> str:
    if not layout.plan.unitwise:
        return "Blocks show weights: a row for each unit, a column for each input"
    if values.maps:
        return "Squares: what a unit answers over the plane of the inputs"
    return ""


def _paint_wedge(painter: QPainter, x: float, y: float, width: float, height: float, theme: Theme) -> None:
    """From a broad orange end through nothing to a broad blue end."""
    middle = x + width / 2
    painter.setPen(Qt.PenStyle.NoPen)
    for end, colour in ((x, theme.validation), (x + width, theme.accent)):
        path = QPainterPath(QPointF(end, y - height / 2))
        path.lineTo(end, y + height / 2)
        path.lineTo(middle, y + 0.4)
        path.lineTo(middle, y - 0.4)
        path.closeSubpath()
        painter.setBrush(QColor(colour))
        painter.drawPath(path)


def _paint_ramp(painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
    ramp = diverging_pixels(np.linspace(-1, 1, 64)[None, :], theme)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(x, y - 4, width, 8), image_of(ramp))
