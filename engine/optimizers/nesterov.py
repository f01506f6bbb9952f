"""Momentum that looks ahead: the step already contains the next one's momentum."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer
from engine.optimizers.decay import add_decay
from engine.optimizers.fields import decay_field, momentum_field, rate_field


class Nesterov(Optimizer):
    """SGD with Nesterov's momentum: v ← μ v + g; p ← p − ρ (g + μ v + λ p).

    The slot keeps w = μ v, what the next step hands on: w ← μ (w + g); p ← p − ρ (g + w). It is the same
    rule with one pass less. The decay λ is outside of the velocity, as in SGDW.
    Reference: Nesterov 1983, A method of solving a convex programming problem with convergence rate
    O(1/k²); PyTorch, SGD with `nesterov=True`.
    """

    heading: ClassVar[str] = "Nesterov"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    kind: Literal["nesterov"] = "nesterov"
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
        np.add(velocity, gradient, velocity)
        np.multiply(velocity, constant(self.momentum, velocity.dtype), velocity)
        np.add(velocity, gradient, change)
        np.multiply(change, rate, change)
        add_decay(change, parameters, scratch, rate * self.weight_decay)

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (1 − μ): so far does a lasting gradient go, once it has gathered speed."""
        return rate * l1 / (1 - self.momentum)

    def adopt(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """w = μ v follows μ. After μ = 0 there is no velocity left to follow it."""
        if isinstance(earlier, Nesterov) and earlier.momentum:
            (velocity,) = slots
            np.multiply(velocity, self.momentum / earlier.momentum, velocity)
