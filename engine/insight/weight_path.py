"""The path that the weights of a run take, and the planes of weight space that it is looked at in."""

import weakref
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.network import Network
from engine.training.parameter_edits import Edit, ParameterEdit
from engine.training.trainer import Trainer

Points = NDArray[np.float64]

MOST_POINTS, FEWEST_POINTS = 400, 16
"""Of a path; where there are more, every second one goes."""
MOST_NUMBERS = 16_000_000
"""Of all points of a path together. Of networks so large that this is fewer points than `FEWEST_POINTS`, only
the coordinates in the plane at hand are kept."""


@dataclass(frozen=True)
class ParameterPlace:
    """One weight or bias: index of the layer, name of the array, position in it."""

    layer: int
    name: str
    index: tuple[int, ...]


@dataclass(frozen=True)
class WeightPlane:
    """Which two directions are looked along.

    kind : "parameters", along the two numbers x and y; "random", along two random directions, each filter
    scaled to the norm of the filter's weights (biases stay as they are); "path", along the two directions in
    which the recorded path of the run reaches furthest. seed : of the random ones.
    Reference: Li, Xu, Taylor, Studer & Goldstein 2018, Visualizing the loss landscape of neural nets.
    """

    kind: Literal["parameters", "random", "path"] = "parameters"
    x: ParameterPlace | None = None
    y: ParameterPlace | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class WeightFrame:
    """Coordinates in a plane: what moves along its axes.

    plane : where it comes from. origin : (parameters,), has the coordinates 0, 0. directions : (2,
    parameters). Both are None for two parameters, whose coordinates are their values; places : where these
    two are in the flat vector.
    """

    plane: WeightPlane
    origin: Array | None = None
    directions: Array | None = None
    places: tuple[int, int] | None = None

    def coordinates(self, vector: Array) -> tuple[float, float]:
        """Of a flat vector of parameters; of one beside the plane, those of the nearest point in it."""
        if self.origin is None or self.directions is None:
            x, y = self.places or (0, 0)
            return float(vector[x]), float(vector[y])
        with np.errstate(all="ignore"):
            away = self.directions @ (vector - self.origin)
            gram = (self.directions @ self.directions.T).astype(np.float64)
            # Two directions may be nearly one where there are few parameters.
            found = np.linalg.lstsq(gram, np.nan_to_num(away.astype(np.float64)), rcond=1e-9)[0]
        return float(found[0]), float(found[1])

    def move(self, base: Array, here: tuple[float, float], to: tuple[float, float], out: Array) -> None:
        """Write to `out` the vector `base`, of coordinates `here`, moved in the plane to others."""
        if out is not base:
            out[...] = base
        if self.directions is None:
            for place, value in zip(self.places or (), to, strict=False):
                out[place] = value
            return
        for direction, old, new in zip(self.directions, here, to, strict=True):
            if new != old:
                out += direction * out.dtype.type(new - old)

    def edits(self, network: Network, to: tuple[float, float]) -> tuple[Edit, ...]:
        """What sets the parameters of a network to a point of the plane; all that it does not move stays."""
        plane = self.plane
        if self.directions is None:
            pairs = zip((plane.x, plane.y), to, strict=True)
            return tuple(
                ParameterEdit(place.layer, place.name, place.index, values=value)
                for place, value in pairs
                if place is not None
            )
        moved = network.parameters.copy()
        self.move(network.parameters, self.coordinates(network.parameters), to, moved)
        return tuple(
            ParameterEdit(span.layer, span.name, values=moved[span.start : span.stop].reshape(span.shape))
            for span in network.spans
            if self.directions[:, span.start : span.stop].any()
        )


@dataclass(frozen=True, eq=False)
class WeightPath:
    """The path in a plane, read-only. points : (n, 2), the present ones last. steps : (n,) of the run.

    shortened : only points since the plane was chosen, as the network is too large to keep others.
    """

    plane: WeightPlane
    points: Points
    steps: NDArray[np.int64]
    shortened: bool = False


class PathRecord:
    """Keeps the path of a run, as often as it is asked to look; bounded."""

    def __init__(self, network: Network) -> None:
        size = len(network.parameters)
        most = min(MOST_NUMBERS // max(size, 1), MOST_POINTS)
        self.is_whole = most >= FEWEST_POINTS
        """Whether all parameters of each point are kept."""
        self._most = most if self.is_whole else MOST_POINTS
        self._points: list[tuple[int, Array]] = []
        self._frame: WeightFrame | None = None
        self._start: Array | None = None

    def observe(self, trainer: Trainer, frame: WeightFrame | None) -> None:
        """Note where the run stands now, if it has moved."""
        if not self.is_whole and frame is not self._frame:
            self._points, self._frame = [], frame
        vector = trainer.network.parameters
        if self.is_whole:
            here = vector
        elif frame is not None:
            here = np.array(frame.coordinates(vector))
        else:
            return
        step = trainer.step
        # Of a run that was taken back to an earlier step, or whose weights were set before the first one.
        while self._points and (self._points[-1][0] > step or (step == 0 and self._points[-1][0] == 0)):
            if step == 0 and np.array_equal(self._points[-1][1], here):
                return
            self._points.pop()
        if self._points and self._points[-1][0] == step and np.array_equal(self._points[-1][1], here):
            return
        self._points.append((step, here.copy()))
        if len(self._points) > self._most:
            self._points = [*self._points[:-1:2], self._points[-1]]

    def path(self, frame: WeightFrame) -> WeightPath:
        """Its points in a plane."""
        found = [frame.coordinates(one) if self.is_whole else tuple(one) for _, one in self._points]
        points = np.array(found, np.float64).reshape(-1, 2)
        steps = np.array([step for step, _ in self._points], np.int64)
        points.flags.writeable = steps.flags.writeable = False
        return WeightPath(frame.plane, points, steps, not self.is_whole)

    def frame(self, network: Network, plane: WeightPlane, before: WeightFrame | None) -> WeightFrame | None:
        """Coordinates in a plane, None where there are none yet; before : the last ones in this plane."""
        if plane.kind == "parameters":
            places = [flat_place(network, place) for place in (plane.x, plane.y)]
            if places[0] is None or places[1] is None or places[0] == places[1]:
                return None
            return before or WeightFrame(plane, places=(places[0], places[1]))
        if plane.kind == "random":
            if before is not None:
                return before
            origin = network.parameters.copy()
            return WeightFrame(plane, origin, random_directions(network, plane.seed))
        return self._principal(plane, before)

    def _principal(self, plane: WeightPlane, before: WeightFrame | None) -> WeightFrame | None:
        vectors = [vector for _, vector in self._points if np.isfinite(vector).all()]
        if not self.is_whole or len(vectors) < 3:
            return before
        origin = vectors[0]
        directions = principal_directions(np.stack(vectors) - origin)
        if directions is None:
            return before
        if before is not None and before.directions is not None:
            for direction, old in zip(directions, before.directions, strict=True):
                if float(direction @ old) < 0:
                    direction *= -1
        return WeightFrame(plane, origin.copy(), directions)


_records: "weakref.WeakKeyDictionary[Trainer, PathRecord]" = weakref.WeakKeyDictionary()


def path_of(trainer: Trainer) -> PathRecord:
    """The recorded path of a run; it goes with the run."""
    return _records.setdefault(trainer, PathRecord(trainer.network))


def flat_place(network: Network, place: ParameterPlace | None) -> int | None:
    """Where a parameter stands in the flat vector of a network; None where there is no such parameter."""
    for span in network.spans:
        if place is not None and (span.layer, span.name) == (place.layer, place.name):
            inside = len(place.index) == len(span.shape) and all(
                0 <= one < size for one, size in zip(place.index, span.shape, strict=True)
            )
            flat = int(np.ravel_multi_index(place.index, span.shape)) if inside and span.shape else 0
            return span.start + flat if inside else None
    return None


def random_directions(network: Network, seed: int) -> Array:
    """Two filter-normalized random directions (2, parameters).

    A filter is what leads to one unit: all of an array but its last axis. Arrays of one axis (biases, scales
    of a normalization) are not moved. A filter of zeros counts as one of norm 1.
    Reference: Li et al. 2018, section 4.
    """
    generator = np.random.default_rng(seed)
    found = np.zeros((2, len(network.parameters)), network.dtype)
    for direction in found:
        for span in network.spans:
            if len(span.shape) < 2:
                continue
            weights = network.parameters[span.start : span.stop].reshape(-1, span.shape[-1])
            values = generator.normal(size=weights.shape)
            norms = np.sqrt((weights.astype(np.float64) ** 2).sum(axis=0))
            values *= np.where(norms > 0, norms, 1.0) / np.sqrt((values**2).sum(axis=0))
            direction[span.start : span.stop] = values.ravel()
    return found


def principal_directions(away: Array) -> Array | None:
    """The two directions (2, n) of length 1 of the largest variance of points (points, n).

    None where they do not reach into a plane. By the small matrix of inner products of the points.
    Reference: Li et al. 2018, section 7.
    """
    centred = away - away.mean(axis=0)
    values, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
    if values[-2] <= 1e-12 * max(values[-1], 1e-300):
        return None
    directions = vectors[:, [-1, -2]].T.astype(away.dtype) @ centred
    lengths = np.sqrt((directions.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
    found: Array = (directions / lengths).astype(away.dtype)
    return found
