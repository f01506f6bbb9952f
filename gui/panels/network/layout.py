"""Places everything of the network drawing in a given size: columns, blocks, gates, headings, edges."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath

from gui.kit.numbers import count_text, quantity_text, shape_text
from gui.kit.settings_text import BETWEEN
from gui.kit.text import tr
from gui.kit.theme import scaled
from gui.panels.network.geometry import Arc, Column, Edges, Gate, Layout
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
FOLD_HEIGHT = 20.0
WIDEST_PITCH = 210.0
NARROWEST_PITCH = 64.0
BLOCK_PITCH = 88.0
BLOCK_WIDTH = 60.0
TALLEST_BLOCK = 260.0
LOWEST_BLOCK = 52.0
GATE_WIDTH = 22.0
PLUS = 16.0
"""Diameter of the sign where a shortcut is added."""
BEHIND = 44.0
"""Room for the gates behind the last column."""


def least_size(plan: Plan) -> QSizeF:
    """The drawing is made for no less; where there is less room, it is scaled down as a whole."""
    most = max(len(stage.shown) or 1 for stage in plan.columns)
    texts = scaled(HEADING_HEIGHT) + HEADING_GAP + scaled(LEGEND_HEIGHT)
    height = max(texts + most * SMALLEST_UNIT * 1.4 + 2 * MARGIN, texts + scaled(120))
    pitches = [scaled(NARROWEST_PITCH if stage.shown else BLOCK_PITCH) for stage in plan.columns]
    return QSizeF(sum(pitches) + 2 * MARGIN, height)


def lay_out(plan: Plan, size: QSizeF, text_width: TextWidth) -> Layout:
    """Place everything in `size`, centred."""
    most = max(max(len(stage.shown) for stage in plan.columns), 1)
    fold = scaled(FOLD_HEIGHT) if plan.folded else 0.0
    room = size.height() - 2 * MARGIN - scaled(LEGEND_HEIGHT) - scaled(HEADING_HEIGHT) - HEADING_GAP - fold
    unit = float(np.clip(room / (1.5 * most - 0.5), SMALLEST_UNIT, scaled(LARGEST_UNIT)))
    pitch_y = unit if most == 1 else float(np.clip((room - unit) / (most - 1), unit * 1.15, unit * 1.6))
    blocks = not all(stage.shown for stage in plan.columns)
    least = min(scaled(TALLEST_BLOCK), room) if blocks else 0.0
    tall = max(unit + (most - 1) * pitch_y, least)
    top = MARGIN + scaled(HEADING_HEIGHT) + HEADING_GAP + max((room - tall) / 2, 0)

    first, last = plan.columns[0], plan.columns[-1]
    left_label = _label_room(first, unit, text_width, inside=True, width=size.width())
    right_label = _label_room(last, unit, text_width, inside=False, width=size.width())
    widest = size.width() / (2.6 * len(plan.columns))
    left = MARGIN + max(left_label + _half(first, unit), min(_heading_half(first, text_width), widest))
    beyond = max(right_label, scaled(BEHIND) if last.gates else 0.0)
    right = (
        size.width() - MARGIN - max(beyond + _half(last, unit), min(_heading_half(last, text_width), widest))
    )
    spaces = max(len(plan.columns) - 1, 1)
    pitch = min((right - left) / spaces, scaled(WIDEST_PITCH))
    start = (left + right) / 2 - pitch * (len(plan.columns) - 1) / 2
    heading_y = top - HEADING_GAP - scaled(HEADING_HEIGHT)
    centres = [start + pitch * number for number in range(len(plan.columns))]
    rooms = [min(pitch - 12, 2 * (x - 8), 2 * (size.width() - 8 - x)) for x in centres]
    texts = heading_lines(plan.columns, rooms, text_width)

    columns = []
    largest = max((np.log2(stage.units + 1) for stage in plan.columns if not stage.shown), default=1.0)
    for number, (stage, x) in enumerate(zip(plan.columns, centres, strict=True)):
        heading = _heading(x, heading_y, texts[number], rooms[number], text_width)
        label = left_label if number == 0 else right_label if stage is last else 0.0
        place = QRectF(x, top, 0, tall)
        if stage.shown:
            columns.append(_units(stage, place, unit, pitch_y, heading, texts[number], label))
        else:
            share = float(np.log2(stage.units + 1) / largest)
            columns.append(_block(stage, place, pitch, share, heading, texts[number]))
    edges, links = _connections(columns)
    arcs = tuple(_arc(before, column) for before, column in pairwise(columns) if column.plus is not None)
    return Layout(plan, size, tuple(columns), _gates(columns, pitch), edges, links, arcs, unit)


def fold_text(hidden: int) -> str:
    """What stands under a column of which only the strongest units are drawn."""
    return tr("+ {count} more", count=count_text(hidden))


def _units(
    stage: Stage,
    place: QRectF,
    unit: float,
    pitch_y: float,
    heading: QRectF,
    lines: tuple[str, str],
    label: float,
) -> Column:
    x, count = place.center().x(), len(stage.shown)
    y = place.top() + (place.height() - unit - (count - 1) * pitch_y) / 2
    rects = tuple(QRectF(x - unit / 2, y + i * pitch_y, unit, unit) for i in range(count))
    body = rects[0].united(rects[-1])
    fold = None
    if stage.hidden:
        width = heading.width() if heading.width() > scaled(96) else scaled(96)
        fold = QRectF(x - width / 2, body.bottom() + 4, width, scaled(FOLD_HEIGHT) - 4)
    return Column(stage, heading, lines, body, rects, fold, label)


def _block(
    stage: Stage, place: QRectF, pitch: float, share: float, heading: QRectF, lines: tuple[str, str]
) -> Column:
    """share : how tall it is, of the tallest."""
    x, middle = place.center().x(), place.center().y()
    width = min(pitch * 0.56, scaled(BLOCK_WIDTH))
    tallest = min(scaled(TALLEST_BLOCK), place.height())
    image = len(stage.shape) == 3
    # Feature maps get smaller as they go through the network: squares, by the side of one of them.
    height = width if image else max(tallest * share, scaled(LOWEST_BLOCK))
    body = QRectF(x - width / 2, middle - height / 2, width, height)
    plus = None
    if stage.skipped:
        side = scaled(PLUS)
        plus = QRectF(body.right() + 6, middle - side / 2, side, side)
    return Column(stage, heading, lines, body, plus=plus)


def _connections(
    columns: Sequence[Column],
) -> tuple[tuple[Edges, ...], tuple[tuple[QPointF, QPointF, bool], ...]]:
    """Edges between columns of units, and lines where a block is at either end."""
    edges, links = [], []
    for number, (source, target) in enumerate(pairwise(columns)):
        starts = [QPointF(rect.right() + 1, rect.center().y()) for rect in source.units] or [
            QPointF(source.right + 3, source.body.center().y())
        ]
        ends = [QPointF(rect.left() - 1, rect.center().y()) for rect in target.units] or [
            QPointF(target.body.left() - 4, target.body.center().y())
        ]
        if source.units and target.units:
            from_units = np.array([point.toTuple() for point in starts])
            to_units = np.array([point.toTuple() for point in ends])
            spread = np.repeat(from_units, len(ends), axis=0), np.tile(to_units, (len(starts), 1))
            edges.append(Edges(number, *spread))
        else:
            links += [(start, end, not target.units) for start in starts for end in ends]
    return tuple(edges), tuple(links)


def _arc(before: Column, column: Column) -> Arc:
    """The way around a block: from the middle of the gap before it, below it, up into its plus."""
    plus = column.plus or column.body
    gap = (column.body.left() - before.right) / 2
    start = QPointF(column.body.left() - min(gap, scaled(20)), column.body.center().y())
    low = column.body.bottom() + scaled(26)
    path = QPainterPath(start)
    path.cubicTo(start.x(), low, start.x() + 6, low, column.body.center().x(), low)
    end = QPointF(plus.center().x(), plus.bottom())
    path.cubicTo(end.x() - 6, low, end.x(), low, end.x(), end.y())
    return Arc(path, plus)


def _half(stage: Stage, unit: float) -> float:
    return unit / 2 if stage.shown else scaled(BLOCK_WIDTH) / 2


def _label_room(stage: Stage, unit: float, text_width: TextWidth, inside: bool, width: float) -> float:
    """Width beside a column for the names of its units; 0 where they have none or fit into the units."""
    widest = max((text_width(stage.label(shown), inside) for shown in stage.shown), default=0.0)
    if widest == 0 or (inside and widest <= unit - 6 and unit >= scaled(18)):
        return 0.0
    return min(widest + 8, scaled(LARGEST_LABEL), width / 5)


def _gates(columns: list[Column], pitch: float) -> tuple[Gate, ...]:
    """Bars in the gap behind their column; behind the last column they stand in the margin."""
    gates = []
    for number, column in enumerate(columns):
        stages = column.stage.gates
        following = columns[number + 1] if number + 1 < len(columns) else None
        gap_end = following.body.left() if following else column.right + scaled(BEHIND)
        body = column.body.united(following.body) if following else column.body
        step = (gap_end - column.right) / (len(stages) + 1)
        width = min(scaled(GATE_WIDTH), step * 0.8)
        for place, stage in enumerate(stages, start=1):
            x = column.right + place * step
            gates.append(Gate(stage, QRectF(x - width / 2, body.top() - 6, width, body.height() + 12)))
    return tuple(gates)


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
