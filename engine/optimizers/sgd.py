"""Plain gradient descent on mini-batches."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array
from engine.optimizers.base import Optimizer
from engine.optimizers.decay import add_decay
from engine.optimizers.fields import decay_field, rate_field


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p − ρ (g + λ p), with learning rate ρ and gradient g.

    Reference: Robbins & Monro 1951, A stochastic approximation method; PyTorch, SGD. The decay λ is SGDW's:
    Loshchilov & Hutter 2019, Decoupled weight decay regularization. Without momentum, it is the same as L2
    on all parameters.
    """

    heading: ClassVar[str] = "SGD"

    kind: Literal["sgd"] = "sgd"
    learning_rate: float = rate_field(0.1)
    weight_decay: float = decay_field()

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
        if self.weight_decay:  # asked here too: this is the shortest update, and a call would be felt
            add_decay(change, parameters, scratch, rate * self.weight_decay)
