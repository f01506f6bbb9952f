"""Paints a large layer as a block: its weights as a picture, or its number of units; and arrows between."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from engine.arrays import Array
from gui.kit.colour_maps import diverging_pixels, image_of
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.kit.theme import RADIUS, Theme, caption_font, figure_font, scaled
from gui.panels.network.plan import LiveValues, Stage

MOST_CELLS = (128, 64)
"""Rows and columns of the picture of a weight matrix; larger ones are thinned."""


def paint_block(painter: QPainter, body: QRectF, stage: Stage, values: LiveValues, theme: Theme) -> None:
    """One layer or the input as a block with a picture of its weights in it, where they are known."""
    weight = values.weights.get(stage.layer) if stage.layer is not None else None
    outline = QPainterPath()
    outline.addRoundedRect(body, RADIUS, RADIUS)
    painter.fillPath(outline, QColor(theme.surface))
    if weight is not None and weight.ndim == 2:
        painter.save()
        painter.setClipPath(outline)
        cells = thinned(weight.T, MOST_CELLS)
        # Shares are raised to a power below 1, so that the many small weights show as well as the few large.
        shares = np.clip(cells * np.float32(1 / values.scale), -1, 1)
        picture = image_of(diverging_pixels(np.copysign(np.abs(shares) ** np.float32(0.7), shares), theme))
        painter.drawImage(body, picture)
        painter.restore()
    else:
        _paint_number(painter, body, stage, theme)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.edge), 1))
    painter.drawPath(outline)


def _paint_number(painter: QPainter, body: QRectF, stage: Stage, theme: Theme) -> None:
    noun = tr("inputs") if stage.layer is None else tr("units")
    high = scaled(20)
    roomy = body.height() >= scaled(48)
    painter.setFont(figure_font())
    painter.setPen(QColor(theme.text))
    upper = QRectF(body.left(), body.center().y() - (high if roomy else high / 2), body.width(), high)
    painter.drawText(upper, int(Qt.AlignmentFlag.AlignCenter), count_text(stage.units))
    if roomy:
        painter.setFont(caption_font())
        painter.setPen(QColor(theme.muted))
        painter.drawText(upper.translated(0, scaled(19)), int(Qt.AlignmentFlag.AlignCenter), noun)


def thinned(matrix: Array, most: tuple[int, int]) -> NDArray[np.float32]:
    """A matrix of at most that many rows and columns.

    Each cell stands for a group: its size is their root mean square, its sign that of the largest. A mean
    would turn any large matrix grey, because signs cancel; the largest would make large layers look strong.
    """
    high = low = np.asarray(matrix, np.float32)
    if matrix.shape[0] <= most[0] and matrix.shape[1] <= most[1]:
        return high
    squares, members = high**2, np.ones((1, 1), np.float32)
    for axis in (0, 1):
        length = matrix.shape[axis]
        starts = np.arange(0, length, max(-(-length // most[axis]), 1))
        high = np.maximum.reduceat(high, starts, axis=axis)
        low = np.minimum.reduceat(low, starts, axis=axis)
        squares = np.add.reduceat(squares, starts, axis=axis)
        sizes = np.diff(starts, append=length).astype(np.float32)
        members = members * np.expand_dims(sizes, 1 - axis)
    cells: NDArray[np.float32] = np.where(high >= -low, 1, -1) * np.sqrt(squares / members)
    return cells


def paint_arrow(painter: QPainter, corners: tuple[QPointF, ...], theme: Theme) -> None:
    """The way from one block to the next."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.edge), 1.5))
    painter.drawPolyline(QPolygonF(corners))
    tip = corners[-1]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.edge))
    painter.drawPolygon(QPolygonF([tip, tip + QPointF(-8, -4), tip + QPointF(-8, 4)]))
