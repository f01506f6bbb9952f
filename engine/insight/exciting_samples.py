"""The samples that excite each unit of a layer most, found block by block."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.insight.evaluation_pass import EvaluationPass, positions_of
from engine.insight.query import Query
from engine.insight.run_queries import frozen
from engine.network_assembly import linked
from engine.progress import Progress
from engine.training.trainer import Trainer

MOST_ROWS = 20_000
"""Of a longer part, as many rows are looked at, evenly spaced."""
TOP = 12
"""Samples that are found for each unit."""
NUMBERS_AT_ONCE = 2_000_000
MOST_ROWS_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class ExcitingSamples:
    """For each unit of a layer the samples with its largest activations, the largest first; read-only.

    step : of the run. rows : how many of the part's `of_rows` were looked at.
    indices : (units, top) within the part. activations : (units, top). positions : (units, top) index of the
    largest value among the unit's positions, in the order of the layer's output; 0 where it has but one.
    predictions : for each target that is predicted, what is said of each sample, (units, top).
    """

    step: int
    layer: int
    part: str
    rows: int
    of_rows: int
    indices: NDArray[np.intp]
    activations: NDArray[np.float64]
    positions: NDArray[np.intp]
    predictions: Mapping[str, NDArray[Any]]


def exciting_samples(trainer: Trainer, layer: int, part: str, progress: Progress) -> ExcitingSamples:
    """Go through a part of the data, in blocks of bounded memory. Raises Cancelled."""
    network, examples = trainer.network, trainer.dataset.part(part)
    rows = examples.rows_count
    chosen = np.arange(rows) if rows <= MOST_ROWS else _spaced(rows, MOST_ROWS)
    shape, last = network.shapes[layer + 1], len(network.layers) - 1
    numbers = math.prod(shape) + math.prod(network.output_shape)
    block = int(np.clip(NUMBERS_AT_ONCE // numbers, 1, MOST_ROWS_AT_ONCE))
    top = min(TOP, len(chosen))
    best = _Best(shape[-1], top)
    said: list[dict[str, NDArray[Any]]] = []
    for start in range(0, len(chosen), block):
        now = chosen[start : start + block]
        # Consecutive rows as a view; a sample of rows is a copy of one block.
        whole = len(chosen) == rows
        x = examples.inputs[start : start + len(now)] if whole else examples.inputs[now]
        wanted: dict[int, Array] = {
            index: np.empty((len(now), *network.shapes[index + 1]), network.dtype) for index in {layer, last}
        }
        with np.errstate(all="ignore"):
            trainer.evaluator.all_activations(x, wanted)
        best.add(now, *_peaks(trainer, layer, wanted[layer]))
        said.append(_predictions(trainer, wanted[last]))
        progress.report((start + len(now)) / len(chosen))
    # Where each of the best stands among the rows looked at.
    places = np.searchsorted(chosen, best.indices)
    predictions = {name: np.concatenate([one[name] for one in said])[places] for name in (said or [{}])[0]}
    return ExcitingSamples(
        trainer.step,
        layer,
        part,
        len(chosen),
        rows,
        frozen(best.indices),
        frozen(best.values),
        frozen(best.positions),
        predictions,
    )


class _Best:
    """The largest values of each unit so far. Of equal ones, the earlier row stays in front."""

    def __init__(self, units: int, top: int) -> None:
        self.top = top
        self.values = np.empty((units, 0), np.float64)
        self.indices = np.empty((units, 0), np.intp)
        self.positions = np.empty((units, 0), np.intp)

    def add(self, rows: NDArray[np.intp], values: NDArray[np.float64], positions: NDArray[np.intp]) -> None:
        """values, positions : (rows, units)."""
        units = values.shape[1]
        all_values = np.concatenate([self.values, values.T], axis=1)
        all_rows = np.concatenate([self.indices, np.broadcast_to(rows, (units, len(rows)))], axis=1)
        all_positions = np.concatenate([self.positions, positions.T], axis=1)
        order = np.argsort(-all_values, axis=1, kind="stable")[:, : self.top]
        self.values, self.indices, self.positions = (
            np.take_along_axis(each, order, axis=1) for each in (all_values, all_rows, all_positions)
        )


def _peaks(trainer: Trainer, layer: int, values: Array) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The largest value of each unit over its positions, and where; what is not finite counts as lowest."""
    own = positions_of(trainer.network.layers[layer], values)
    safe = np.where(np.isfinite(own), own, -np.inf)
    where = safe.argmax(axis=1)
    found = np.take_along_axis(safe, where[:, None], axis=1)[:, 0].astype(np.float64)
    return found, where


def _predictions(trainer: Trainer, outputs: Array) -> dict[str, NDArray[Any]]:
    """By target, (rows,): the name of the class, or the number in the target's units."""
    dataset = trainer.dataset
    if dataset.task == "reconstruction":
        return {}
    with np.errstate(all="ignore"):
        values = dataset.preparation.predictions(linked(trainer.loss, outputs))
    if values.ndim == 1:
        return {dataset.target: values}
    return {target: values[:, number] for number, target in enumerate(dataset.targets)}


def _spaced(rows: int, count: int) -> NDArray[np.intp]:
    return np.linspace(0, rows - 1, count).astype(np.intp)


# --- the region of a sample that a unit looks at -----------------------------------------------------------


@dataclass(frozen=True)
class RegionsQuery(Query[NDArray[np.intp]]):
    """For samples of a part, the region of the image that one position of a unit depends on.

    positions : of each sample, as `ExcitingSamples` has them. The answer is (samples, 4): top, left, bottom,
    right, the last two behind the region; all 0 where nothing moves the unit. It is the smallest box around
    all pixels by which the unit has a gradient: the receptive field, or less of it where units are dead or
    lost in a pooling.
    """

    layer: int
    unit: int
    part: str
    indices: tuple[int, ...]
    positions: tuple[int, ...]
    image: tuple[int, int, int]

    def answer(self, trainer: Trainer) -> NDArray[np.intp]:
        network, examples = trainer.network, trainer.dataset.part(self.part)
        found = np.zeros((len(self.indices), 4), np.intp)
        fits = 0 <= self.layer < len(network.layers) and self.unit < network.shapes[self.layer + 1][-1]
        if not fits or max(self.indices, default=0) >= examples.rows_count:
            return frozen(found)
        through = EvaluationPass(network, len(self.indices))
        for start in range(0, len(self.indices), through.rows):
            rows = slice(start, start + through.rows)
            x = examples.inputs[list(self.indices[rows])]
            values = through.forward(x)[self.layer]
            dy = np.zeros(values.shape, values.dtype)
            flat = dy.reshape(len(x), -1, values.shape[-1])
            last = flat.shape[1] - positions_of(network.layers[self.layer], values).shape[1]
            flat[np.arange(len(x)), np.array(self.positions[rows]) + last, self.unit] = 1
            moved = through.input_gradient(self.layer, dy).reshape(len(x), *self.image)
            for number, touched in enumerate((moved != 0).any(axis=3), start):
                found[number] = _box(touched)
        return frozen(found)


def _box(touched: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    down, across = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
    if not len(down):
        return 0, 0, 0, 0
    return int(down[0]), int(across[0]), int(down[-1]) + 1, int(across[-1]) + 1
