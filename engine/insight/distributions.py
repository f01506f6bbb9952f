"""How the numbers of each layer are spread, now and in the course of a run.

A range that a few numbers far out cannot stretch: what lies beyond it is counted at its ends, what is not
finite is counted apart. A run's record holds such distributions at some of its steps, from the first to the
last.
"""

import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.insight.query import Query
from engine.insight.unit_sample import unit_sample
from engine.network import Network
from engine.training.trainer import Trainer

LayerQuantity = Literal["weights", "biases", "gradients", "activations", "updates"]
QUANTITIES: tuple[LayerQuantity, ...] = get_args(LayerQuantity)

FEWEST_BINS, MOST_BINS = 11, 41
LEVELS = (0.0, 0.02, 0.25, 0.5, 0.75, 0.98, 1.0)
"""Quantiles that are kept of each distribution; the first and the last are the smallest and largest value."""
TAIL = 0.01
"""Part of the values at either end that may lie beyond the range."""
REACH = 1.5
"""How far beyond the others such values may be and still be inside, in ranges of the others."""
MOST_SAMPLED = 20_000
"""Numbers of a layer that quantiles and the record are taken of; of more, evenly spaced ones."""
AT_ONCE = 65_536
"""Numbers that are counted at a time."""
MOST_SNAPSHOTS = 160
COST_SHARE = 0.01
"""Part of the time that the record may take."""
SHORTEST_S = 0.1


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts over a robust range; what lies outside is counted at the ends, never stretches the axis."""

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    """(bins + 1,); symmetric around 0, except of activations."""
    below: int
    above: int
    non_finite: int
    mean: float
    std: float
    largest: float
    """Largest absolute value."""
    quantiles: NDArray[np.float64]
    """At LEVELS, of the finite values; NaN where there is none."""


@dataclass(frozen=True, eq=False)
class LayerHistogram:
    """How one quantity of a layer is spread."""

    layer: int
    """Index in the network."""
    name: str
    histogram: Histogram


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The distributions of one quantity at one step, of each layer that has it; layers in their order."""

    step: int
    epoch: float
    layers: tuple[LayerHistogram, ...]


@dataclass(frozen=True)
class HistogramsQuery(Query[tuple[LayerHistogram, ...]]):
    """One histogram of a quantity for each layer that has it, of all its numbers together, as they are now.

    Gradients are those of the last batch. Activations are those of a fixed sample of training rows. Updates
    are the mean change of a weight per step since the record's last look; there are none before the second.
    """

    quantity: LayerQuantity = "weights"

    def answer(self, trainer: Trainer) -> tuple[LayerHistogram, ...]:
        if self.quantity == "updates":
            found = record_of(trainer).snapshots("updates")
            return found[-1].layers if found else ()
        return _histograms(trainer.network, values_of(trainer, self.quantity))


@dataclass(frozen=True)
class DistributionsQuery(Query[tuple[Snapshot, ...]]):
    """What the record of the run holds of a quantity, from the first to the last of its steps."""

    quantity: LayerQuantity

    def answer(self, trainer: Trainer) -> tuple[Snapshot, ...]:
        return record_of(trainer).snapshots(self.quantity)


class DistributionRecord:
    """Distributions of a run at some of its steps.

    `observe` is called between two steps, as often as one likes: it takes no more than a hundredth of the
    time that passes. Of 160 snapshots every other one goes, so that the steps of a long run are evenly
    covered; the first and the last always stay. Nothing of the run is changed.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._snapshots: list[dict[LayerQuantity, Snapshot]] = []
        self._due = -np.inf
        self._before: dict[int, Array] = {}
        """The sampled weights at the last look."""

    def observe(self, trainer: Trainer) -> None:
        """Take a snapshot where one is due."""
        began = self._clock()
        last = self._snapshots[-1]["weights"].step if self._snapshots else None
        if began < self._due or trainer.step == last:
            return
        if last is not None and trainer.step < last:
            # The weights of an earlier step were taken back.
            self._snapshots = [s for s in self._snapshots if s["weights"].step < trainer.step]
            self._before.clear()
        self._snapshots.append(self._snapshot(trainer, last))
        if len(self._snapshots) > MOST_SNAPSHOTS:
            self._snapshots = [*self._snapshots[:-1:2], self._snapshots[-1]]
        now = self._clock()
        self._due = now + max((now - began) / COST_SHARE, SHORTEST_S)

    def snapshots(self, quantity: LayerQuantity) -> tuple[Snapshot, ...]:
        """Those of a quantity, in the order of their steps."""
        found = (snapshot.get(quantity) for snapshot in self._snapshots)
        return tuple(snapshot for snapshot in found if snapshot is not None and snapshot.layers)

    def _snapshot(self, trainer: Trainer, last: int | None) -> dict[LayerQuantity, Snapshot]:
        values: dict[LayerQuantity, Mapping[int, Array]] = {
            quantity: {index: sampled(array) for index, array in values_of(trainer, quantity).items()}
            for quantity in QUANTITIES
            if quantity != "updates" and (quantity != "gradients" or trainer.step)
        }
        weights = {index: array.copy() for index, array in values["weights"].items()}
        if last is not None and self._before.keys() == weights.keys():
            with np.errstate(all="ignore"):
                steps = max(trainer.step - last, 1)
                values["updates"] = {i: (weights[i] - self._before[i]) / steps for i in weights}
        self._before = weights
        step, epoch = trainer.step, trainer.position
        return {
            quantity: Snapshot(step, epoch, _histograms(trainer.network, arrays))
            for quantity, arrays in values.items()
        }


_records: "weakref.WeakKeyDictionary[Trainer, DistributionRecord]" = weakref.WeakKeyDictionary()


def record_of(trainer: Trainer) -> DistributionRecord:
    """The record of a run; it goes with the run."""
    return _records.setdefault(trainer, DistributionRecord())


def values_of(trainer: Trainer, quantity: LayerQuantity) -> dict[int, Array]:
    """All numbers of a quantity by index of the layer, flat; weights are what L1 and L2 act on."""
    network = trainer.network
    if quantity == "activations":
        return {index: values.ravel() for index, values in unit_sample(trainer).layers.items()}
    views = network.gradient_views if quantity == "gradients" else network.parameter_views
    found = {}
    for index, layer in enumerate(network.layers):
        weights = layer.penalized() & views[index].keys()
        names = sorted(views[index].keys() - weights if quantity == "biases" else weights)
        if len(names) == 1:
            found[index] = views[index][names[0]].ravel()
        elif names:
            found[index] = np.concatenate([views[index][name].ravel() for name in names])
    return found


def sampled(values: Array) -> Array:
    """At most 20,000 evenly spaced ones of flat values."""
    if len(values) <= MOST_SAMPLED:
        return values
    return values[np.linspace(0, len(values) - 1, MOST_SAMPLED).astype(np.intp)]


def histogram(values: Array) -> Histogram:
    """Counts of values over a robust range; what is outside or not finite is counted apart.

    The range holds the middle 98 % of the values, and others up to one and a half times the range of these
    away. It is symmetric around 0 where values have both signs. The number of bins grows with the cube root
    of the number of values (Rice's rule, a little finer).
    """
    flat: NDArray[np.floating[Any]] = values.ravel()
    with np.errstate(all="ignore"):
        total = flat.sum()
    finite = flat if np.isfinite(total) else flat[np.isfinite(flat)]
    bins = int(np.clip(3 * np.cbrt(flat.size), FEWEST_BINS, MOST_BINS)) | 1
    non_finite = flat.size - finite.size
    if not finite.size:
        edges = np.linspace(-1.0, 1.0, bins + 1)
        nothing = np.full(len(LEVELS), np.nan)
        return Histogram(np.zeros(bins, np.int64), edges, 0, 0, non_finite, 0.0, 0.0, 0.0, nothing)
    sample = np.sort(sampled(finite).astype(np.float64))
    quantiles = np.array(np.quantile(sample, LEVELS), np.float64)
    quantiles[0], quantiles[-1] = finite.min(), finite.max()
    low, high = _range(sample)
    counts, below, above = _count(finite, low, high, bins)
    edges = np.linspace(low, high, bins + 1)
    largest = float(max(-quantiles[0], quantiles[-1]))
    # The squares of numbers of double precision may be beyond it.
    with np.errstate(over="ignore", invalid="ignore"):
        mean, std = float(finite.mean(dtype=np.float64)), float(finite.std(dtype=np.float64))
    for array in (counts, edges, quantiles):
        array.flags.writeable = False
    return Histogram(counts, edges, below, above, non_finite, mean, std, largest, quantiles)


def _count(
    values: NDArray[np.floating[Any]], low: float, high: float, bins: int
) -> tuple[NDArray[np.int64], int, int]:
    """How many finite values are in each bin, below and above; in pieces that stay in the cache."""
    counts, below, above = np.zeros(bins, np.int64), 0, 0
    for start in range(0, len(values), AT_ONCE):
        piece = values[start : start + AT_ONCE].astype(np.float64)
        under, over = piece < low, piece > high
        below, above = below + int(np.count_nonzero(under)), above + int(np.count_nonzero(over))
        if under.any() or over.any():
            piece = piece[~(under | over)]
        # Halves: the difference of two very large numbers need not be one.
        places = (piece / 2 - low / 2) / (high / 2 - low / 2) * bins
        # The upper end of the range belongs to the last bin.
        places = np.minimum(places.astype(np.int64), bins - 1)
        counts += np.bincount(places, minlength=bins)
    return counts, below, above


def _range(ordered: NDArray[np.float64]) -> tuple[float, float]:
    """Of sorted finite values; low < high."""
    last = len(ordered) - 1
    low, high = ordered[round(TAIL * last)], ordered[round((1 - TAIL) * last)]
    with np.errstate(over="ignore"):
        reach = REACH * (high - low)
    kept = ordered[(ordered >= low - reach) & (ordered <= high + reach)]
    low, high = float(kept[0]), float(kept[-1])
    if low < 0.0:
        limit = max(-low, high)
        low, high = -limit, limit
    elif low == high:
        low, high = (0.0, high) if high > 0.0 else (-1.0, 1.0)
    return low, high


def _histograms(network: Network, values: Mapping[int, Array]) -> tuple[LayerHistogram, ...]:
    return tuple(
        LayerHistogram(index, network.names[index], histogram(array)) for index, array in values.items()
    )
