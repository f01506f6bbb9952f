"""The loss over a plane of weight space, through the present weights of a run.

Computed on a copy of the network, a piece at a time, so that neither a run nor a window waits for it.
"""

import time
import weakref
from dataclasses import dataclass

import numpy as np

from engine.data.stored_arrays import rows_of
from engine.insight.contours import Field, Interval, round_up
from engine.insight.query import Query
from engine.insight.weight_path import PathRecord, WeightFrame, WeightPath, WeightPlane, path_of
from engine.model import Model
from engine.network import Network
from engine.training.evaluator import rows_at_once
from engine.training.regularization import Penalty
from engine.training.resources import limited_to, numbers_per_sample
from engine.training.trainer import Trainer

SIDES = (33, 25, 17)
"""Points along each side: fewer of networks of which so many losses take long."""
MOST_ROWS, FEWEST_ROWS = 400, 32
"""Of the training part, evenly spaced."""
MULTIPLICATIONS = 2e10
"""Of a whole surface: about a second of work, done in pieces."""
NUMBERS_COST = 8
"""What moving one parameter costs, in multiplications of a matrix product."""
PIECE_S = 0.02
"""How long a piece of work takes."""
LEAST_REACH = {"parameters": 1.0, "random": 1.0, "path": 0.05}
"""From the middle of the plane to its edge, before a path has gone anywhere."""
FARTHEST = 1e6
"""A path that diverges is followed so far."""


@dataclass(frozen=True, eq=False)
class LossSurface:
    """The loss over a plane; read-only.

    values : (side, side), row 0 the lowest y; loss and penalty of the weights at each point, as in prediction
    (without dropout, with the running statistics). here : coordinates of the weights of step `step`, through
    which the plane goes; loss : of these. rows : training rows that count, of `of_rows`.
    with_penalty : whether L1 or L2 is part of it.
    """

    frame: WeightFrame
    x_range: Interval
    y_range: Interval
    values: Field
    here: tuple[float, float]
    loss: float
    step: int
    rows: int
    of_rows: int
    with_penalty: bool


@dataclass(frozen=True, eq=False)
class SurfaceView:
    """What there is of a surface so far.

    surface : the last complete one of this plane, or None. path : of the run in its coordinates.
    done : which part of the next surface is computed, 1 where the last one is that of the present weights.
    reason : why there is no surface yet: "" or "short", the path has not gone into a plane; "large", all of
    the path of so large a network is not kept; "none", there are no such parameters.
    probed : the loss at the point that was asked for, on the complete surface. seconds : of the answer.
    """

    surface: LossSurface | None
    path: WeightPath | None
    done: float
    reason: str
    probed: float | None
    seconds: float


@dataclass(frozen=True)
class LossSurfaceQuery(Query[SurfaceView]):
    """The loss over a plane, and the path of the run over it.

    Each answer works for about `piece` seconds on the next surface, where the weights are others than those
    of the last one, or the plane is. zoom : how much nearer than the path needs. probe : a point in the plane
    whose loss is wanted.
    """

    plane: WeightPlane
    zoom: float = 1.0
    probe: tuple[float, float] | None = None
    piece: float = PIECE_S

    def answer(self, trainer: Trainer) -> SurfaceView:
        began = time.perf_counter()
        record, workshop = path_of(trainer), _workshop_of(trainer)
        workshop.choose(self.plane, self.zoom)
        record.observe(trainer, workshop.frame(trainer, record))
        workshop.work(trainer, record, began + self.piece)
        surface = workshop.surface
        shown = surface.frame if surface is not None else workshop.frame(trainer, record)
        path = record.path(shown) if shown is not None else None
        probed = workshop.loss_at(self.probe) if self.probe is not None else None
        seconds = time.perf_counter() - began
        return SurfaceView(surface, path, workshop.done, workshop.reason(record), probed, seconds)


class _Workshop:
    """Computes the surfaces of a run, one after the other, each of the weights as they were at its start."""

    def __init__(self) -> None:
        self.surface: LossSurface | None = None
        self._wanted: tuple[WeightPlane, float] | None = None
        self._frame: WeightFrame | None = None
        self._next: _Surveyor | None = None
        self._last: _Surveyor | None = None
        """The one of the last surface."""

    def choose(self, plane: WeightPlane, zoom: float) -> None:
        """Which plane; another one begins from nothing."""
        before, self._wanted = self._wanted, (plane, zoom)
        if before is not None and before[0] != plane:
            self._frame = self.surface = self._last = None
        if before != self._wanted:
            self._next = None

    def frame(self, trainer: Trainer, record: PathRecord) -> WeightFrame | None:
        """Coordinates in the plane."""
        if self._frame is None and self._wanted is not None:
            self._frame = record.frame(trainer.network, self._wanted[0], None)
        return self._frame

    @property
    def done(self) -> float:
        return self._next.done if self._next is not None else 1.0

    def reason(self, record: PathRecord) -> str:
        """Why there is no frame; see `SurfaceView`."""
        if self._frame is not None or self._wanted is None:
            return ""
        if self._wanted[0].kind == "parameters":
            return "none"
        return "short" if record.is_whole else "large"

    def work(self, trainer: Trainer, record: PathRecord, until: float) -> None:
        """Go on with the surface under way, or begin the next."""
        if self._next is None and self._wanted is not None:
            plane, zoom = self._wanted
            frame = record.frame(trainer.network, plane, self._frame)
            if frame is None:
                return
            x_range, y_range = plane_ranges(record.path(frame), zoom)
            if self._is_up_to_date(trainer, (x_range, y_range)):
                return
            self._frame = frame
            self._next = _Surveyor(trainer, frame, x_range, y_range)
        if self._next is not None and self._next.work(until):
            self.surface, self._last, self._next = self._next.result(), self._next, None

    def _is_up_to_date(self, trainer: Trainer, ranges: tuple[Interval, Interval]) -> bool:
        """Whether the last surface is that of the present weights, penalties and ranges."""
        last, training = self._last, trainer.experiment.training
        # Weights that a person edits are others at the same step.
        return (
            last is not None
            and last.ranges == ranges
            and last.base[1] == (training.l1, training.l2)
            and np.array_equal(last.base[0], trainer.network.parameters, equal_nan=True)
        )

    def loss_at(self, point: tuple[float, float]) -> float | None:
        """The loss at a point of the complete surface."""
        return self._last.loss_at(point) if self._last is not None else None


_workshops: "weakref.WeakKeyDictionary[Trainer, _Workshop]" = weakref.WeakKeyDictionary()


def _workshop_of(trainer: Trainer) -> _Workshop:
    return _workshops.setdefault(trainer, _Workshop())


class _Surveyor:
    """One surface under way, on a copy of the network."""

    def __init__(self, trainer: Trainer, frame: WeightFrame, x_range: Interval, y_range: Interval) -> None:
        training, part = trainer.experiment.training, trainer.dataset.training
        network = self._network = trainer.network.copy_with_shared_gradients()
        self._frame, self.ranges = frame, (x_range, y_range)
        self.base = network.parameters.copy(), (training.l1, training.l2)
        self._here = frame.coordinates(self.base[0])
        side, count = resolution(network, part.rows_count)
        self._of_rows, self._step = part.rows_count, trainer.step
        rows = np.linspace(0, part.rows_count - 1, count).astype(np.intp)
        self._inputs = rows_of(part.inputs, rows)
        self._targets = part.targets[rows]
        self._weights = None if part.weights is None else part.weights[rows]
        self._evaluator = Model.of(
            trainer.experiment, trainer.model.preparation, network, trainer.loss
        ).evaluator
        self._spaces = network.workspaces(count)
        # Its value alone is asked for: that writes to nothing that belongs to the run.
        self._penalty = Penalty(network, training.l1, training.l2)
        self._loss = self._loss_now()
        self._values = np.full((side, side), np.nan)
        self._count = 0

    @property
    def done(self) -> float:
        return self._count / self._values.size

    def work(self, until: float) -> bool:
        """Compute losses until it is that late, one at least; whether all are there."""
        side = len(self._values)
        across, up = (np.linspace(*one, side) for one in self.ranges)
        with limited_to(1), np.errstate(all="ignore"):
            while self._count < self._values.size:
                row, column = divmod(self._count, side)
                self._values[row, column] = self.loss_at((float(across[column]), float(up[row])))
                self._count += 1
                if time.perf_counter() >= until:
                    break
        return self._count == self._values.size

    def loss_at(self, point: tuple[float, float]) -> float:
        """The loss at a point of the plane."""
        self._frame.move(self.base[0], self._here, point, self._network.parameters)
        with limited_to(1):
            return self._loss_now()

    def result(self) -> LossSurface:
        """The surface, once all of it is there."""
        self._values.flags.writeable = False
        return LossSurface(
            self._frame,
            *self.ranges,
            self._values,
            self._here,
            self._loss,
            self._step,
            len(self._inputs),
            self._of_rows,
            self._penalty.active,
        )

    def _loss_now(self) -> float:
        with np.errstate(all="ignore"):
            output = self._network.forward(self._inputs, self._spaces.rows(len(self._inputs)))
            loss = self._evaluator.loss(output, self._targets, self._weights)
            return loss + self._penalty.value() if self._penalty.active else loss


def resolution(network: Network, rows: int) -> tuple[int, int]:
    """Points along each side of a surface, and how many of so many rows it is of."""
    stages = zip(network.layers, network.shapes, strict=False)
    cost = sum(layer.multiplications(before) for layer, before in stages)
    moving = NUMBERS_COST * len(network.parameters)
    at_once = rows_at_once(numbers_per_sample(network.layers, network.shapes))
    most = max(min(MOST_ROWS, rows, at_once), 1)
    for side in SIDES:
        affordable = int((MULTIPLICATIONS / side**2 - moving) / max(cost, 1))
        if affordable >= min(most, 4 * FEWEST_ROWS):
            return side, min(most, affordable)
    return SIDES[-1], max(min(most, max(affordable, FEWEST_ROWS)), 1)


def plane_ranges(path: WeightPath, zoom: float = 1.0) -> tuple[Interval, Interval]:
    """What the plane spans along x and y so that the path is in it: round numbers that seldom change.

    zoom : how many times nearer it is, around the present point.
    """
    least = LEAST_REACH[path.plane.kind]
    found = []
    for values in path.points.T:
        finite = np.clip(values[np.isfinite(values)], -FARTHEST, FARTHEST)
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
        present = float(finite[-1]) if len(finite) else 0.0
        middle, reach = (low + high) / 2, max(0.65 * (high - low), least)
        if zoom != 1.0:
            reach = reach / zoom
            middle = present if zoom > 1.0 else middle
        reach = round_up(reach)
        middle = round(middle / (reach / 4)) * (reach / 4)
        found.append((middle - reach, middle + reach))
    return found[0], found[1]
