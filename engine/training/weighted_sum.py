"""The gradient of several batches as if they were one."""

import numpy as np

from engine.arrays import Array


class WeightedSum:
    """Adds up what is found in one gradient vector after another, each times what its batch counts.

    gradients : the vector that each batch overwrites, and in which the mean ends.
    """

    def __init__(self, gradients: Array) -> None:
        self._gradients = gradients
        self._sum = np.empty_like(gradients)
        self._empty = True
        self.loss = self.weight = 0.0
        """Of the batches so far: the sum of weight times loss, and that of the weights."""

    def begin(self) -> None:
        """Forget the batches so far."""
        self._empty = True
        self.loss = self.weight = 0.0

    def add(self, loss: float, weight: float) -> None:
        """Take in the batch whose gradients are in the vector: its mean loss, and what it counts."""
        gradients, total = self._gradients, self._sum
        if self._empty:
            np.multiply(gradients, weight, total)
            self._empty = False
        else:
            np.multiply(gradients, weight, gradients)
            np.add(total, gradients, total)
        self.loss += weight * loss
        self.weight += weight

    def finish(self) -> tuple[float, float]:
        """Leave the mean gradient in the vector; the mean loss, and what the batches count together."""
        np.multiply(self._sum, 1 / self.weight, self._gradients)
        return self.loss / self.weight, self.weight
