"""For the tests of optimizers: parameters under one, without a network."""

from itertools import pairwise

import numpy as np

from engine.optimizers import Optimizer


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
