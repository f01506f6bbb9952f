"""Gradient descent: plain, with momentum, and with Nesterov's momentum."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer, Working, add_decay, decay_field, momentum_field, rate_field


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p − ρ (g + λ p), with learning rate ρ and gradient g.

    Reference: Robbins & Monro 1951, A stochastic approximation method; PyTorch, SGD. The decay λ is SGDW's:
    Loshchilov & Hutter 2019, Decoupled weight decay regularization. Without momentum, it is the same as L2
    on all parameters.
    """

    heading: ClassVar[str] = "SGD"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, (g + \lambda p)",
        "p ← p − ρ (g + λ p)",
    )

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


class VelocityRule(Optimizer):
    """A rule with a velocity v, in which the gradients of earlier steps live on: v ← μ v + g."""

    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    learning_rate: float = rate_field(0.01)
    momentum: float = momentum_field()
    weight_decay: float = decay_field()

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        return [Working("v", "v", slots["velocity"], "velocity: in it, earlier gradients live on")]

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (1 − μ): so far does a lasting gradient go, once it has gathered speed."""
        return rate * l1 / (1 - self.momentum)


class Momentum(VelocityRule):
    """SGD with momentum: v ← μ v + g; p ← p − ρ (v + λ p).

    Reference: Polyak 1964, Some methods of speeding up the convergence of iteration methods; PyTorch, SGD
    with momentum and no dampening, where the learning rate ρ stays out of the velocity v. The decay λ is
    SGDW's: Loshchilov & Hutter 2019, Decoupled weight decay regularization.
    """

    heading: ClassVar[str] = "Momentum"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, (v + \lambda p)",
        "p ← p − ρ (v + λ p)",
    )

    kind: Literal["momentum"] = "momentum"

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


class Nesterov(VelocityRule):
    """SGD with Nesterov's momentum: v ← μ v + g; p ← p − ρ (g + μ v + λ p).

    The slot stores w = μ v, what the next step hands on: w ← μ (w + g); p ← p − ρ (g + w). It is the same
    rule with one pass less. The decay λ is outside of the velocity, as in SGDW.
    Reference: Nesterov 1983, A method of solving a convex programming problem with convergence rate
    O(1/k²); PyTorch, SGD with `nesterov=True`.
    """

    heading: ClassVar[str] = "Nesterov"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, (g + \mu v + \lambda p)",
        "p ← p − ρ (g + μ v + λ p)",
    )

    kind: Literal["nesterov"] = "nesterov"

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

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        return [Working(r"\mu v", "μ v", slots["velocity"], "velocity times momentum")]

    def adapt_slots(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """w = μ v follows μ. After μ = 0 there is no velocity left to follow it."""
        if isinstance(earlier, Nesterov) and earlier.momentum:
            (velocity,) = slots
            np.multiply(velocity, self.momentum / earlier.momentum, velocity)
