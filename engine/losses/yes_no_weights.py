"""Weights of no and of yes, for losses whose targets are columns of 0 and 1, or shares in between."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.losses.class_weights import NOTHING, ClassWeighted


class YesNoWeighted(ClassWeighted):
    """Each example counts w = w₀ (1 − t) + w₁ t, with the weights w₀ of no and w₁ of yes."""

    def class_totals(self, targets: Targets, classes: Sequence[str]) -> NDArray[np.float64]:
        """Examples of no and of yes."""
        yes = float(targets.sum(dtype=np.float64))
        return np.array([targets.size - yes, yes])

    def weight(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """Σ w, over all outputs."""
        size, weights = target.size, self.weights(dtype)
        if weights is None:
            return float(size)
        no, yes = map(float, weights)
        count = float(target.reshape(size).dot(ones(size, dtype)))
        return max(no * (size - count) + yes * count, NOTHING)

    def importance_buffers(self, output_shape: Shape) -> dict[str, Shape]:
        """What `set_importance` fills."""
        return {"importance": output_shape} if self.weighted else {}

    def set_importance(self, target: Targets, importance: Array, spare: Array) -> None:
        """Write w of every target. Two products and no difference: small weights beside large ones stay."""
        weights, dtype = self.weights(importance.dtype), importance.dtype
        if weights is None:
            return
        no, yes = map(float, weights)
        np.subtract(constant(1.0, dtype), target, importance)
        np.multiply(importance, constant(no, dtype), importance)
        np.multiply(target, constant(yes, dtype), spare)
        np.add(importance, spare, importance)


def smooth_answers(target: Targets, smoothing: float, goal: Array) -> None:
    """Write (1 − ε) t + ε / 2 into `goal`, with label smoothing ε."""
    np.multiply(target, constant(1 - smoothing, goal.dtype), goal)
    np.add(goal, constant(smoothing / 2, goal.dtype), goal)
