"""What the window asks of a run: parameters, histograms of them, maps over two inputs, augmented examples."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data import Dataset
from engine.data.augmentation import AnyAugmentation
from engine.data.augmentation.augmenter import Preview, preview
from engine.insight.query import Query
from engine.training.trainer import Trainer

MOST_NEURON_MAPS = 64
"""Layers with more units than this get no small maps: nobody could tell them apart."""


# --- parameters ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LayerParameters:
    """Weights and biases of one layer, as read-only copies."""

    layer: int
    """Index in the network."""
    weight: Array
    """(inputs, units) for Dense."""
    bias: Array | None


@dataclass(frozen=True)
class ParametersQuery(Query[tuple[LayerParameters, ...]]):
    """The weights and biases of all layers that have a single array of weights."""

    def answer(self, trainer: Trainer) -> tuple[LayerParameters, ...]:
        return tuple(
            LayerParameters(
                index, frozen(views["weight"]), frozen(views["bias"]) if "bias" in views else None
            )
            for index, views in enumerate(trainer.network.parameter_views)
            if "weight" in views
        )


# --- maps over the plane of two inputs -------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class DecisionMap:
    """Predictions over the plane of the two inputs, in the inputs' own units."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    values: NDArray[np.float32]
    """(side, side, k): class probabilities, the one probability of "yes", or the predicted number
    (k = 1 for the last two). Row 0 is the lowest x₂."""


@dataclass(frozen=True)
class DecisionMapQuery(Query[DecisionMap | None]):
    """Predictions at side × side points of the plane; None where there are not exactly two inputs.

    None also for reconstruction: that of a point is a point of the plane, not a value over it.
    """

    side: int

    def answer(self, trainer: Trainer) -> DecisionMap | None:
        dataset = trainer.dataset
        plane, grid = dataset.plane, _grid(dataset, self.side)
        several = len(dataset.targets) > 1
        if plane is None or grid is None or several or dataset.task == "reconstruction":
            return None
        with np.errstate(all="ignore"):
            values = trainer.predict(grid)
            if dataset.task == "regression":
                values = dataset.in_target_units(values)
            shaped = frozen(values.reshape(self.side, self.side, -1).astype(np.float32))
        return DecisionMap(plane[0], plane[1], shaped)


@dataclass(frozen=True)
class NeuronMapsQuery(Query[Mapping[int, Array]]):
    """Outputs of every unit over the plane, by index of the layer: (units, side, side), row 0 the lowest x₂.

    Empty where there are not exactly two inputs; without the layers that have too many units.
    chosen : the layers and units whose maps are wanted, (layer, units), whatever their number; None: all.
    """

    side: int
    chosen: tuple[tuple[int, tuple[int, ...]], ...] | None = None

    def answer(self, trainer: Trainer) -> Mapping[int, Array]:
        network, grid = trainer.network, _grid(trainer.dataset, self.side)
        if grid is None:
            return {}
        chosen = dict(self.chosen) if self.chosen is not None else None
        outputs = {
            index: np.empty((len(grid), shape[0]), network.dtype)
            for index, shape in enumerate(network.shapes[1:])
            if len(shape) == 1 and (shape[0] <= MOST_NEURON_MAPS if chosen is None else index in chosen)
        }
        with np.errstate(all="ignore"):
            trainer.evaluator.all_activations(grid, outputs)
        if chosen is not None:
            outputs = {
                index: values[:, list(chosen[index])]
                for index, values in outputs.items()
                if max(chosen[index], default=-1) < values.shape[1]
            }
        return {
            index: frozen(values.T.reshape(-1, self.side, self.side)) for index, values in outputs.items()
        }


_grids: dict[tuple[int, int], Array] = {}
"""Prepared inputs by identity of the data set and side: they go when the data set does."""


def _grid(dataset: Dataset, side: int) -> Array | None:
    """Prepared inputs for side × side points of the plane, row by row from the lowest x₂; or None."""
    if dataset.plane is None:
        return None
    key = id(dataset), side
    grid = _grids.get(key)
    if grid is None:
        (left, right), (low, high) = dataset.plane
        x, y = np.meshgrid(np.linspace(left, right, side), np.linspace(low, high, side))
        grid = _grids[key] = dataset.plane_inputs(np.column_stack([x.ravel(), y.ravel()]))
        # Another data set may have the same identity later.
        weakref.finalize(dataset, _grids.pop, key, None).atexit = False
    return grid


# --- examples --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AugmentationQuery(Query[Preview]):
    """Some training examples, and what the augmentations make of them; the same seed shows the same.

    Raises UserError where an augmentation does not fit the data.
    """

    augmentations: tuple[AnyAugmentation, ...]
    seed: int = 0
    constant: ClassVar[bool] = True

    def answer(self, trainer: Trainer) -> Preview:
        return preview(self.augmentations, trainer.dataset, seed=self.seed, layers=trainer.network.layers)


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """A read-only, contiguous copy."""
    copy = np.array(values, order="C")
    copy.flags.writeable = False
    return copy
