"""Where units, edges and the loss lie in the drawing of a small network. Geometry only: no painting."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSizeF

from engine.insight.trace.derivation import Place
from gui.core.model_summary import ModelSummary
from gui.kit.text import tr
from gui.kit.theme import scaled

MOST_UNITS, MOST_COLUMNS, MOST_EDGES = 16, 8, 200
"""Larger networks are shown layer by layer."""
UNIT_HEIGHT, LEAST_HEIGHT, NAMED_HEIGHT = 50, 14, 20
HEADING, NAME, GAP, MARGIN = 46, 16, 8, 8
LOSS_HEIGHT = 56
LEAST_TOP, TOP, LOWEST = 4, 24, 240
"""Room for what stands at the selected weight, between headings and units: least and, in a drawing that is
higher than the lowest one, at most."""
MOST_AIR = 96
"""Most pixels between the units of a column."""


@dataclass(frozen=True)
class Widths:
    """Of units (compact: with value and gradient side by side), of the loss, and between them; unscaled."""

    unit: float
    compact: float
    between: float
    before_loss: float
    loss: float

    def across(self, compact: Sequence[bool]) -> float:
        """The width of a drawing, scaled. compact : of each column."""
        columns = sum(self.compact if one else self.unit for one in compact)
        gaps = (len(compact) - 1) * self.between
        return scaled(columns + gaps + self.before_loss + self.loss + 2 * MARGIN)


LEAST, USUAL = Widths(62, 92, 18, 58, 60), Widths(66, 112, 28, 72, 70)
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class UnitBox:
    """A unit of a layer, or one of the inputs (layer −1). compact : in a column of many, value and gradient
    stand side by side. named : whether there is room for the name above it."""

    layer: int
    index: int
    area: QRectF
    name: str
    compact: bool
    named: bool = True

    @property
    def place(self) -> Place:
        """Its value."""
        return Place(self.layer, "input" if self.layer < 0 else "output", "", (self.index,))


@dataclass(frozen=True)
class Edge:
    """From a unit of the column before to one of a layer; `weighted` where there is a weight on it."""

    layer: int
    source: int
    target: int
    start: QPointF
    end: QPointF
    weighted: bool

    @property
    def place(self) -> Place:
        """Its weight."""
        return Place(self.layer, "parameter", "weight", (self.source, self.target))


@dataclass(frozen=True)
class Heading:
    """What stands above a column. layer : −1 for the input."""

    layer: int
    area: QRectF
    title: str
    rule: str


@dataclass(frozen=True)
class Diagram:
    """The whole drawing."""

    size: QSizeF
    columns: tuple[tuple[UnitBox, ...], ...]
    edges: tuple[Edge, ...]
    headings: tuple[Heading, ...]
    loss: QRectF

    @property
    def units(self) -> Iterator[UnitBox]:
        """All, column by column."""
        return (unit for column in self.columns for unit in column)

    def unit_at(self, place: QPointF) -> UnitBox | None:
        """The unit under a point."""
        return next((one for one in self.units if one.area.contains(place)), None)

    def edge_at(self, place: QPointF, reach: float = 5.0) -> Edge | None:
        """The edge nearest to a point, within some pixels."""
        near = [(_distance(one, place), n) for n, one in enumerate(self.edges) if one.weighted]
        distance, number = min(near, default=(math.inf, 0))
        return self.edges[number] if distance <= reach else None

    def unit(self, layer: int, index: int) -> UnitBox | None:
        """The box of a unit."""
        return next((one for one in self.units if (one.layer, one.index) == (layer, index)), None)


def can_be_drawn(model: ModelSummary) -> bool:
    """Whether a network is small enough to show every number of it at once."""
    shapes = [model.input_shape, *(layer.output_shape for layer in model.layers)]
    if any(len(shape) != 1 or shape[0] > MOST_UNITS for shape in shapes) or len(shapes) > MOST_COLUMNS:
        return False
    edges = 0
    for (before,), (after,), layer in zip(shapes, shapes[1:], model.layers, strict=False):
        if not layer.affine and before != after:
            return False
        edges += before * after if layer.affine else before
    return edges <= MOST_EDGES


def least_size(model: ModelSummary) -> QSizeF:
    """The room that the drawing needs."""
    counts = _counts(model)
    across = LEAST.across([count > 2 for count in counts])
    down = scaled(HEADING + NAME + LEAST_TOP + MARGIN) + max(counts, default=1) * (scaled(LEAST_HEIGHT) + 2)
    return QSizeF(across, max(down, scaled(LOWEST)))


def _fitting(compact: Sequence[bool], width: float) -> Widths:
    """Between the least and the usual widths, as there is room."""
    least, usual = LEAST.across(compact), USUAL.across(compact)
    share = min(max((width - least) / max(usual - least, 1.0), 0.0), 1.0)
    pairs = zip(astuple(LEAST), astuple(USUAL), strict=True)
    return Widths(*(low + share * (high - low) for low, high in pairs))


def lay_out(model: ModelSummary, size: QSizeF) -> Diagram:
    """Place everything; at a size below `least_size` it is cut."""
    counts = _counts(model)
    air = min(max(size.height() - scaled(LOWEST), 0.0) / 4 + scaled(LEAST_TOP), scaled(TOP))
    top, bottom = scaled(HEADING + NAME) + air, size.height() - scaled(MARGIN)
    roomy = [count * scaled(UNIT_HEIGHT + NAME + GAP) <= bottom - top for count in counts]
    compact = [not one for one in roomy]
    fitting = _fitting(compact, size.width())
    widths = [float(scaled(fitting.compact if one else fitting.unit)) for one in compact]
    # Some of the room that is left goes to the targets' captions.
    spare = max(size.width() - USUAL.across(compact), 0.0)
    before_loss = scaled(fitting.before_loss) + min(0.3 * spare, scaled(36))
    loss_left = size.width() - scaled(MARGIN + fitting.loss)
    left, right = float(scaled(MARGIN)), loss_left - before_loss
    # The gaps between columns are equal, be they wide or narrow.
    gap = (right - left - sum(widths)) / max(len(counts) - 1, 1)
    stride = gap + min(widths)
    columns = []
    x = left
    for number, (count, width) in enumerate(zip(counts, widths, strict=True)):
        columns.append(tuple(_column(model, number - 1, count, x, width, (top, bottom), roomy[number])))
        x += width + gap
    loss_top = (top + bottom - scaled(LOSS_HEIGHT)) / 2
    loss = QRectF(loss_left, loss_top, scaled(fitting.loss), scaled(LOSS_HEIGHT))
    headings = tuple(_headings(model, columns, stride))
    edges = tuple(_edges(model, columns))
    return Diagram(size, tuple(columns), edges, headings, loss)


def _counts(model: ModelSummary) -> list[int]:
    return [math.prod(model.input_shape), *(math.prod(one.output_shape) for one in model.layers)]


def _column(
    model: ModelSummary,
    layer: int,
    count: int,
    x: float,
    width: float,
    span: tuple[float, float],
    roomy: bool,
) -> Iterator[UnitBox]:
    top, bottom = span
    if roomy:
        height, name = float(scaled(UNIT_HEIGHT)), scaled(NAME)
        air = min((bottom - top - count * (height + name)) / max(count, 1), scaled(MOST_AIR))
    else:
        slot = (bottom - top) / max(count, 1)
        name = scaled(NAME - 1) if slot >= scaled(NAMED_HEIGHT + NAME + 2) else 0
        slot -= name
        height = min(max(slot - (4 if slot >= scaled(22) else 2), 12.0), scaled(30))
        air = min(slot - height, scaled(4 if name else 14))
    used = count * (height + name + air) - air
    y = (top + bottom - used) / 2 + name
    for index, label in enumerate(unit_names(model, layer, count)):
        yield UnitBox(layer, index, QRectF(x, y, width, height), label, not roomy, roomy or name > 0)
        y += height + name + air


def unit_names(model: ModelSummary, layer: int, count: int) -> Sequence[str]:
    """Columns at the input, classes or targets at the output, h₁, h₂ in between."""
    if layer < 0:
        names = model.feature_names if len(model.feature_names) == count else ()
        return names or [f"x{lowered(n + 1)}" for n in range(count)]
    if layer == len(model.layers) - 1:
        return output_names(model, count)
    return [f"h{lowered(n + 1)}" for n in range(count)]


def output_names(model: ModelSummary, count: int) -> Sequence[str]:
    """What the units of the output layer stand for."""
    names: Sequence[str] = ()
    if model.task == "reconstruction":
        names = model.feature_names
    elif model.task in ("regression", "multilabel"):
        names = model.targets
    elif model.task == "binary" and count == 1 and len(model.class_names) == 2:
        names = model.class_names[1:]
    elif model.class_names:
        names = model.class_names
    return names if len(names) == count else [f"o{lowered(n + 1)}" for n in range(count)]


def lowered(number: int) -> str:
    """A number as an index: ₁₂."""
    return str(number).translate(_LOWERED)


def _headings(model: ModelSummary, columns: Sequence[Sequence[UnitBox]], stride: float) -> Iterator[Heading]:
    titles = [(tr("Input"), _shape_words(len(columns[0])))]
    for layer in model.layers:
        title = f"{layer.name} · {layer.subtitle}" if layer.subtitle else layer.name
        source = "x" if layer.index == 0 else "h"
        titles.append((title, f"z = {source} W + b" if layer.affine else ""))
    for number, (column, (title, rule)) in enumerate(zip(columns, titles, strict=True)):
        centre = column[0].area.center().x()
        room = max(stride, scaled(104)) if number else min(2 * centre, stride)
        yield Heading(
            number - 1, QRectF(centre - room / 2, scaled(4), room, scaled(HEADING - 8)), title, rule
        )


def _shape_words(count: int) -> str:
    return f"({count},)"


def _edges(model: ModelSummary, columns: Sequence[Sequence[UnitBox]]) -> Iterator[Edge]:
    for layer, (before, after) in zip(model.layers, pairwise(columns), strict=True):
        for target in after:
            sources = before if layer.affine else [before[target.index]]
            for source in sources:
                start = QPointF(source.area.right(), source.area.center().y())
                end = QPointF(target.area.left(), target.area.center().y())
                yield Edge(layer.index, source.index, target.index, start, end, layer.affine)


def _distance(edge: Edge, place: QPointF) -> float:
    """From a point to the line between the ends, in pixels."""
    across, down = edge.end.x() - edge.start.x(), edge.end.y() - edge.start.y()
    length = across * across + down * down or 1.0
    share = ((place.x() - edge.start.x()) * across + (place.y() - edge.start.y()) * down) / length
    share = min(max(share, 0.0), 1.0)
    return math.hypot(place.x() - edge.start.x() - share * across, place.y() - edge.start.y() - share * down)
