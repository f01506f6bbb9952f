"""Statistics of each layer: saturated and dead units, size of gradients and updates, correlation of units."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.insight.query import Query
from engine.insight.unit_sample import unit_sample
from engine.layers import Layer
from engine.training.trainer import Trainer

SATURATED = 0.015
"""Part of the range of a bounded function at either end that counts as saturated: |tanh| above .97, a sigmoid
below .015 or above .985; there slopes are below 6 % of the largest. After Glorot & Bengio 2010."""
USUAL_LOG_RATIO = -3.0
"""Common logarithm of a usual ratio of update to weight (Karpathy, CS231n notes)."""
RECENT_STEPS = 100
MOST_CORRELATED = 64
"""Units whose correlations are shown; of more, the first ones."""


@dataclass(frozen=True)
class LayerStatistics:
    """Of one layer; None where a number has no meaning for it.

    saturated : part of the activations at the flat ends of tanh, sigmoid and the like. dead : units whose
    output is never above 0 over the sample, of a ReLU. units : of them all. gradient : root mean square
    of the gradient of its parameters in the last batch, before clipping. log_ratio : common logarithm
    of the median ratio of update to weights over the last 100 steps. mean, std : of its finite activations.
    non_finite : how many are not.
    """

    layer: int
    name: str
    units: int
    mean: float
    std: float
    non_finite: int
    saturated: float | None = None
    dead: int | None = None
    gradient: float | None = None
    log_ratio: float | None = None


@dataclass(frozen=True, eq=False)
class NetworkStatistics:
    """Of all layers, from a fixed sample of training rows. rows : how many these are."""

    rows: int
    layers: tuple[LayerStatistics, ...]


@dataclass(frozen=True)
class LayerStatisticsQuery(Query[NetworkStatistics]):
    """Statistics of each layer as it is now."""

    def answer(self, trainer: Trainer) -> NetworkStatistics:
        network, sample = trainer.network, unit_sample(trainer)
        layers = tuple(
            _statistics(trainer, index, network.layers[index], sample.layers[index])
            for index in range(len(network.layers))
        )
        return NetworkStatistics(sample.rows, layers)


@dataclass(frozen=True, eq=False)
class UnitCorrelations:
    """Pearson's correlation of the units of a layer over the sample, (shown, shown); NaN for one that never
    changes. units : how many the layer has. rows : that the sample has.
    """

    layer: int
    matrix: NDArray[np.float64]
    units: int
    rows: int


@dataclass(frozen=True)
class UnitCorrelationsQuery(Query[UnitCorrelations | None]):
    """How alike the units of a layer are; None where there is no such layer."""

    layer: int

    def answer(self, trainer: Trainer) -> UnitCorrelations | None:
        if not 0 <= self.layer < len(trainer.network.layers):
            return None
        sample = unit_sample(trainer)
        values = sample.layers[self.layer]
        return UnitCorrelations(
            self.layer, correlations(values[:, :MOST_CORRELATED]), values.shape[1], sample.rows
        )


def correlations(values: Array) -> NDArray[np.float64]:
    """Pearson's correlation of columns, (columns, columns); NaN beside one that is constant or not finite."""
    x = values.astype(np.float64)
    with np.errstate(all="ignore"):
        x = x - x.mean(axis=0)
        norms = np.sqrt((x * x).sum(axis=0))
        # What rounding leaves of a constant is no change.
        norms[norms <= 1e-12 * np.abs(values).max(axis=0) * math.sqrt(max(len(x), 1))] = np.nan
        found: NDArray[np.float64] = np.clip((x / norms).T @ (x / norms), -1.0, 1.0)
    found.flags.writeable = False
    return found


def _statistics(trainer: Trainer, index: int, layer: Layer, values: Array) -> LayerStatistics:
    finite = values[np.isfinite(values)].astype(np.float64)
    function = layer.output_activation
    saturated = dead = None
    if function is not None and function.elementwise and finite.size:
        low, high = function.bounds
        if math.isfinite(high - low):
            end = SATURATED * (high - low)
            saturated = float(np.mean((finite < low + end) | (finite > high - end)))
        elif function.flat_below_zero:
            with np.errstate(invalid="ignore"):
                dead = int(np.count_nonzero(~(values > 0).any(axis=0)))
    return LayerStatistics(
        index,
        trainer.network.names[index],
        values.shape[1],
        float(finite.mean()) if finite.size else math.nan,
        float(finite.std()) if finite.size else math.nan,
        values.size - finite.size,
        saturated,
        dead,
        _gradient(trainer, index),
        _log_ratio(trainer, index),
    )


def _gradient(trainer: Trainer, index: int) -> float | None:
    steps, column = trainer.history.steps, f"gradient_norm/{index}"
    if column not in steps or not steps.count:
        return None
    count = sum(array.size for array in trainer.network.gradient_views[index].values())
    return float(steps.read(column, steps.count - 1)[0]) / math.sqrt(max(count, 1))


def _log_ratio(trainer: Trainer, index: int) -> float | None:
    steps, column = trainer.history.steps, f"update_ratio/{index}"
    if column not in steps:
        return None
    ratios = steps.read(column, steps.count - RECENT_STEPS)
    ratios = ratios[np.isfinite(ratios) & (ratios > 0)]
    return float(np.log10(np.median(ratios))) if len(ratios) else None
