"""The mean loss of outputs that come piece by piece, so that they need not all be in memory at once."""

import math
from collections.abc import Callable

import numpy as np

from engine.arrays import Array, Targets

LEAST_WEIGHT = 1e-30
"""More than what losses say of chunks in which no example counts, less than the weight of any that does."""


def mean_loss(total: float, weight: float) -> float:
    """A weighted sum over a part of the data as a mean; NaN where nothing counts, as 0 would be the best."""
    return total / weight if weight > LEAST_WEIGHT else math.nan


class RunningLoss:
    """The mean loss of all outputs that were added.

    It is found of chunks of so many rows from the first on, whatever the pieces are: its last bits do not
    depend on the number of threads.

    chunk_loss : mean loss and weight of a chunk. targets : of all rows. rows : of a chunk.
    """

    def __init__(
        self, chunk_loss: Callable[[Array, Targets], tuple[float, float]], targets: Targets, rows: int
    ) -> None:
        self._chunk_loss, self._targets, self._rows = chunk_loss, targets, rows
        self._waiting: Array | None = None
        """Outputs of a chunk that is not complete yet; the first `_filled` rows are there."""
        self._filled = self._done = 0
        self._total = self._total_weight = 0.0

    def add(self, outputs: Array) -> None:
        """Take in the outputs for the rows that follow."""
        place = 0
        while place < len(outputs):
            piece = outputs[place : place + self._rows - self._filled]
            place += len(piece)
            if len(piece) == self._rows:
                self._count(piece)
                continue
            if self._waiting is None:
                self._waiting = np.empty((self._rows, *outputs.shape[1:]), outputs.dtype)
            self._waiting[self._filled : self._filled + len(piece)] = piece
            self._filled += len(piece)
            if self._filled == self._rows:
                self._count_waiting()

    def mean(self) -> float:
        """After the last piece; NaN where there is no example, or none that counts."""
        self._count_waiting()
        return mean_loss(self._total, self._total_weight)

    def _count_waiting(self) -> None:
        if self._waiting is not None and self._filled:
            self._count(self._waiting[: self._filled])
            self._filled = 0

    def _count(self, outputs: Array) -> None:
        loss, weight = self._chunk_loss(outputs, self._targets[self._done : self._done + len(outputs)])
        self._done += len(outputs)
        self._total, self._total_weight = self._total + loss * weight, self._total_weight + weight
