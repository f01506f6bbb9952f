"""The finished geometry of a network drawing, and what lies under a point of it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath

from gui.kit.numbers import quantity_text, reading_text, shape_text
from gui.kit.text import tr
from gui.panels.network.plan import LiveValues, Plan, Stage

SAMPLES = 12
"""Points of an edge on which hits are tested and through which long runs of edges are drawn."""


@dataclass(frozen=True)
class Column:
    """A stage at its place. body: all units together, or the block. label_width: room beside the units."""

    stage: Stage
    heading: QRectF
    lines: tuple[str, str]
    body: QRectF
    units: tuple[QRectF, ...]
    outside_labels: float

    @property
    def outline(self) -> QRectF:
        """What is framed where the column is selected, and clicked to select it."""
        return self.heading.united(self.body).adjusted(-8, -6, 8, 8)


@dataclass(frozen=True)
class Gate:
    """A layer without units, as a bar across the way from one column to the next."""

    stage: Stage
    body: QRectF


@dataclass(frozen=True, eq=False)
class Edges:
    """All edges into one column, in the order of its weight matrix (inputs, units) row by row."""

    source: int
    """Index of the column they come from; they end in the next."""
    starts: NDArray[np.float64]
    """(edges, 2)."""
    ends: NDArray[np.float64]

    @cached_property
    def paths(self) -> list[QPainterPath]:
        paths = []
        for (x, y), (to_x, to_y) in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            path = QPainterPath(QPointF(x, y))
            middle = (x + to_x) / 2
            path.cubicTo(middle, y, middle, to_y, to_x, to_y)
            paths.append(path)
        return paths

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """(edges, samples + 1, 2), along the same curves."""
        t = np.linspace(0, 1, SAMPLES + 1)[:, None]
        middle = (self.starts + self.ends) / 2
        first = np.stack([middle[:, 0], self.starts[:, 1]], axis=-1)
        second = np.stack([middle[:, 0], self.ends[:, 1]], axis=-1)
        start, one, two, end = (p[:, None, :] for p in (self.starts, first, second, self.ends))
        return (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * one + 3 * (1 - t) * t**2 * two + t**3 * end

    @cached_property
    def segments(self) -> list[list[QLineF]]:
        return [[QLineF(*one, *other) for one, other in pairwise(points)] for points in self.points.tolist()]


@dataclass(frozen=True, eq=False)
class Layout:
    """The finished geometry. arrows: from block to block, where blocks are drawn."""

    plan: Plan
    size: QSizeF
    columns: tuple[Column, ...]
    gates: tuple[Gate, ...]
    edges: tuple[Edges, ...]
    arrows: tuple[tuple[QPointF, ...], ...]
    unit_size: float

    @property
    def edge_count(self) -> int:
        return sum(len(edges.starts) for edges in self.edges)

    def unit_at(self, position: QPointF) -> tuple[int, int] | None:
        """Column and unit under a point."""
        for index, column in enumerate(self.columns):
            for unit, rect in enumerate(column.units):
                if rect.adjusted(-1, -1, 1, 1).contains(position):
                    return index, unit
        return None

    def edge_at(self, position: QPointF, reach: float = 5.0) -> tuple[int, int] | None:
        """The nearest edge within reach: index into `edges`, and edge in it."""
        best, found = reach, None
        point = np.array([position.x(), position.y()])
        for index, edges in enumerate(self.edges):
            if not edges.starts[0, 0] <= point[0] <= edges.ends[0, 0]:
                continue
            distances = _distances(edges.points, point)
            nearest = int(distances.argmin())
            if distances[nearest] < best:
                best, found = float(distances[nearest]), (index, nearest)
        return found

    def stage_at(self, position: QPointF) -> Stage | None:
        """The gate or the column under a point."""
        for gate in self.gates:
            if gate.body.contains(position):
                return gate.stage
        for column in self.columns:
            if column.outline.contains(position):
                return column.stage
        return None

    def outline_of(self, layer: int) -> QRectF | None:
        """What is framed where that layer is selected."""
        for gate in self.gates:
            if gate.stage.layer == layer:
                return gate.body.adjusted(-4, -4, 4, 4)
        for column in self.columns:
            if column.stage.layer == layer:
                return column.outline
        return None


def _distances(points: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of a point from each polyline (edges, samples, 2)."""
    start, way = points[:, :-1], np.diff(points, axis=1)
    along = ((point - start) * way).sum(axis=-1) / np.maximum((way**2).sum(axis=-1), 1e-12)
    nearest = start + np.clip(along, 0, 1)[..., None] * way
    least: NDArray[np.float64] = np.linalg.norm(nearest - point, axis=-1).min(axis=-1)
    return least


def describe_edge(layout: Layout, values: LiveValues, bundle: int, edge: int) -> str:
    """ "x₁ → Dense 1, unit 3: weight 0.482"."""
    source = layout.columns[layout.edges[bundle].source].stage
    target = layout.columns[layout.edges[bundle].source + 1].stage
    one, other = divmod(edge, target.units)
    names = f"{source.unit_name(one)} → {target.unit_name(other)}"
    weight = values.weights.get(target.layer) if target.layer is not None else None
    if weight is None or weight.shape != (source.units, target.units):
        return tr("{names}: weight not known yet", names=names)
    return tr("{names}: weight {weight}", names=names, weight=reading_text(float(weight[one, other])))


def describe_unit(layout: Layout, values: LiveValues, column: int, unit: int) -> str:
    """Name, bias, and the range of what the unit answers over the plane of the inputs."""
    stage = layout.columns[column].stage
    lines = [stage.unit_name(unit)]
    if stage.layer is not None:
        bias, maps = values.biases.get(stage.layer), values.maps.get(stage.layer)
        if bias is not None and len(bias) == stage.units:
            lines.append(f"bias {reading_text(float(bias[unit]))}")
        if maps is not None and len(maps) == stage.units:
            low, high = float(np.min(maps[unit])), float(np.max(maps[unit]))
            lines.append(tr("output {low} to {high}", low=reading_text(low), high=reading_text(high)))
    return "\n".join(lines)


def describe_stage(stage: Stage, values: LiveValues) -> str:
    """Name, shape, parameters; where the weights are known, how large they are."""
    name = f"{stage.name} · {stage.subtitle}" if stage.subtitle else stage.name
    lines = [tr("{name}, shape {shape}", name=name, shape=shape_text(stage.shape))]
    if stage.parameters:
        lines.append(quantity_text(stage.parameters, "parameter", "parameters"))
    weight = values.weights.get(stage.layer) if stage.layer is not None else None
    if weight is not None and weight.size:
        spread, largest = reading_text(float(np.std(weight))), reading_text(float(np.abs(weight).max()))
        lines.append(tr("weights: deviation {spread}, largest {largest}", spread=spread, largest=largest))
    return "\n".join(lines)


def describe_network(plan: Plan | None, selected: int | None) -> str:
    """The whole drawing in one or two sentences."""
    if plan is None:
        return ""
    stages = [stage for column in plan.columns for stage in (column, *column.gates)]
    parts = [f"{stage.name} with {quantity_text(stage.units, 'value', 'values')}" for stage in stages]
    chosen = next((stage.name for stage in stages if stage.layer == selected and selected is not None), "")
    sentence = tr("From input to output: {join}. Left and Right select a layer.", join=", ".join(parts))
    return tr("{sentence} {chosen} is selected.", sentence=sentence, chosen=chosen) if chosen else sentence
