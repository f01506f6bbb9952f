"""Copies of a run to try something on, and data to try it with: the run itself stays as it is."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data import Dataset
from engine.data.dataset import Part
from engine.experiment import Experiment
from engine.layers import AnyLayer, Layer
from engine.optimizers import Optimizer
from engine.schedules.constant import Constant
from engine.training.trainer import Trainer
from engine.training_settings import Training

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
    trial.weights.start_from(run.weights.trained.state_vectors)
    for name, vector in run.updater.slots.items():
        trial.updater.slots[name][...] = vector
    trial.updater.steps = run.updater.steps


def _none_of(part: Part) -> Part:
    return Part(part.inputs[:0], part.targets[:0], part.rows[:0])


OF_TRAINING: dict[str, tuple[Any, str]] = {
    "augmentation": ((), "augmentation"),
    "l1": (0.0, "L1"),
    "l2": (0.0, "L2"),
    "max_norm": (None, "max norm"),
    "average": (None, "average of weights"),
    "schedule": (Constant(), "schedule"),
    "warmup_steps": (0, "warm-up"),
}
"""Settings of training: what switches each off, and what it is called."""

OF_LAYERS = {"rate": 0.0, "dropout": 0.0, "drop_rate": 0.0, "deviation": 0.0, "l1": None, "l2": None}
"""Settings of layers, and what switches each off; those for L1 and L2 then take the network's."""

NAMES = {"l1": "L1", "l2": "L2", "dropout": "dropout", "drop_rate": "stochastic depth"}
"""What they are called; the others are called as their layer."""


def plain(experiment: Experiment) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment with these settings off, and what has been switched off, in words.

    Early stopping and a loss to stop at are off too, without a word: they change no step.
    """
    off: list[str] = []
    layers = tuple(_plain_layers(experiment.layers, off))
    head = experiment.head
    if head.l1 or head.l2:
        off += [name for name, strength in (("L1", head.l1), ("L2", head.l2)) if strength]
        head = head.replace(l1=None, l2=None)
    training = _plain_training(experiment.training, off)
    return experiment.replace(layers=layers, head=head, training=training), tuple(dict.fromkeys(off))


def _plain_training(training: Training, off: list[str]) -> Training:
    changes: dict[str, Any] = {"early_stopping": None, "stop_below": None, "accumulate": 1}
    for name, (value, words) in OF_TRAINING.items():
        if getattr(training, name) != value:
            off.append(words)
            changes[name] = value
    return training.replace(**changes, optimizer=_plain_optimizer(training.optimizer, off))


def _plain_optimizer(optimizer: Optimizer, off: list[str]) -> Optimizer:
    if not getattr(optimizer, "weight_decay", 0.0):
        return optimizer
    off.append("weight decay")
    return optimizer.replace(weight_decay=0.0)


def _plain_layers(layers: Iterable[AnyLayer], off: list[str]) -> list[Layer]:
    return [_plain_layer(layer, off) for layer in layers]


def _plain_layer(layer: Layer, off: list[str]) -> Layer:
    changes: dict[str, Any] = {}
    for name, value in OF_LAYERS.items():
        if getattr(layer, name, None):
            changes[name] = value
            off.append(NAMES.get(name, layer.heading.lower()))
    inner = getattr(layer, "layers", None)
    if inner:
        changes["layers"] = tuple(_plain_layers(inner, off))
    return layer.replace(**changes) if changes else layer
