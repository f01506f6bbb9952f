"""The finished geometry of a network drawing, and what lies under a point of it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath

from gui.panels.network.plan import Plan, Stage

SAMPLES = 12
"""Points of an edge on which hits are tested."""
PIECES = 12
"""Straight lines of which an edge among many is drawn."""


@dataclass(frozen=True)
class Column:
    """A stage at its place.

    body : all units together, or the block. units : of the units shown, in order; none of a block.
    fold : under the units, where it is said how many more there are. outside_labels : width of the room
    beside the units. plus : where a shortcut is added to what the block makes.
    """

    stage: Stage
    heading: QRectF
    lines: tuple[str, str]
    body: QRectF
    units: tuple[QRectF, ...] = ()
    fold: QRectF | None = None
    outside_labels: float = 0.0
    plus: QRectF | None = None

    @property
    def right(self) -> float:
        """Where what it makes leaves it."""
        return (self.plus or self.body).right()

    @property
    def outline(self) -> QRectF:
        """What is framed where the column is selected, and clicked to select it."""
        body = self.body if self.fold is None else self.body.united(self.fold)
        return self.heading.united(body).adjusted(-8, -6, 8, 8)


@dataclass(frozen=True)
class Gate:
    """A layer without units, as a bar across the way from one column to the next."""

    stage: Stage
    body: QRectF


@dataclass(frozen=True, eq=False)
class Edges:
    """All edges into one column, in the order of the weights (inputs shown, units shown) row by row."""

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
        return self._along(SAMPLES)

    def _along(self, pieces: int) -> NDArray[np.float64]:
        """(edges, pieces + 1, 2): where even pieces of the curves begin and end."""
        t = np.linspace(0, 1, pieces + 1)[:, None]
        middle = (self.starts + self.ends) / 2
        first = np.stack([middle[:, 0], self.starts[:, 1]], axis=-1)
        second = np.stack([middle[:, 0], self.ends[:, 1]], axis=-1)
        start, one, two, end = (p[:, None, :] for p in (self.starts, first, second, self.ends))
        return (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * one + 3 * (1 - t) * t**2 * two + t**3 * end

    @cached_property
    def segments(self) -> list[list[QLineF]]:
        return [
            [QLineF(*one, *other) for one, other in pairwise(points)]
            for points in self._along(PIECES).tolist()
        ]


@dataclass(frozen=True, eq=False)
class Arc:
    """A shortcut around a block. path : from before it to the plus behind it."""

    path: QPainterPath
    plus: QRectF


@dataclass(frozen=True, eq=False)
class Layout:
    """The finished geometry.

    edges : between two columns of units. links : lines from or to a block, which stand for all its weights,
    as start and end; those to a block end in an arrow. arcs : shortcuts.
    """

    plan: Plan
    size: QSizeF
    columns: tuple[Column, ...]
    gates: tuple[Gate, ...]
    edges: tuple[Edges, ...]
    links: tuple[tuple[QPointF, QPointF, bool], ...]
    arcs: tuple[Arc, ...]
    unit_size: float

    @property
    def edge_count(self) -> int:
        return sum(len(edges.starts) for edges in self.edges)

    def ends(self, bundle: int, edge: int) -> tuple[Stage, int, Stage, int]:
        """Of an edge: the stage and the unit that it leaves, and those that it enters."""
        place = self.edges[bundle].source
        source, target = self.columns[place].stage, self.columns[place + 1].stage
        one, other = divmod(edge, len(target.shown))
        return source, source.shown[one], target, target.shown[other]

    def edge_of(self, layer: int, source: int, unit: int) -> tuple[int, int] | None:
        """The edge of one weight of a layer, where it is drawn: index into `edges`, and edge in it."""
        for bundle, edges in enumerate(self.edges):
            before, stage = self.columns[edges.source].stage, self.columns[edges.source + 1].stage
            if stage.layer == layer and source in before.shown and unit in stage.shown:
                return bundle, before.shown.index(source) * len(stage.shown) + stage.shown.index(unit)
        return None

    def place_of_unit(self, layer: int | None, unit: int) -> tuple[int, int] | None:
        """Column, and place in it, of a unit of a layer (None: of the input) where it is drawn."""
        for index, column in enumerate(self.columns):
            if column.stage.layer == layer and unit in column.stage.shown:
                return index, column.stage.shown.index(unit)
        return None

    def unit_at(self, position: QPointF) -> tuple[int, int] | None:
        """Column, and place among its units shown, under a point."""
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
