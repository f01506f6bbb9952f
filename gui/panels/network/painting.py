"""Paints the network: edges by weight, units with their maps, gates, headings.

Everything is opaque on the page: Qt draws an opaque thin curve four times as fast as a translucent one, and
a wide one six times. Faint edges are mixed towards the page instead, and the strong ones drawn last.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QTransform

from engine.arrays import Array
from gui.kit.colour_maps import diverging_pixels, image_of
from gui.kit.numbers import reading_text
from gui.kit.text import tr
from gui.kit.theme import RADIUS, Theme, caption_font, mixed, scaled, text_font
from gui.panels.network.blocks import paint_block
from gui.panels.network.geometry import Column, Edges, Gate, Layout
from gui.panels.network.plan import LiveValues

LEVELS = 10
MANY_EDGES = 200
"""From here on edges are drawn as short lines in one call: three times as fast, and no coarser to the eye."""
DASHES = (4.0, 2.5)


def paint_edges(painter: QPainter, layout: Layout, values: LiveValues, theme: Theme) -> None:
    """All edges, weak ones first."""
    scale, widest = values.scale, widest_edge(layout)
    shares = [_edge_shares(layout, edges, values, scale) for edges in layout.edges]
    if not shares:
        return
    many = layout.edge_count > MANY_EDGES
    # Among many, weights below a tenth of the scale would only be a grey veil.
    for level in range(2 if many and values.weights else 0, LEVELS + 1):
        for sign, colour in ((-1, theme.validation), (1, theme.accent)):
            for edges, share in zip(layout.edges, shares, strict=True):
                levels = np.ceil(np.abs(share) * LEVELS - 1e-9)
                chosen = np.flatnonzero((levels == level) & (np.where(share < 0, -1, 1) == sign))
                if not len(chosen):
                    continue
                painter.setPen(edge_pen(theme, colour, level / LEVELS, widest))
                if many:
                    painter.drawLines([line for edge in chosen for line in edges.segments[edge]])
                else:
                    for edge in chosen:
                        painter.drawPath(edges.paths[edge])


def paint_chosen_edges(
    painter: QPainter, layout: Layout, values: LiveValues, theme: Theme, chosen: Iterable[tuple[int, int]]
) -> None:
    """A few edges (index into `layout.edges`, edge) so that they stand out; negative ones dashed."""
    scale, widest = values.scale, widest_edge(layout)
    for number_of_edges, edge in chosen:
        edges = layout.edges[number_of_edges]
        share = float(_edge_shares(layout, edges, values, scale)[edge])
        colour = theme.validation if share < 0 else theme.accent
        pen = edge_pen(theme, colour, max(abs(share), 0.55), max(widest, 2.5))
        if share < 0:
            pen.setDashPattern(DASHES)
        painter.setPen(pen)
        painter.drawPath(edges.paths[edge])


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


def _edge_shares(layout: Layout, edges: Edges, values: LiveValues, scale: float) -> NDArray[np.float64]:
    """Each edge's weight as a share of the scale, −1 … 1; a faint 0 where no weight is known."""
    layer = layout.columns[edges.source + 1].stage.layer
    weight = values.weights.get(layer) if layer is not None else None
    if weight is None or weight.size != len(edges.starts):
        return np.zeros(len(edges.starts))
    return np.clip(np.nan_to_num(weight.ravel().astype(np.float64)) / scale, -1, 1)


def paint_names(painter: QPainter, layout: Layout, theme: Theme) -> None:
    """Gates and headings, which stay as they are while weights change."""
    for gate in layout.gates:
        _paint_gate(painter, gate, theme)
    for column in layout.columns:
        _paint_heading(painter, column, theme)


def paint_columns(painter: QPainter, layout: Layout, values: LiveValues, theme: Theme) -> None:
    """Units with maps and names, and blocks."""
    for number_of_column, column in enumerate(layout.columns):
        if column.units:
            _paint_units(painter, column, values, theme)
        else:
            paint_block(painter, column.body, column.stage, values, theme)
        if column.units and column.stage.labels:
            _paint_labels(painter, column, theme, left=number_of_column == 0)


def _paint_heading(painter: QPainter, column: Column, theme: Theme) -> None:
    for text, strong, colour, top in (
        (column.lines[0], True, theme.text, column.heading.top()),
        (column.lines[1], False, theme.muted, column.heading.top() + scaled(18)),
    ):
        font = text_font(strong=strong)
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, column.heading.width())
        painter.setFont(font)
        painter.setPen(QColor(colour))
        line = QRectF(column.heading.left(), top, column.heading.width(), scaled(18))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignCenter), shown)


def _paint_units(painter: QPainter, column: Column, values: LiveValues, theme: Theme) -> None:
    layer = column.stage.layer
    radius = max(column.units[0].width() * 0.16, 1.5)
    maps = values.maps.get(layer) if layer is not None else None
    biases = values.biases.get(layer) if layer is not None else None
    images = map_images(maps, theme) if maps is not None and len(maps) == len(column.units) else []
    fills = _bias_fills(biases, len(column.units), theme) if layer is not None else []
    painter.setPen(QPen(QColor(theme.line), 1.5))
    for unit, rect in enumerate(column.units):
        if images:
            painter.setBrush(_texture(images[unit], rect))
        else:
            painter.setBrush(QColor(fills[unit] if fills else theme.surface))
        painter.drawRoundedRect(rect, radius, radius)


def map_images(maps: Array, theme: Theme) -> list[QImage]:
    """The output of each unit over the plane of the inputs, (units, side, side), as pictures.

    Neutral is 0. Full colour is the unit's own largest output, but at least a sixth of the layer's, so that
    a unit that hardly answers looks like one.
    """
    finite = np.nan_to_num(np.asarray(maps, np.float32))
    largest = np.abs(finite).max(axis=(1, 2))
    scale = np.maximum(np.maximum(largest, largest.max() / 6), 1e-12)
    pixels = diverging_pixels(finite[:, ::-1] / scale[:, None, None], theme)
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
    for rect, label in zip(column.units, column.stage.labels, strict=True):
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


def _paint_gate(painter: QPainter, gate: Gate, theme: Theme) -> None:
    """A bar with its name along it; only a dashed bar where even that has no room."""
    rect, stage = gate.body, gate.stage
    painter.setPen(QPen(QColor(theme.edge), 1, Qt.PenStyle.DashLine))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(rect, RADIUS, RADIUS)
    font = caption_font()
    metrics = QFontMetricsF(font)
    full = f"{stage.name} · {stage.subtitle}" if stage.subtitle else stage.name
    text = full if metrics.horizontalAdvance(full) <= rect.height() - 12 else stage.name
    if rect.width() < metrics.height():
        return
    painter.save()
    painter.translate(rect.center())
    painter.rotate(-90)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    along = QRectF(-rect.height() / 2 + 4, -rect.width() / 2, rect.height() - 8, rect.width())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, along.width())
    painter.drawText(along, int(Qt.AlignmentFlag.AlignCenter), shown)
    painter.restore()


def paint_legend(painter: QPainter, layout: Layout, values: LiveValues, theme: Theme) -> None:
    """In the lower left corner: how width and colour read as a weight."""
    scale = values.scale if values.weights else None
    font = caption_font(tabular=True)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    y, x, drop = layout.size.height() - scaled(20), 16.0, scaled(4)
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(x, y + drop), tr("Weight"))
    x += metrics.horizontalAdvance(tr("Weight")) + 10
    low = f"−{reading_text(scale, 2)}" if scale else tr("negative")
    high = f"+{reading_text(scale, 2)}" if scale else tr("positive")
    painter.drawText(QPointF(x, y + drop), low)
    x += metrics.horizontalAdvance(low) + 6
    if layout.plan.unitwise:
        _paint_wedge(painter, x, y, 96, max(widest_edge(layout), 3.0), theme)
    else:
        _paint_ramp(painter, x, y, 96, theme)
    painter.setPen(QColor(theme.muted))
    painter.drawText(QPointF(x + 102, y + drop), high)
    note = _legend_note(layout, values)
    width = metrics.horizontalAdvance(note)
    if note and x + 130 + metrics.horizontalAdvance(high) + width < layout.size.width():
        painter.drawText(QPointF(layout.size.width() - 16 - width, y + drop), note)


def _legend_note(layout: Layout, values: LiveValues) -> str:
    if not layout.plan.unitwise:
        return tr("Blocks show weights: a row for each unit, a column for each input")
    if values.maps:
        return tr("Squares: what a unit answers over the plane of the inputs")
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
