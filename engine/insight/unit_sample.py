"""Activations of all layers for a fixed sample of training rows: what statistics of units are taken of."""

import math
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.training.resources import numbers_per_sample
from engine.training.trainer import Trainer

MOST_ROWS, FEWEST_ROWS = 256, 8
MOST_NUMBERS = 2_000_000
"""Numbers that a pass keeps of all rows together: some milliseconds of work."""
MOST_MULTIPLICATIONS = 1e8
"""Of one pass: about a hundredth of a second, in which the run waits."""


@dataclass(frozen=True, eq=False)
class UnitSample:
    """Activations for evenly spaced rows of the training part.

    rows : how many. layers : by index, (values, units): the last axis of a layer's output are its units or
    channels; positions and steps count as further rows.
    """

    rows: int
    layers: dict[int, Array]


def unit_sample(trainer: Trainer) -> UnitSample:
    """A forward pass as in evaluation, without dropout. Always of the same rows."""
    network, part = trainer.network, trainer.dataset.training
    stages = zip(network.layers, network.shapes, strict=False)
    work = sum(layer.multiplications(before) for layer, before in stages)
    numbers = max(numbers_per_sample(network.layers, network.shapes), 1)
    affordable = min(MOST_ROWS, MOST_NUMBERS // numbers, int(MOST_MULTIPLICATIONS / max(work, 1)))
    count = min(max(affordable, FEWEST_ROWS), part.rows_count)
    rows = np.linspace(0, max(part.rows_count - 1, 0), count).astype(np.intp)
    wanted = {
        index: np.empty((count, *shape), network.dtype) for index, shape in enumerate(network.shapes[1:])
    }
    with np.errstate(all="ignore"):
        trainer.evaluator.all_activations(part.inputs[rows], wanted)
    return UnitSample(count, {index: values.reshape(-1, _units(values)) for index, values in wanted.items()})


def _units(values: Array) -> int:
    return values.shape[-1] if values.ndim > 1 else max(math.prod(values.shape), 1)
