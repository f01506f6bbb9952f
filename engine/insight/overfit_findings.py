"""Findings of the overfit check: why a network may fail to memorize a few examples, in sentences."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations.rectifiers import ReLU
from engine.arrays import Array
from engine.layers import Layer
from engine.losses import Loss
from engine.losses.base import are_class_indices
from engine.losses.class_weights import ClassWeighted
from engine.network_assembly import head_activation
from engine.settings import number_text
from engine.training.trainer import Trainer

Cause = Literal[
    "output range",
    "size",
    "dead units",
    "no gradient",
    "rate too high",
    "rate too low",
    "first loss",
    "unknown",
]
Losses = NDArray[np.float64]

CERTAIN = 1e-7
"""Probabilities stay this far from 0 and 1, so that their logits are numbers."""

NEGLIGIBLE = 1e-6
"""A loss below this fraction of the uninformed loss counts as 0."""


class LossBounds(NamedTuple):
    """The losses of three kinds of answers to some targets."""

    floor: float
    """Of the best answer to each."""
    constant: float
    """Of one answer to all, near the best such one."""
    uninformed: float
    """Where all scores, or outputs, are 0: equal probabilities for all classes."""

    @property
    def constant_is_enough(self) -> bool:
        return self.constant - self.floor <= NEGLIGIBLE * abs(self.uninformed)

    @classmethod
    def of(cls, loss: Loss, targets: Array) -> "LossBounds":
        """loss : fitted. targets : (rows, outputs), of several classes as rows of probabilities."""
        goal = _goal(loss, targets.astype(np.float64))
        mean = np.broadcast_to(goal.mean(axis=0), goal.shape)
        zeros = np.zeros_like(goal)
        uninformed = _value(loss, zeros, targets)
        constant = min(_value(loss, _outputs(loss, mean), targets), uninformed)
        floor = _value(loss, _outputs(loss, goal), targets)
        # Probabilities are clipped below 1, which leaves a small loss.
        return cls(0.0 if abs(floor) < NEGLIGIBLE * uninformed else floor, constant, uninformed)


def _goal(loss: Loss, targets: Array) -> Array:
    """The best outputs, after the inverse link: targets, smoothed and weighted as by the loss."""
    smoothing = getattr(loss, "label_smoothing", 0.0)
    if loss.inverse_link == "softmax":
        goal = targets * (1 - smoothing) + smoothing / targets.shape[1]
        weights = loss.weights(goal.dtype) if isinstance(loss, ClassWeighted) else None
        if weights is not None:
            # Of an example that is left out, any answer will do.
            goal = np.where(targets @ weights[:, None] > 0, goal * weights, goal)
        return np.asarray(goal / goal.sum(axis=1, keepdims=True))
    return targets * (1 - smoothing) + smoothing / 2


def _outputs(loss: Loss, answers: Array) -> Array:
    """The network's outputs for some answers: scores, where the loss has an inverse link."""
    if loss.inverse_link in (None, "linear"):
        return np.array(answers)
    sure = np.clip(answers, CERTAIN, 1 - CERTAIN)
    return np.log(sure) if loss.inverse_link == "softmax" else np.log(sure) - np.log1p(-sure)


def _value(loss: Loss, outputs: Array, targets: Array) -> float:
    scratch = {
        name: np.empty((len(outputs), *shape))
        for name, shape in loss.workspace_arrays(outputs.shape[1:]).items()
    }
    return loss.forward(outputs, targets.astype(np.float64), scratch)


MANY_DEAD = 0.5
"""Fraction of a layer's units that, if always 0, can keep a network from learning."""

HARDLY_MOVED = 0.01
"""Distance from the initial weights, as a fraction of their norm."""

STILL_FALLING = 0.95
"""The loss was still falling where the mean of the last tenth of the steps is below this fraction of that in
the middle."""

WORSE = 1.05
"""The loss counts as risen from this multiple of its start on."""

JUMPS = 3.0
"""Highest over lowest loss of the last tenth of the steps from which on it does not settle."""

VANISHED = 1e-3
"""A gradient of the first trained layer below this fraction of the last one's has vanished."""

FAR = 2.0
"""The first loss is far off where it is above this multiple of what it costs to know nothing."""


@dataclass(frozen=True)
class Symptom:
    """An observation: its kind, for programs, and a sentence for people. `odd` where it may be a fault."""

    cause: Cause
    sentence: str
    odd: bool = True


def causes(trial: Trainer, start: Array, losses: Losses) -> tuple[Symptom, ...]:
    """What may keep a trial from learning, the surest first; never empty.

    start : the parameters before the first step. losses : of each step.
    """
    found = tuple(_causes(trial, start, losses))
    if found:
        return found
    return (
        Symptom(
            "unknown",
            "Nothing points to one cause: test the rates by a range test, check the gradients, and try a "
            "network with more units or without its odder layers.",
        ),
    )


def first_loss(trial: Trainer, bounds: LossBounds, losses: Losses) -> tuple[Symptom, ...]:
    """Whether a network with small weights starts at equal probabilities; empty for regression.

    That is ln k for k classes and cross-entropy (Karpathy 2019: verify the loss at the start).
    """
    if trial.loss.inverse_link not in ("softmax", "sigmoid") or not len(losses):
        return ()
    classes = max(trial.network.output_shape[0], 2)
    even = f"{bounds.uninformed:.4g}"
    if math.isclose(bounds.uninformed, math.log(classes), rel_tol=1e-6):
        even += f", ln {classes}"
    if losses[0] <= FAR * bounds.uninformed:
        sentence = f"The first loss is {losses[0]:.4g}; to know nothing costs {even}."
        return (Symptom("first loss", sentence, odd=False),)
    return (
        Symptom(
            "first loss",
            f"The first loss is {losses[0]:.4g}, far above {even}, which is what it costs to know nothing: "
            "the network starts out sure of wrong answers. Scale the inputs, or start with smaller weights.",
        ),
    )


def _causes(trial: Trainer, start: Array, losses: Losses) -> Iterator[Symptom]:
    yield from _output_range(trial)
    yield from _size(trial)
    dead = _dead_units(trial, trial.network.parameters)
    yield from (_of_dead_units(name, *counts) for name, counts in dead.items())
    if dead.keys() - _dead_units(trial, start).keys():
        yield _too_high("Steps went so far that these units never came back")
    elif trial.stop_reason is not None and trial.stop_reason.kind == "not finite":
        yield _too_high("The numbers outgrew their range")
    elif len(losses):
        yield from _of_the_course(trial, start, losses, bool(dead))


def _of_the_course(trial: Trainer, start: Array, losses: Losses, dead: bool) -> Iterator[Symptom]:
    """Findings about the learning rate from the losses and gradients of the steps."""
    if not trial.network.trained_layers:
        yield Symptom("no gradient", "The network has nothing to train.")
        return
    faded, fades = (_first_to_last_gradient(trial, step) <= VANISHED for step in (0, -1))
    if faded and not dead:
        name = trial.network.names[trial.network.trained_layers[0]]
        yield Symptom(
            "no gradient",
            f"Next to no gradient reaches {name}: it fades on its way through the layers. Take a rectifier "
            "or tanh in place of sigmoid, fewer layers, or normalization between them.",
        )
    tenth = max(len(losses) // 10, 1)
    late, middle = losses[-tenth:], losses[len(losses) // 2 :][:tenth]
    moved = _moved(trial, start)
    if late.mean() > WORSE * losses[0] or late.max() > JUMPS * late.min() > 0:
        yield _too_high("The loss rises or jumps instead of settling")
    elif fades and not faded:
        yield _too_high("Steps drove units to where no gradient passes them")
    elif moved < HARDLY_MOVED and trial.history.steps.read("gradient_norm")[-1] > 0:
        share = number_text(float(f"{moved:.1g}"))
        yield _too_low(f"All steps together moved the weights by {share} of their length")
    elif losses[-1] < losses[0] and late.mean() < STILL_FALLING * middle.mean():
        yield _too_low("The loss was still falling when the steps ended")


def _too_high(what: str) -> Symptom:
    return Symptom(
        "rate too high", f"{what}: the learning rate is probably too high. A range test finds one that fits."
    )


def _too_low(what: str) -> Symptom:
    return Symptom(
        "rate too low", f"{what}: the learning rate is probably too low. A range test finds one that fits."
    )


def _moved(trial: Trainer, start: Array) -> float:
    """Distance of the parameters from the initial ones, as a fraction of their norm."""
    length = float(np.linalg.norm(start.astype(np.float64)))
    return float(np.linalg.norm(trial.network.parameters.astype(np.float64) - start)) / max(length, 1e-12)


def _output_range(trial: Trainer) -> Iterator[Symptom]:
    """Targets that the output's activation cannot reach."""
    if trial.loss.inverse_link is not None:
        return
    activation = head_activation(trial.experiment, trial.dataset.task)
    targets = trial.dataset.training.targets
    lowest, highest = float(targets.min()), float(targets.max())
    if are_class_indices(targets):
        # They stand for rows of 0 and 1.
        lowest, highest = 0.0, 1.0
    low, high = activation.bounds
    if lowest < low or highest > high:
        yield Symptom(
            "output range",
            f"The output's activation, {activation.heading.lower()}, stays between {low:g} and {high:g}, but "
            f"targets go from {lowest:.3g} to {highest:.3g}. Set it to automatic, or choose another loss.",
        )


def _size(trial: Trainer) -> Iterator[Symptom]:
    """Fewer parameters than target values."""
    trained, dataset = trial.network.parameters.size, trial.dataset
    targets = dataset.training.rows_count * dataset.outputs
    if 0 < trained < targets:
        yield Symptom(
            "size",
            f"The network trains {trained:,} numbers to meet {targets:,}, those of the examples' targets. "
            "Give it more units, or a hidden layer.",
        )


def _dead_units(trial: Trainer, parameters: Array) -> dict[str, tuple[int, int]]:
    """Layers with rectifiers of which many are 0 for every example: how many, and of how many.

    Computed as in training, so that running statistics have no influence.
    """
    network, inputs = trial.network, trial.dataset.training.inputs
    workspaces = network.workspaces(len(inputs)).rows(len(inputs))
    present = network.parameters.copy()
    network.parameters[...] = parameters
    with np.errstate(all="ignore"):
        network.forward(inputs, workspaces, True)
    network.parameters[...] = present
    found = {}
    for layer, name, workspace in zip(network.layers, network.names, workspaces, strict=True):
        if _rectifies(layer):
            y = workspace["y"]
            dead, units = int((y.reshape(-1, y.shape[-1]) == 0).all(axis=0).sum()), y.shape[-1]
            if dead >= MANY_DEAD * units:
                found[name] = (dead, units)
    return found


def _of_dead_units(name: str, dead: int, units: int) -> Symptom:
    which = "the one unit is" if units == 1 else f"{dead} of {units} units are"
    return Symptom(
        "dead units",
        f"In {name}, {which} 0 for every example: such rectifiers pass no gradient and stay as they are. "
        "Start biases at 0, lower the learning rate, or take Leaky ReLU.",
    )


def _rectifies(layer: Layer) -> bool:
    return isinstance(layer.output_activation, ReLU)


def _first_to_last_gradient(trial: Trainer, step: int) -> float:
    """Gradient norm of the first trained layer in a step, as a fraction of the last one's."""
    layers, record = trial.network.trained_layers, trial.history.steps
    first, last = (float(record.read(f"gradient_norm/{place}")[step]) for place in (layers[0], layers[-1]))
    return first / last if last else 0.0
