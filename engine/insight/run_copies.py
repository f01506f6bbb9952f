"""Copies of a run for trials, which leave the run itself as it is."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data import Dataset
from engine.data.dataset import Part
from engine.experiment import Experiment
from engine.layers import Layer
from engine.optimizers import Optimizer
from engine.schedules.decay import Constant
from engine.training.trainer import Trainer
from engine.training_settings import Training

Start = Literal["fresh", "present"]
"""Where a trial starts: from the initial weights of the run's seed, or from its present weights."""


def without_held_out(dataset: Dataset) -> Dataset:
    """The same training part, without validation and test parts."""
    return replace(dataset, validation=_empty(dataset.validation), test=_empty(dataset.test))


def only_rows(dataset: Dataset, indices: NDArray[np.intp]) -> Dataset:
    """Only these examples of the training part, and no other parts."""
    part = dataset.training
    # Without weights: it is to be found out whether the network can learn each of them.
    chosen = Part(part.inputs[indices], part.targets[indices], part.rows[indices])
    return replace(without_held_out(dataset), training=chosen)


def take_over(trial: Trainer, run: Trainer) -> None:
    """Give a trainer of the same network and optimizer the run's weights, statistics and momenta."""
    trial.weights.start_from(run.weights.trained.state_vectors)
    for name, vector in run.updater.slots.items():
        trial.updater.slots[name][...] = vector
    trial.updater.steps = run.updater.steps


def _empty(part: Part) -> Part:
    return Part(part.inputs[:0], part.targets[:0], part.rows[:0])


TRAINING_REGULARIZATION: dict[str, tuple[Any, str]] = {
    "augmentation": ((), "augmentation"),
    "l1": (0.0, "L1"),
    "l2": (0.0, "L2"),
    "max_norm": (None, "max norm"),
    "weight_averaging": (None, "average of weights"),
    "schedule": (Constant(), "schedule"),
    "warmup_steps": (0, "warm-up"),
}
"""Settings of training that regularize, or change the learning rate: for each the value that switches it off,
and its name in a sentence. Layers declare theirs themselves, `Layer.regularization`."""


def without_regularization(experiment: Experiment) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment without regularization, and the names of what has been switched off.

    Early stopping and a loss to stop at are off too, but not named: they change no step.
    """
    off: list[str] = []
    layers = tuple(_layers_without(experiment.layers, off))
    head = experiment.head
    if head.l1 or head.l2:
        off += [name for name, strength in (("L1", head.l1), ("L2", head.l2)) if strength]
        head = head.replace(l1=None, l2=None)
    training = _training_without(experiment.training, off)
    return experiment.replace(layers=layers, head=head, training=training), tuple(dict.fromkeys(off))


def _training_without(training: Training, off: list[str]) -> Training:
    changes: dict[str, Any] = {"early_stopping": None, "target_loss": None, "accumulate_batches": 1}
    for name, (value, words) in TRAINING_REGULARIZATION.items():
        if getattr(training, name) != value:
            off.append(words)
            changes[name] = value
    return training.replace(**changes, optimizer=_optimizer_without(training.optimizer, off))


def _optimizer_without(optimizer: Optimizer, off: list[str]) -> Optimizer:
    if not getattr(optimizer, "weight_decay", 0.0):
        return optimizer
    off.append("weight decay")
    return optimizer.replace(weight_decay=0.0)


def _layers_without(layers: Iterable[Layer], off: list[str]) -> list[Layer]:
    return [_layer_without(layer, off) for layer in layers]


def _layer_without(layer: Layer, off: list[str]) -> Layer:
    changes: dict[str, Any] = {}
    for name, (value, words) in layer.regularization.items():
        if getattr(layer, name):
            changes[name] = value
            off.append(words)
    if layer.inner_layers:
        changes["layers"] = tuple(_layers_without(layer.inner_layers, off))
    return layer.replace(**changes) if changes else layer
