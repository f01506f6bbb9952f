"""An experiment without all that keeps a network from learning its examples by heart, on purpose."""

from collections.abc import Iterable
from typing import Any

from engine.experiment import Experiment
from engine.layers import AnyLayer, Layer
from engine.optimizers import Optimizer
from engine.schedules.constant import Constant
from engine.training_settings import Training

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
