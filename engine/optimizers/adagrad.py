"""A rate of its own for each parameter, smaller the more its gradients have been."""

import math
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer, least_size
from engine.optimizers.fields import epsilon_field, rate_field


class AdaGrad(Optimizer):
    """AdaGrad: s ← s + g²; p ← p − ρ g / (√s + ε).

    Reference: Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic
    optimization; PyTorch, Adagrad.
    """

    heading: ClassVar[str] = "AdaGrad"
    slots: ClassVar[tuple[str, ...]] = ("sum_of_squares",)

    kind: Literal["adagrad"] = "adagrad"
    learning_rate: float = rate_field(0.01)
    epsilon: float = epsilon_field(1e-10)

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
        (sum_of_squares,) = slots
        np.multiply(gradient, gradient, scratch)
        np.add(sum_of_squares, scratch, sum_of_squares)
        np.sqrt(sum_of_squares, scratch)
        np.add(scratch, constant(self.epsilon, scratch.dtype), scratch)
        np.divide(gradient, scratch, change)
        np.multiply(change, rate, change)

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (max(√s, √t λ₁ / 2) + ε)."""
        np.sqrt(slots[0], out)
        np.maximum(out, least_size(l1) * math.sqrt(step), out=out)
        np.add(out, self.epsilon, out)
        return np.divide(rate * l1, out, out)
