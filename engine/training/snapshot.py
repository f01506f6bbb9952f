"""Frozen copies of a run for showing: made by the worker at a step boundary, only when asked for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array


@dataclass(frozen=True)
class Wanted:
    """What the visible panels need of the next snapshot. Everything left out costs nothing."""

    weights: bool = False
    histograms: bool = False
    decision_map: int = 0
    """Grid points along each side; 0: none. Only for two inputs."""
    neuron_maps: int = 0
    """Grid points along each side of the small map of every neuron; 0: none. Only for two inputs."""


@dataclass(frozen=True)
class Histogram:
    """Counts over a robust range; what lies outside is counted at the ends, never stretches the axis."""

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    """(bins + 1,), symmetric around 0."""
    below: int
    above: int
    non_finite: int
    mean: float
    deviation: float
    largest: float
    """Largest absolute value."""


@dataclass(frozen=True)
class LayerSnapshot:
    """One layer of the network at this step; weight and bias are read-only copies or None."""

    index: int
    name: str
    kind: str
    weight: Array | None = None
    """(inputs, units) for Dense."""
    bias: Array | None = None
    weight_histogram: Histogram | None = None
    gradient_histogram: Histogram | None = None
    neuron_maps: Array | None = None
    """(units, side, side), outputs of the layer over the plane of the two inputs; row 0 is the lowest x₂."""


@dataclass(frozen=True)
class DecisionMap:
    """Predictions over the plane of the two inputs, in the inputs' own units."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    values: NDArray[np.float32]
    """(side, side, k): class probabilities, the one probability of "yes", or the predicted number
    (k = 1 for the last two). Row 0 is the lowest x₂."""


@dataclass(frozen=True)
class Snapshot:
    """A frozen view of a run. It names its run and step, so that a late one can be dropped."""

    run: int
    step: int
    epoch: float
    layers: tuple[LayerSnapshot, ...] = ()
    decision_map: DecisionMap | None = None
