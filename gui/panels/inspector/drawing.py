"""What is painted of a small network: units with value and gradient, edges with weights, target and loss."""

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from engine.insight.trace.derivation import Place
from gui.kit.theme import RADIUS, Theme, caption_font, current, figure_font, mixed, scaled, text_font
from gui.panels.inspector.diagram import Diagram, Edge, UnitBox
from gui.panels.inspector.drawing_loss import (
    CENTRED,
    UNREACHED,
    Shown,
    paint_loss,
    paint_number,
    small_figure_font,
)
from gui.panels.inspector.symbols import short_text
from gui.panels.inspector.walk import value_at

FEW_EDGES = 9
"""Between two columns, up to which each weight is written at its edge."""
LABEL_PLACES_OF_SELECTED = (0.5, 0.3, 0.7, 0.1, 0.9)
LABEL_SIDES = (
    (0.5, 0.9),
    (0.5, 1.5),
    (0.0, 0.5),
    (1.0, 0.5),
    (0.0, 1.1),
    (1.0, 1.1),
    (0.0, -0.1),
    (1.0, -0.1),
)
"""Of the label at a selected weight, the part of its width left of the place on the edge, and of its height
above it:
on the line or above it; beside it, above or below where units are in the way."""
LABEL_PLACES = (0.28, 0.72, 0.42, 0.58, 0.16, 0.84)


def paint_diagram(painter: QPainter, diagram: Diagram, shown: Shown) -> None:
    """Everything, from the back to the front."""
    theme = current()
    boxes: list[QRectF] = [unit.area for unit in diagram.units]
    selected = _selected_edge(diagram, shown)
    for edge in diagram.edges:
        if edge is not selected:
            _paint_edge(painter, edge, shown, theme)
    paint_loss(painter, diagram, shown, theme)
    if selected is not None:
        _paint_edge(painter, selected, shown, theme, strong=True)
        label = _label_area(selected, shown, diagram)
        boxes.append(label)
    _paint_weights(painter, diagram, shown, theme, selected, boxes)
    for heading in diagram.headings:
        _paint_heading(painter, heading.area, heading.title, heading.rule, theme)
    for unit in diagram.units:
        _paint_unit(painter, unit, shown, theme, selected)
    if selected is not None and shown.label:
        _paint_label(painter, label, shown, theme)


def _selected_edge(diagram: Diagram, shown: Shown) -> Edge | None:
    place = shown.focus
    if place is None or place.quantity != "parameter" or len(place.index) != 2:
        return None
    return next(
        (
            one
            for one in diagram.edges
            if (one.layer, one.source, one.target) == (place.layer, *place.index) and one.weighted
        ),
        None,
    )


def _names(place: Place | None, edge: Edge) -> bool:
    return (
        place is not None
        and place.quantity == "parameter"
        and (place.layer, place.index) == (edge.layer, (edge.source, edge.target))
    )


def _paint_edge(painter: QPainter, edge: Edge, shown: Shown, theme: Theme, *, strong: bool = False) -> None:
    weight = value_at(shown.trace, edge.place) if shown.trace is not None else None
    colour = theme.validation if weight is not None and weight < 0 else theme.accent
    width = 1.2
    if weight is not None and math.isfinite(weight):
        width = 0.8 + min(abs(weight), 2.0)
    ink = mixed(theme.page, colour, 0.5) if edge.weighted else theme.line
    if strong:
        ink, width = theme.gradient if shown.backwards else theme.accent, 3.0
    elif _names(shown.pointed, edge):
        ink, width = theme.text, 2.5
    painter.setPen(QPen(QColor(ink), width))
    painter.drawLine(edge.start, edge.end)


def _paint_weights(
    painter: QPainter,
    diagram: Diagram,
    shown: Shown,
    theme: Theme,
    selected: Edge | None,
    boxes: list[QRectF],
) -> None:
    """The weights of layers that have few, each where it covers nothing."""
    font = caption_font(tabular=True)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    by_layer: dict[int, list[Edge]] = {}
    for edge in diagram.edges:
        by_layer.setdefault(edge.layer, []).append(edge)
    for edges in by_layer.values():
        if len(edges) > FEW_EDGES:
            continue
        for edge in edges:
            weight = value_at(shown.trace, edge.place) if shown.trace is not None else None
            if weight is None or edge is selected:
                continue
            text = short_text(weight)
            half = (metrics.horizontalAdvance(text) / 2 + 5, metrics.height() / 2)
            for share in LABEL_PLACES:
                at = edge.start + (edge.end - edge.start) * share
                area = QRectF(at.x() - half[0], at.y() - half[1], 2 * half[0], 2 * half[1])
                if not any(area.intersects(box) for box in boxes):
                    boxes.append(area)
                    painter.fillRect(area, QColor(theme.page))
                    painter.setPen(QColor(theme.muted))
                    painter.drawText(area, CENTRED, text)
                    break


def _label_area(edge: Edge, shown: Shown, diagram: Diagram) -> QRectF:
    metrics = QFontMetricsF(text_font(strong=True))
    width = max((metrics.horizontalAdvance(line) for line in shown.label), default=0) + 16
    height = max(len(shown.label), 1) * metrics.height() + 8
    top, last = diagram.headings[0].area.bottom() + 2, diagram.size.width() - width - 2
    boxes = [*(unit.area.adjusted(0, -14, 0, 0) for unit in diagram.units), diagram.loss]
    found: list[tuple[float, int, QRectF]] = []
    for share in LABEL_PLACES_OF_SELECTED:
        at = edge.start + (edge.end - edge.start) * share
        for across, lifted in LABEL_SIDES:
            left = min(max(at.x() - across * width, 2.0), last)
            upper = min(max(at.y() - lifted * height, top), diagram.size.height() - height - 2)
            area = QRectF(left, upper, width, height)
            covered = sum(_overlap(area, box) for box in boxes)
            found.append((covered, len(found), area))
    # Where units are close together it covers as little of them as can be.
    return min(found)[2]


def _overlap(one: QRectF, other: QRectF) -> float:
    common = one.intersected(other)
    return common.width() * common.height()


def _paint_label(painter: QPainter, area: QRectF, shown: Shown, theme: Theme) -> None:
    ink = theme.gradient if shown.backwards else theme.accent
    painter.setPen(QPen(QColor(ink), 1.2))
    painter.setBrush(QColor(theme.surface))
    painter.drawRoundedRect(area, RADIUS, RADIUS)
    line_height = (area.height() - 8) / len(shown.label)
    for number, line in enumerate(shown.label):
        painter.setFont(text_font(strong=number == 0))
        painter.setPen(QColor(theme.ink("gradient") if number and shown.backwards else theme.text))
        painter.drawText(
            QRectF(area.left(), area.top() + 4 + number * line_height, area.width(), line_height),
            CENTRED,
            line,
        )


def _paint_heading(painter: QPainter, area: QRectF, title: str, rule: str, theme: Theme) -> None:
    for text, font, colour, top in (
        (title, text_font(strong=True), theme.text, area.top()),
        (rule, caption_font(), theme.muted, area.top() + scaled(19)),
    ):
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(QRectF(area.left(), top, area.width(), scaled(18)), CENTRED, shown)


def _paint_unit(painter: QPainter, unit: UnitBox, shown: Shown, theme: Theme, selected: Edge | None) -> None:
    gradient = Place(unit.layer, unit.place.quantity, "", (unit.index,), gradient=True)
    framed = _is_framed(unit, shown, selected)
    pointed = shown.pointed is not None and _same_unit(unit, shown.pointed)
    changed = unit.place in shown.changed
    edge = theme.gradient if framed and shown.backwards else theme.accent if framed else theme.line
    if pointed:
        edge = theme.text
    painter.setPen(QPen(QColor(edge), 2.0 if framed or pointed else 1.0))
    painter.setBrush(QColor(theme.tint("warning") if changed else theme.surface))
    painter.drawRoundedRect(unit.area, RADIUS, RADIUS)
    value = value_at(shown.trace, unit.place) if shown.trace is not None else None
    slope = value_at(shown.trace, gradient) if shown.trace is not None and shown.backwards else None
    first, second = unit.area, QRectF()
    if slope is not None:
        if unit.compact:
            # The gradient's digits are more: one decimal more often than the value's.
            half = 0.47 * unit.area.width()
            first = unit.area.adjusted(3, 0, half - unit.area.width() - 2, 0)
            second = unit.area.adjusted(half + 2, 0, -3, 0)
        else:
            half = unit.area.height() / 2
            first, second = unit.area.adjusted(0, 3, 0, -half + 1), unit.area.adjusted(0, half + 1, 0, -3)
    strong = small_figure_font() if unit.compact else figure_font()
    small = caption_font(tabular=True) if unit.compact else text_font()
    ink = theme.text if shown.reached(unit.place) else mixed(theme.text, theme.surface, UNREACHED)
    paint_number(painter, first, value, strong, ink)
    if slope is not None:
        violet = theme.ink("gradient")
        ink = violet if shown.reached(gradient) else mixed(violet, theme.surface, UNREACHED)
        paint_number(painter, second, slope, small, ink)
    if unit.named:
        _paint_name(painter, unit, theme)


def name_room(unit: UnitBox) -> QRectF:
    """Where the name of a unit is written: above it, and within the drawing."""
    room = QRectF(unit.area.left() - 24, unit.area.top() - scaled(16), unit.area.width() + 48, scaled(15))
    room.moveLeft(max(room.left(), 0.0))
    return room


def _paint_name(painter: QPainter, unit: UnitBox, theme: Theme) -> None:
    font = caption_font()
    painter.setFont(font)
    painter.setPen(QColor(theme.muted))
    room = name_room(unit)
    shown = QFontMetricsF(font).elidedText(unit.name, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, CENTRED, shown)


def _same_unit(unit: UnitBox, place: Place) -> bool:
    if place.quantity == "input" and place.layer >= 0:
        # The input of a layer is the output of the one before, or of the network.
        return (unit.layer, (unit.index,)) == (place.layer - 1, place.index)
    if place.quantity in ("input", "output", "pre_activation"):
        return (unit.layer, (unit.index,)) == (place.layer, place.index)
    return False


def _is_framed(unit: UnitBox, shown: Shown, selected: Edge | None) -> bool:
    if shown.focus is not None and _same_unit(unit, shown.focus):
        return True
    if selected is not None:
        ends = ((selected.layer - 1, selected.source), (selected.layer, selected.target))
        return (unit.layer, unit.index) in ends
    place = shown.focus
    bias = place is not None and place.quantity == "parameter" and len(place.index) == 1
    return bias and place is not None and (unit.layer, (unit.index,)) == (place.layer, place.index)
