"""How low a loss can get on some targets, and what it costs to know nothing, or no more than their mean."""

from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.losses import Loss
from engine.losses.class_weights import ClassWeighted

CERTAIN = 1e-7
"""Probabilities stay this far from 0 and 1, so that their logits are numbers."""

NEGLIGIBLE = 1e-6
"""Share of what it costs to know nothing that counts as no loss."""


class LossBounds(NamedTuple):
    """Losses of three answers to some targets."""

    floor: float
    """Of the best answer to each."""
    constant: float
    """Of one answer to all, near the best such one."""
    ignorant: float
    """Where all scores, or outputs, are 0: equal chances for all classes."""

    @property
    def constant_is_enough(self) -> bool:
        return self.constant - self.floor <= NEGLIGIBLE * abs(self.ignorant)

    @classmethod
    def of(cls, loss: Loss, targets: Array) -> "LossBounds":
        """loss : fitted. targets : (rows, outputs), of several classes as rows of probabilities."""
        goal = _goal(loss, targets.astype(np.float64))
        mean = np.broadcast_to(goal.mean(axis=0), goal.shape)
        zeros = np.zeros_like(goal)
        ignorant = _value(loss, zeros, targets)
        constant = min(_value(loss, _outputs(loss, mean), targets), ignorant)
        floor = _value(loss, _outputs(loss, goal), targets)
        # What is left because no probability is quite 1.
        return cls(0.0 if abs(floor) < NEGLIGIBLE * ignorant else floor, constant, ignorant)


def _goal(loss: Loss, targets: Array) -> Array:
    """What outputs should be, after the link: targets, smoothed and weighted as the loss does it."""
    smoothing = getattr(loss, "label_smoothing", 0.0)
    if loss.link == "softmax":
        goal = targets * (1 - smoothing) + smoothing / targets.shape[1]
        weights = loss.weights(goal.dtype) if isinstance(loss, ClassWeighted) else None
        if weights is not None:
            # Of an example that is left out, any answer will do.
            goal = np.where(targets @ weights[:, None] > 0, goal * weights, goal)
        return np.asarray(goal / goal.sum(axis=1, keepdims=True))
    return targets * (1 - smoothing) + smoothing / 2


def _outputs(loss: Loss, answers: Array) -> Array:
    """The network's outputs that stand for answers: scores, where the loss has a link."""
    if loss.link in (None, "linear"):
        return np.array(answers)
    sure = np.clip(answers, CERTAIN, 1 - CERTAIN)
    return np.log(sure) if loss.link == "softmax" else np.log(sure) - np.log1p(-sure)


def _value(loss: Loss, outputs: Array, targets: Array) -> float:
    scratch = {
        name: np.empty((len(outputs), *shape)) for name, shape in loss.buffers(outputs.shape[1:]).items()
    }
    return loss.forward(outputs, targets.astype(np.float64), scratch)
