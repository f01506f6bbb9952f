"""For the tests of optimizers: parameters under one, without a network."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from engine.optimizers import Optimizer

Function = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""From parameters to loss and gradient."""


class Run:
    """Parameters under an optimizer, updated in one block or in several."""

    def __init__(self, optimizer: Optimizer, start: np.ndarray) -> None:
        self.optimizer = optimizer
        self.parameters = start.copy()
        self.slots = tuple(np.zeros_like(start) for _ in optimizer.slots)
        self.change = np.full_like(start, np.nan)
        self.scratch = np.full_like(start, np.nan)
        self.steps = 0

    def step(self, gradient: np.ndarray, rate: float, blocks: int = 1) -> None:
        self.steps += 1
        bounds = np.linspace(0, len(self.parameters), blocks + 1).astype(int).tolist()
        for low, high in pairwise(bounds):
            part = slice(low, high)
            self.optimizer.update(
                gradient[part],
                self.parameters[part],
                tuple(slot[part] for slot in self.slots),
                self.change[part],
                self.scratch[part],
                rate,
                self.steps,
            )
        self.parameters -= self.change


class Descent:
    """Goes downhill as the updater does: a direction from whole vectors, then a search for the length."""

    def __init__(self, optimizer: Optimizer, function: Function, start: np.ndarray) -> None:
        self.optimizer, self.function = optimizer, function
        self.parameters = start.copy()
        self.slots = tuple(np.zeros_like(start) for _ in optimizer.slots)
        self.change, self.scratch = np.full_like(start, np.nan), np.full_like(start, np.nan)
        self.steps = self.evaluations = 0

    def step(self, factor: float = 1.0) -> float:
        """One step; returns the length found."""
        length = self._search(factor)
        if not length and factor and self.steps > 1:
            self.steps = 0
            for slot in self.slots:
                slot.fill(0)
            length = self._search(factor)
        self.parameters -= length * self.change
        if length:
            _, gradient = self.function(self.parameters)
            self.optimizer.record_step(gradient, self.parameters, self.slots, self.steps)
        else:
            self.steps -= 1
        return length

    def _search(self, factor: float) -> float:
        self.steps += 1
        loss, gradient = self.function(self.parameters)
        rate = self.optimizer.learning_rate * factor
        self.optimizer.update(
            gradient, self.parameters, self.slots, self.change, self.scratch, rate, self.steps
        )

        def along(length: float) -> tuple[float, float]:
            self.evaluations += 1
            there, slope = self.function(self.parameters - length * self.change)
            return there, -float(slope @ self.change)

        return self.optimizer.search(along, loss, -float(gradient @ self.change))

    def loss(self) -> float:
        return self.function(self.parameters)[0]
