"""Makes snapshots: read-only copies of what the window asked for, on the worker, at a step boundary."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.training.snapshot import DecisionMap, Histogram, LayerSnapshot, Snapshot, Wanted
from engine.training.trainer import Trainer

FEWEST_BINS, MOST_BINS = 11, 41
MOST_NEURON_MAPS = 64
"""Layers with more units than this get no small maps: nobody could tell them apart."""


class Observer:
    """Looks at a trainer without changing anything in it: forward passes here use their own arrays."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._grids: dict[int, Array] = {}

    def snapshot(self, wanted: Wanted, run: int) -> Snapshot:
        """A frozen view of the run now; what is not wanted is left out."""
        trainer = self._trainer
        maps = self._neuron_maps(wanted.neuron_maps) if wanted.neuron_maps else {}
        layers = tuple(self._layer(index, wanted, maps) for index in range(len(trainer.network.layers)))
        decision = self._decision_map(wanted.decision_map) if wanted.decision_map else None
        return Snapshot(run, trainer.step, trainer.position, layers, decision)

    def _layer(self, index: int, wanted: Wanted, maps: dict[int, Array]) -> LayerSnapshot:
        network = self._trainer.network
        parameters, gradients = network.parameter_views[index], network.gradient_views[index]
        weight = parameters.get("weight")
        copied = wanted.weights and weight is not None
        weights = sorted(network.layers[index].penalized() & parameters.keys())
        counted = wanted.histograms and weights
        return LayerSnapshot(
            index,
            network.names[index],
            network.layers[index].kind,
            weight=frozen(weight) if copied and weight is not None else None,
            bias=frozen(parameters["bias"]) if copied and "bias" in parameters else None,
            weight_histogram=_histogram_of(parameters, weights) if counted else None,
            gradient_histogram=_histogram_of(gradients, weights) if counted else None,
            neuron_maps=maps.get(index),
        )

    def _grid(self, side: int) -> Array | None:
        """Prepared inputs for side × side points of the plane, row by row from the lowest x₂; or None."""
        dataset = self._trainer.dataset
        if dataset.plane is None:
            return None
        if side not in self._grids:
            (left, right), (low, high) = dataset.plane
            x, y = np.meshgrid(np.linspace(left, right, side), np.linspace(low, high, side))
            self._grids[side] = dataset.plane_inputs(np.column_stack([x.ravel(), y.ravel()]))
        return self._grids[side]

    def _decision_map(self, side: int) -> DecisionMap | None:
        trainer, grid = self._trainer, self._grid(side)
        plane = trainer.dataset.plane
        if grid is None or plane is None or trainer.dataset.task == "reconstruction":
            # A reconstruction of a point is a point of the plane, not a value over it.
            return None
        with np.errstate(all="ignore"):
            values = trainer.predict(grid)
        if trainer.dataset.task == "regression":
            values = trainer.dataset.in_target_units(values)
        shaped = frozen(values.reshape(side, side, -1).astype(np.float32))
        return DecisionMap(plane[0], plane[1], shaped)

    def _neuron_maps(self, side: int) -> dict[int, Array]:
        trainer, grid = self._trainer, self._grid(side)
        if grid is None:
            return {}
        network = trainer.network
        wanted = {
            index: np.empty((len(grid), shape[0]), network.dtype)
            for index, shape in enumerate(network.shapes[1:])
            if len(shape) == 1 and shape[0] <= MOST_NEURON_MAPS
        }
        with np.errstate(all="ignore"):
            trainer.evaluator.all_activations(grid, wanted)
        return {index: frozen(values.T.reshape(-1, side, side)) for index, values in wanted.items()}


def _histogram_of(arrays: Mapping[str, Array], names: Sequence[str]) -> Histogram:
    """Of all weights of a layer together; layers inside others bring theirs."""
    if len(names) == 1:
        return histogram(arrays[names[0]])
    return histogram(np.concatenate([arrays[name].ravel() for name in names]))


def histogram(values: Array) -> Histogram:
    """Counts of values over a robust, symmetric range; what is outside or not finite is counted apart.

    The number of bins grows with the cube root of the number of values (Rice's rule, a little finer).
    """
    flat: NDArray[np.floating[Any]] = values.ravel()
    bins = int(np.clip(3 * np.cbrt(flat.size), FEWEST_BINS, MOST_BINS)) | 1
    with np.errstate(all="ignore"):
        total = flat.sum()
    finite = flat if np.isfinite(total) else flat[np.isfinite(flat)]
    non_finite = flat.size - finite.size
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    deviation = float(finite.std(dtype=np.float64)) if finite.size else 0.0
    mean = float(finite.mean(dtype=np.float64)) if finite.size else 0.0
    # Four deviations hold nearly everything; an outlier further out must not flatten the rest.
    limit = min(largest, abs(mean) + 4 * deviation) or largest or 1.0
    edges = np.linspace(-limit, limit, bins + 1)
    places = np.floor((finite.astype(np.float64) + limit) * (bins / (2 * limit))).astype(np.int64)
    places[finite == limit] = bins - 1
    below, above = int((places < 0).sum()), int((places >= bins).sum())
    inside = places[(places >= 0) & (places < bins)] if below or above else places
    counts = np.bincount(inside, minlength=bins).astype(np.int64)
    return Histogram(frozen(counts), frozen(edges), below, above, non_finite, mean, deviation, largest)


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """A read-only, contiguous copy."""
    copy = np.array(values, order="C")
    copy.flags.writeable = False
    return copy
