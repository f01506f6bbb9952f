"""Plain gradient descent on mini-batches."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.optimizers.base import Optimizer
from engine.optimizers.fields import rate_field


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p − ρ g, with learning rate ρ and gradient g.

    Reference: Robbins & Monro 1951, A stochastic approximation method; PyTorch, SGD.
    """

    heading: ClassVar[str] = "SGD"

    kind: Literal["sgd"] = "sgd"
    learning_rate: float = rate_field(0.1)

    def update(
        self,
        gradient: Array,
        parameters: Array,
        slots: tuple[Array, ...],
        change: Array,
        scratch: Array,
        rate: float,
        step: int,
    ) -> None:
        np.multiply(gradient, rate, change)
