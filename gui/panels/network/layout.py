"""Places everything of the network drawing in a given size: columns, units, gates, headings, edges."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF

from gui.kit.numbers import quantity_text, shape_text
from gui.kit.settings_text import BETWEEN
from gui.kit.theme import scaled
from gui.panels.network.geometry import Column, Edges, Gate, Layout
from gui.panels.network.plan import Plan, Stage

TextWidth = Callable[[str, bool], float]
"""Width of a text in pixels, strong or not."""

HEADING_HEIGHT = 36.0
HEADING_GAP = 20.0
LEGEND_HEIGHT = 44.0
MARGIN = 20.0
LARGEST_UNIT = 38.0
SMALLEST_UNIT = 7.0
LARGEST_LABEL = 132.0
WIDEST_PITCH = 210.0
NARROWEST_PITCH = 64.0
BLOCK_PITCH = 132.0
BLOCK_ROW = 172.0
LEAST_ROW = 440.0
"""Of blocks, in pixels of the screen: three blocks, fewer where text is large."""
GATE_WIDTH = 22.0
TURN = 44.0
"""Where the way to the next row turns down, behind the gates."""


def least_size(plan: Plan) -> QSizeF:
    """Below this the drawing scrolls rather than shrinks."""
    columns = len(plan.columns)
    if not plan.unitwise:
        across = max(int(LEAST_ROW // scaled(BLOCK_PITCH)), 1)
        rows = -(-columns // across)
        height = rows * scaled(BLOCK_ROW) + scaled(LEGEND_HEIGHT) + MARGIN
        return QSizeF(across * scaled(BLOCK_PITCH) + 2 * MARGIN, height)
    most = max(stage.units for stage in plan.columns)
    texts = scaled(HEADING_HEIGHT) + HEADING_GAP + scaled(LEGEND_HEIGHT)
    height = texts + most * SMALLEST_UNIT * 1.4 + 2 * MARGIN
    return QSizeF(columns * scaled(NARROWEST_PITCH) + 2 * MARGIN, height)


def lay_out(plan: Plan, size: QSizeF, text_width: TextWidth) -> Layout:
    """Place everything in `size`, centred."""
    return _units(plan, size, text_width) if plan.unitwise else _blocks(plan, size, text_width)


def _units(plan: Plan, size: QSizeF, text_width: TextWidth) -> Layout:
    most = max(stage.units for stage in plan.columns)
    room = size.height() - 2 * MARGIN - scaled(LEGEND_HEIGHT) - scaled(HEADING_HEIGHT) - HEADING_GAP
    unit = float(np.clip(room / (1.5 * most - 0.5), SMALLEST_UNIT, scaled(LARGEST_UNIT)))
    pitch_y = unit if most == 1 else float(np.clip((room - unit) / (most - 1), unit * 1.15, unit * 1.6))
    tall = unit + (most - 1) * pitch_y
    top = MARGIN + scaled(HEADING_HEIGHT) + HEADING_GAP + max((room - tall) / 2, 0)

    first, last = plan.columns[0], plan.columns[-1]
    left_label = _label_room(first, unit, text_width, inside=True, width=size.width())
    right_label = _label_room(last, unit, text_width, inside=False, width=size.width())
    least = size.width() / (2.6 * len(plan.columns))
    left = MARGIN + max(left_label + unit / 2, min(_heading_half(first, text_width), least))
    right = size.width() - MARGIN - max(right_label + unit / 2, min(_heading_half(last, text_width), least))
    spaces = max(len(plan.columns) - 1, 1)
    pitch = min((right - left) / spaces, scaled(WIDEST_PITCH))
    start = (left + right) / 2 - pitch * (len(plan.columns) - 1) / 2
    heading_y = top - HEADING_GAP - scaled(HEADING_HEIGHT)
    centres = [start + pitch * number for number in range(len(plan.columns))]
    rooms = [min(pitch - 12, 2 * (x - 8), 2 * (size.width() - 8 - x)) for x in centres]
    texts = heading_lines(plan.columns, rooms, text_width)

    columns = []
    for number, (stage, x) in enumerate(zip(plan.columns, centres, strict=True)):
        height = unit + (stage.units - 1) * pitch_y
        y = top + (tall - height) / 2
        rects = tuple(QRectF(x - unit / 2, y + i * pitch_y, unit, unit) for i in range(stage.units))
        heading = _heading(x, heading_y, texts[number], rooms[number], text_width)
        label = left_label if number == 0 else right_label if stage is last else 0.0
        columns.append(Column(stage, heading, texts[number], rects[0].united(rects[-1]), rects, label))
    edges = tuple(_edges(number, columns[number], columns[number + 1]) for number in range(len(columns) - 1))
    gates = _gates(columns, pitch)
    return Layout(plan, size, tuple(columns), gates, edges, (), unit)


def _label_room(stage: Stage, unit: float, text_width: TextWidth, inside: bool, width: float) -> float:
    """Width beside a column for the names of its units; 0 where they have none or fit into the units."""
    widest = max((text_width(label, inside) for label in stage.labels), default=0.0)
    if widest == 0 or (inside and widest <= unit - 6 and unit >= scaled(18)):
        return 0.0
    return min(widest + 8, scaled(LARGEST_LABEL), width / 5)


def _edges(number: int, source: Column, target: Column) -> Edges:
    starts = np.array([(rect.right() + 1, rect.center().y()) for rect in source.units])
    ends = np.array([(rect.left() - 1, rect.center().y()) for rect in target.units])
    return Edges(number, np.repeat(starts, len(ends), axis=0), np.tile(ends, (len(starts), 1)))


def _gates(columns: list[Column], pitch: float) -> tuple[Gate, ...]:
    """Bars in the gap behind their column; behind the last column they stand in the margin."""
    gates = []
    for number, column in enumerate(columns):
        stages = column.stage.gates
        following = columns[number + 1] if number + 1 < len(columns) else None
        beside = following is not None and following.body.left() > column.body.right()
        gap_end = following.body.left() if following and beside else column.body.right() + scaled(TURN)
        body = column.body.united(following.body) if following and beside else column.body
        step = (gap_end - column.body.right()) / (len(stages) + 1)
        width = min(scaled(GATE_WIDTH), step * 0.8)
        for place, stage in enumerate(stages, start=1):
            x = column.body.right() + place * step
            gates.append(Gate(stage, QRectF(x - width / 2, body.top() - 6, width, body.height() + 12)))
    return tuple(gates)


def _blocks(plan: Plan, size: QSizeF, text_width: TextWidth) -> Layout:
    stages = plan.columns
    per_row = max(min(int((size.width() - 2 * MARGIN) // scaled(BLOCK_PITCH)), len(stages)), 1)
    rows = -(-len(stages) // per_row)
    per_row = -(-len(stages) // rows)
    pitch = min((size.width() - 2 * MARGIN) / per_row, scaled(WIDEST_PITCH))
    row_height = min((size.height() - scaled(LEGEND_HEIGHT) - MARGIN) / rows, scaled(420))
    tallest = row_height - scaled(HEADING_HEIGHT) - HEADING_GAP - MARGIN
    top = MARGIN / 2 + max((size.height() - scaled(LEGEND_HEIGHT) - MARGIN - rows * row_height) / 2, 0)
    largest = max(max(np.log2(stage.units + 1) for stage in stages), 1)
    texts = heading_lines(stages, [pitch - 10] * len(stages), text_width)
    columns = []
    for number, stage in enumerate(stages):
        row, place = divmod(number, per_row)
        x = (size.width() - pitch * per_row) / 2 + (place + 0.5) * pitch
        y = top + row * row_height
        height = max(tallest * np.log2(stage.units + 1) / largest, scaled(36))
        width = min(pitch * 0.5, scaled(96))
        centre = y + scaled(HEADING_HEIGHT) + HEADING_GAP + tallest / 2
        body = QRectF(x - width / 2, centre - height / 2, width, height)
        heading = _heading(x, body.top() - scaled(HEADING_HEIGHT) - 8, texts[number], pitch - 10, text_width)
        columns.append(Column(stage, heading, texts[number], body, (), 0.0))
    arrows = tuple(_arrow(one, other) for one, other in pairwise(columns))
    return Layout(plan, size, tuple(columns), _gates(columns, pitch), (), arrows, 0.0)


def _arrow(source: Column, target: Column) -> tuple[QPointF, ...]:
    """Corners of the way from block to block; around the corner where the next block begins a row."""
    start = QPointF(source.body.right() + 4, source.body.center().y())
    end = QPointF(target.body.left() - 4, target.body.center().y())
    if end.x() > start.x():
        return start, end
    turn = start.x() + (scaled(TURN) if source.stage.gates else 14)
    between = target.heading.top() - 12
    before = min(target.heading.left() - 12, end.x() - 18)
    return (
        start,
        QPointF(turn, start.y()),
        QPointF(turn, between),
        QPointF(before, between),
        QPointF(before, end.y()),
        end,
    )


def heading_lines(
    stages: tuple[Stage, ...], rooms: list[float], text_width: TextWidth
) -> tuple[tuple[str, str], ...]:
    """Two lines over each stage; where the number of parameters has no room over one, none has it."""
    shapes = [shape_text(stage.shape) for stage in stages]
    counted = [
        f"{shape}{BETWEEN}{quantity_text(stage.parameters, 'parameter', 'parameters')}"
        if stage.parameters
        else shape
        for shape, stage in zip(shapes, stages, strict=True)
    ]

    first = [_shortened(stage, room, text_width) for stage, room in zip(stages, rooms, strict=True)]
    fits = all(text_width(text, False) <= room for text, room in zip(counted, rooms, strict=True))
    second = counted if fits else shapes
    return tuple(zip(first, second, strict=True))


def _shortened(stage: Stage, room: float, text_width: TextWidth) -> str:
    """The name, and of the subtitle's parts as many as fit: what comes first matters most."""
    parts = [stage.name, *(stage.subtitle.split(BETWEEN) if stage.subtitle else ())]
    while len(parts) > 1 and text_width(BETWEEN.join(parts), True) > room:
        parts.pop()
    return BETWEEN.join(parts)


def _heading(x: float, y: float, lines: tuple[str, str], room: float, text_width: TextWidth) -> QRectF:
    """The place of a heading around x: as wide as its words, never wider than the room."""
    width = min(max(text_width(lines[0], True), text_width(lines[1], False)) + 2, room)
    return QRectF(x - width / 2, y, width, scaled(HEADING_HEIGHT))


def _heading_half(stage: Stage, text_width: TextWidth) -> float:
    """Half the width of the longest heading that the stage may get."""
    parameters = quantity_text(stage.parameters, "parameter", "parameters")
    below = f"{shape_text(stage.shape)}{BETWEEN}{parameters}" if stage.parameters else shape_text(stage.shape)
    return max(text_width(f"{stage.name} · {stage.subtitle}", True), text_width(below, False)) / 2
