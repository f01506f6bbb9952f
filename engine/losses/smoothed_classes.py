"""Targets of several classes as a loss asks for them: smoothed, and weighted by class."""

import numpy as np

from engine.arrays import Array, Targets, constant
from engine.losses.class_numbers import probability_rows
from engine.losses.class_weights import ClassWeighted
from engine.losses.fields import smoothing_field


class SmoothedClasses(ClassWeighted):
    """With smoothing ε and weights w of the k classes, u = w ((1 − ε) t + ε / k) takes the place of t.

    Examples that are left out have u = 0; in PyTorch, smoothing alone still counts for these.
    """

    label_smoothing: float = smoothing_field()

    @property
    def plain(self) -> bool:
        """True where the goal is the target itself."""
        return not (self.label_smoothing or self.balanced or self.class_weights)

    def set_goal(self, target: Targets, goal: Array, spread: Array, column: Array) -> None:
        """Write u into `goal`. Overwrites `spread`, of the same shape, and `column`, a number a row."""
        smoothing, weights, dtype = self.label_smoothing, self.weights(goal.dtype), goal.dtype
        np.multiply(probability_rows(target, goal), constant(1 - smoothing, dtype), goal)
        np.add(goal, constant(smoothing / goal.shape[1], dtype), goal)
        if weights is None:
            return
        spread[...] = weights
        np.multiply(goal, spread, goal)
        if smoothing and 0.0 in (self.class_weights or ()):
            self.set_row_weights(target, column)
            np.sign(column, column)
            spread[...] = column[:, None]
            np.multiply(goal, spread, goal)
