"""Copies of a run to try something on, and data to try it with: the run itself stays as it is."""

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data import Dataset
from engine.data.dataset import Part
from engine.training.trainer import Trainer

Start = Literal["fresh", "present"]
"""Where a trial begins: at the starting weights of the run's seed, or at the weights that the run has now."""


def without_held_out(dataset: Dataset) -> Dataset:
    """The same training part, and nothing to score beside it."""
    return replace(dataset, validation=_none_of(dataset.validation), test=_none_of(dataset.test))


def only_rows(dataset: Dataset, places: NDArray[np.intp]) -> Dataset:
    """A training part of a few examples, given by their places in it, and no other parts."""
    part = dataset.training
    chosen = Part(part.inputs[places], part.targets[places], part.rows[places])
    return replace(without_held_out(dataset), training=chosen)


def take_over(trial: Trainer, run: Trainer) -> None:
    """Give a trainer of the same network and optimizer the run's weights, statistics and momenta."""
    trial.weights.start_from(run.weights.trained.learned)
    for name, vector in run.updater.slots.items():
        trial.updater.slots[name][...] = vector
    trial.updater.steps = run.updater.steps


def _none_of(part: Part) -> Part:
    return Part(part.inputs[:0], part.targets[:0], part.rows[:0])
