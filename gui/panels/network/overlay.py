"""What is painted over the drawing for a moment: highlights, the selection, a card, samples that flow."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.kit.colour_maps import with_alpha
from gui.kit.theme import RADIUS, Theme, mixed, scaled, text_font
from gui.panels.network.flow import Flow
from gui.panels.network.geometry import Edges, Layout
from gui.panels.network.painting import paint_chosen_edges, unit_images
from gui.panels.network.values import LiveValues, Quantity

MAP_SIDE = 144
"""Pixels of a unit's map under the pointer."""
MOST_DOTS = 40
"""Edges along which a sample is seen to move, between two columns."""


class Chosen(Protocol):
    """What is selected: a layer, perhaps a unit of it, perhaps a weight (input, unit) into that."""

    @property
    def layer(self) -> int: ...
    @property
    def unit(self) -> int | None: ...
    @property
    def weight(self) -> tuple[int, int] | None: ...


def paint_highlights(
    painter: QPainter,
    layout: Layout,
    values: LiveValues,
    quantity: Quantity,
    theme: Theme,
    hovered: Sequence[tuple[int, int]],
    chosen: Chosen | None,
) -> None:
    """Edges under the pointer, and the selected one."""
    paint_chosen_edges(painter, layout, values, quantity, theme, hovered)
    if chosen is None or chosen.weight is None:
        return
    edge = layout.edge_of(chosen.layer, *chosen.weight)
    if edge is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(mixed(theme.page, theme.text, 0.5)), 8))
        painter.drawPath(layout.edges[edge[0]].paths[edge[1]])
        paint_chosen_edges(painter, layout, values, quantity, theme, [edge])


def paint_selection(
    painter: QPainter,
    layout: Layout,
    chosen: Chosen | None,
    hovered: tuple[int, int] | None,
    theme: Theme,
    focused: bool,
) -> None:
    """Frames around the selected layer and unit, and around the unit under the pointer."""
    if chosen is not None and (frame := layout.outline_of(chosen.layer)) is not None:
        painter.setPen(QPen(QColor(theme.accent), 2 if focused else 1.5))
        painter.setBrush(with_alpha(theme.accent, 0.05))
        painter.drawRoundedRect(frame, RADIUS + 2, RADIUS + 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    place = None
    if chosen is not None and chosen.unit is not None:
        place = layout.place_of_unit(chosen.layer, chosen.unit)
    for unit, colour, width in ((place, theme.accent, 2.5), (hovered, theme.text, 1.5)):
        if unit is not None:
            rect = layout.columns[unit[0]].units[unit[1]].adjusted(-2, -2, 2, 2)
            painter.setPen(QPen(QColor(colour), width))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)


def paint_card(
    painter: QPainter,
    layout: Layout,
    unit: tuple[int, int],
    beside: QRectF,
    size: QSizeF,
    values: LiveValues,
    text: str,
    theme: Theme,
) -> None:
    """A unit's map or picture, large, and what there is to read of it. beside : the unit on the widget."""
    images = unit_images(layout.columns[unit[0]], values, theme)
    lines = text.split("\n")
    side = scaled(MAP_SIDE) if images else 0.0
    plain, strong = text_font(), text_font(strong=True)
    texts = [
        QFontMetricsF(plain if place else strong).horizontalAdvance(line) for place, line in enumerate(lines)
    ]
    row, padding = scaled(18), 10.0
    width = max(*texts, side) + 2 * padding
    height = row * len(lines) + 2 * padding - 4 + (side + 6 if side else 0)
    x, y = beside.right() + 12, beside.center().y() - height / 2
    if x + width > size.width() - 4:
        # Not to the left, where the edges are of which it speaks.
        x = size.width() - 4 - width
        y = beside.bottom() + 12
        if y + height > size.height() - 4:
            y = beside.top() - 12 - height
    y = min(max(y, 4.0), max(size.height() - height - 4, 4.0))
    card = QRectF(max(x, 4.0), y, width, height)
    painter.setPen(QPen(QColor(theme.edge), 1))
    painter.setBrush(QColor(theme.surface))
    painter.drawRoundedRect(card, RADIUS, RADIUS)
    top = card.top() + padding
    if images:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, images[unit[1]].width() < 2 * side)
        painter.drawImage(QRectF(card.left() + padding, top, side, side), images[unit[1]])
        top += side + 6
    for place, line in enumerate(lines):
        painter.setFont(plain if place else strong)
        painter.setPen(QColor(theme.muted if place else theme.text))
        painter.drawText(QPointF(card.left() + padding, top + scaled(13) + row * place), line)


def paint_flow(painter: QPainter, layout: Layout, flow: Flow, values: LiveValues, theme: Theme) -> None:
    """The units that the sample has reached, by what they answer, and dots on the way to the next ones."""
    sample, way = flow.position
    front = way * len(layout.columns)
    for place, column in enumerate(layout.columns):
        key = -1 if column.stage.layer is None else column.stage.layer
        answers = flow.outputs.get(key)
        if not column.units or answers is None or place > front:
            continue
        shown = np.nan_to_num(np.asarray(answers, np.float64)[:, list(column.stage.shown)])
        shares = shown[sample] / max(float(np.abs(shown).max()), 1e-12)
        painter.setPen(QPen(QColor(theme.edge), 1.5))
        for rect, share in zip(column.units, shares.tolist(), strict=True):
            ends = theme.accent if share > 0 else theme.validation
            painter.setBrush(QColor(mixed(theme.surface, ends, abs(share))))
            painter.drawEllipse(rect.center(), rect.width() * 0.36, rect.width() * 0.36)
    painter.setPen(Qt.PenStyle.NoPen)
    for edges in layout.edges:
        along = front - edges.source
        if 0 < along < 1:
            _paint_dots(painter, layout, edges, flow, sample, along, values, theme)


def _paint_dots(
    painter: QPainter,
    layout: Layout,
    edges: Edges,
    flow: Flow,
    sample: int,
    along: float,
    values: LiveValues,
    theme: Theme,
) -> None:
    """What the strongest edges carry: the output of their unit times their weight."""
    source, target = layout.columns[edges.source].stage, layout.columns[edges.source + 1].stage
    answers = flow.outputs.get(-1 if source.layer is None else source.layer)
    weight = values.weights.get(target.layer) if target.layer is not None else None
    if answers is None or weight is None or weight.size != len(edges.starts):
        return
    carried = np.nan_to_num(
        np.asarray(answers[sample], np.float64)[list(source.shown), None] * weight
    ).ravel()
    largest = max(float(np.abs(carried).max()), 1e-12)
    for edge in np.argsort(-np.abs(carried))[:MOST_DOTS].tolist():
        share = carried[edge] / largest
        painter.setBrush(QColor(theme.accent if share > 0 else theme.validation))
        radius = 1.2 + 3.2 * abs(share) ** 0.5
        painter.drawEllipse(edges.paths[edge].pointAtPercent(along), radius, radius)
