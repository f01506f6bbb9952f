"""Paints the network: edges by weight or gradient, units with their maps and names.

Everything is opaque on the page: Qt draws an opaque thin curve four times as fast as a translucent one, and
a wide one six times. Faint edges are mixed towards the page instead, and the strong ones drawn last.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPen, QTransform

from engine.arrays import Array
from gui.kit.colour_maps import diverging_pixels, image_of
from gui.kit.theme import Theme, caption_font, mixed, scaled, text_font
from gui.panels.network.blocks import paint_block
from gui.panels.network.geometry import Column, Edges, Layout
from gui.panels.network.values import LiveValues, Quantity

LEVELS = 10
MANY_EDGES = 200
"""From here on edges are drawn as short lines in one call: three times as fast, and no coarser to the eye."""
MOST_EDGES = 500
"""That are drawn at once: more cost a frame its time, and merge into a grey that nobody can read."""
DASHES = (4.0, 2.5)


def paint_edges(
    painter: QPainter, layout: Layout, values: LiveValues, quantity: Quantity, theme: Theme
) -> None:
    """All edges, weak ones first."""
    widest = widest_edge(layout)
    shares = [_edge_shares(layout, edges, values, quantity) for edges in layout.edges]
    if not shares:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    many = layout.edge_count > MANY_EDGES
    least = _least_share(shares)
    # The level of each edge, negative ones below 0; those that are not drawn are beyond all levels.
    levels = [np.ceil(np.abs(share) * LEVELS - 1e-9) + 1 for share in shares]
    signed = [
        np.where(np.abs(share) < least, LEVELS + 9, np.where(share < 0, -level, level)).astype(np.int64)
        for share, level in zip(shares, levels, strict=True)
    ]
    # Among many, weights below a tenth of the scale would only be a grey veil.
    for level in range(2 if many and values.weights else 0, LEVELS + 1):
        for sign in (-1, 1):
            drawn = [np.flatnonzero(found == sign * (level + 1)).tolist() for found in signed]
            if not any(drawn):
                continue
            painter.setPen(edge_pen(theme, _colour(quantity, sign, theme), level / LEVELS, widest))
            for edges, chosen in zip(layout.edges, drawn, strict=True):
                if many:
                    painter.drawLines([line for edge in chosen for line in edges.segments[edge]])
                else:
                    for edge in chosen:
                        painter.drawPath(edges.paths[edge])


def _least_share(shares: list[NDArray[np.float64]]) -> float:
    """Edges below it are not drawn: the strongest `MOST_EDGES` are enough to see how units are joined."""
    sizes = np.abs(np.concatenate(shares))
    return float(np.partition(sizes, -MOST_EDGES)[-MOST_EDGES]) if len(sizes) > MOST_EDGES else 0.0


def paint_chosen_edges(
    painter: QPainter,
    layout: Layout,
    values: LiveValues,
    quantity: Quantity,
    theme: Theme,
    chosen: Iterable[tuple[int, int]],
) -> None:
    """A few edges (index into `layout.edges`, edge) so that they stand out; negative ones dashed."""
    widest = widest_edge(layout)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number_of_edges, edge in chosen:
        edges = layout.edges[number_of_edges]
        share = float(_edge_shares(layout, edges, values, quantity)[edge])
        colour = _colour(quantity, share, theme)
        pen = edge_pen(theme, colour, max(abs(share), 0.55), max(widest, 2.5))
        if share < 0:
            pen.setDashPattern(DASHES)
        painter.setPen(pen)
        painter.drawPath(edges.paths[edge])


def _colour(quantity: Quantity, sign: float, theme: Theme) -> str:
    """Of weights the sign is a colour; gradients have one colour of their own."""
    if quantity == "gradient":
        return theme.gradient
    return theme.validation if sign < 0 else theme.accent


def widest_edge(layout: Layout) -> float:
    """Width of the strongest weight, in pixels, for the size that units have."""
    widest = 1.7 if layout.edge_count > MANY_EDGES else 6.0
    return float(np.clip(layout.unit_size / 6.5, 1.2, widest))


def edge_pen(theme: Theme, colour: str, share: float, widest: float) -> QPen:
    """The pen for a weight that is `share` of the largest; thinner than a pixel becomes paler instead."""
    width = share * widest
    strength = 0.12 + 0.88 * min(share * 1.6, 1.0) * (0.65 + 0.35 * min(width, 1.0))
    pen = QPen(QColor(mixed(theme.page, colour, strength)), max(width, 1.0))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setCosmetic(width <= 1.0)
    return pen


def _edge_shares(layout: Layout, edges: Edges, values: LiveValues, quantity: Quantity) -> NDArray[np.float64]:
    """What each edge shows as a share of the scale, −1 … 1; a faint 0 where nothing is known."""
    layer = layout.columns[edges.source + 1].stage.layer
    matrix = values.edges(quantity).get(layer) if layer is not None else None
    if matrix is None or matrix.size != len(edges.starts):
        return np.zeros(len(edges.starts))
    scale = values.scale_of(quantity)
    return np.clip(np.nan_to_num(matrix.ravel().astype(np.float64)) / scale, -1, 1)


def paint_columns(painter: QPainter, layout: Layout, values: LiveValues, theme: Theme) -> None:
    """Units with maps and names, and blocks."""
    for number_of_column, column in enumerate(layout.columns):
        if not column.units:
            paint_block(painter, column, theme)
            continue
        _paint_units(painter, column, values, theme)
        if column.stage.labels:
            _paint_labels(painter, column, theme, left=number_of_column == 0)


def _paint_units(painter: QPainter, column: Column, values: LiveValues, theme: Theme) -> None:
    layer = column.stage.layer
    radius = max(column.units[0].width() * 0.16, 1.5)
    biases = values.biases.get(layer) if layer is not None else None
    images = unit_images(column, values, theme)
    fills = _bias_fills(biases, len(column.units), theme) if layer is not None else []
    painter.setPen(QPen(QColor(theme.line), 1.5))
    for unit, rect in enumerate(column.units):
        if images:
            painter.setBrush(_texture(images[unit], rect))
        else:
            painter.setBrush(QColor(fills[unit] if fills else theme.surface))
        painter.drawRoundedRect(rect, radius, radius)


def unit_images(column: Column, values: LiveValues, theme: Theme) -> list[QImage]:
    """A picture for each unit: its output over two inputs, or its weights from an image; none: no list."""
    layer = column.stage.layer
    if layer is None:
        return []
    maps, templates = values.maps.get(layer), values.templates.get(layer)
    if maps is not None and len(maps) == len(column.units):
        return map_images(maps[:, ::-1], theme)
    if templates is not None and len(templates) == len(column.units):
        return map_images(templates, theme)
    return []


def map_images(maps: Array, theme: Theme) -> list[QImage]:
    """Values of each unit, (units, height, width), row 0 at the top, as pictures.

    Neutral is 0. Full colour is the unit's own largest output, but at least a sixth of the layer's, so that
    a unit that hardly answers looks like one.
    """
    finite = np.nan_to_num(np.asarray(maps, np.float32))
    largest = np.abs(finite).max(axis=(1, 2))
    scale = np.maximum(np.maximum(largest, largest.max() / 6), 1e-12)
    pixels = diverging_pixels(finite / scale[:, None, None], theme)
    return [image_of(picture) for picture in pixels]


def _texture(image: QImage, rect: QRectF) -> QBrush:
    brush = QBrush(image)
    fit = QTransform.fromTranslate(rect.left(), rect.top())
    brush.setTransform(fit.scale(rect.width() / image.width(), rect.height() / image.height()))
    return brush


def _bias_fills(biases: Array | None, units: int, theme: Theme) -> list[str]:
    """A quiet fill for each unit: tinted by its bias, where there is one."""
    if biases is None or len(biases) != units:
        return [theme.surface] * units
    finite = np.nan_to_num(np.asarray(biases, np.float64))
    shares = finite / max(float(np.abs(finite).max()), 1e-12)
    return [
        mixed(theme.surface, theme.accent if share > 0 else theme.validation, 0.45 * abs(float(share)))
        for share in shares
    ]


def _paint_labels(painter: QPainter, column: Column, theme: Theme, left: bool) -> None:
    """Names of features and classes: in the unit where they fit, else beside it."""
    font = text_font(strong=True) if left and not column.outside_labels else text_font()
    if column.units[0].height() < scaled(15):
        font = caption_font()
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    for rect, unit in zip(column.units, column.stage.shown, strict=True):
        label = column.stage.label(unit)
        if metrics.height() > 1.6 * rect.height():
            return
        if not column.outside_labels:
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), label)
            continue
        width = column.outside_labels - 8
        shown = metrics.elidedText(label, Qt.TextElideMode.ElideRight, width)
        x = rect.left() - 8 - width if left else rect.right() + 8
        side = Qt.AlignmentFlag.AlignRight if left else Qt.AlignmentFlag.AlignLeft
        place = QRectF(x, rect.center().y() - scaled(20) / 2, width, scaled(20))
        painter.drawText(place, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
