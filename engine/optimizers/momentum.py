"""Gradient descent that gathers speed along directions that persist."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer
from engine.optimizers.decay import add_decay
from engine.optimizers.fields import decay_field, momentum_field, rate_field


class Momentum(Optimizer):
    """SGD with momentum: v ← μ v + g; p ← p − ρ (v + λ p).

    Reference: Polyak 1964, Some methods of speeding up the convergence of iteration methods; PyTorch, SGD
    with momentum and no dampening, where the learning rate ρ stays out of the velocity v. The decay λ is
    SGDW's: Loshchilov & Hutter 2019, Decoupled weight decay regularization.
    """

    heading: ClassVar[str] = "Momentum"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    kind: Literal["momentum"] = "momentum"
    learning_rate: float = rate_field(0.01)
    momentum: float = momentum_field()
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
        (velocity,) = slots
        np.multiply(velocity, constant(self.momentum, velocity.dtype), velocity)
        np.add(velocity, gradient, velocity)
        np.multiply(velocity, rate, change)
        add_decay(change, parameters, scratch, rate * self.weight_decay)

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (1 − μ): so far does a lasting gradient go, once it has gathered speed."""
        return rate * l1 / (1 - self.momentum)
