"""A rate of its own for each parameter, from the recent size of its gradients."""

import math
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer, least_size
from engine.optimizers.fields import epsilon_field, rate_field, smoothing_field


class RMSProp(Optimizer):
    """RMSProp: v ← α v + (1 − α) g²; p ← p − ρ g / (√v + ε).

    The slot keeps s = v / (1 − α), so that s ← α s + g² needs one pass less; with c = √(1 − α), the change
    is (ρ / c) g / (√s + ε / c).
    Reference: Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6.5; PyTorch, RMSprop.
    """

    heading: ClassVar[str] = "RMSProp"
    slots: ClassVar[tuple[str, ...]] = ("squares",)

    kind: Literal["rmsprop"] = "rmsprop"
    learning_rate: float = rate_field(0.001)
    alpha: float = smoothing_field(0.99, "Smoothing α", "squared gradients")
    epsilon: float = epsilon_field(1e-8)

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
        (squares,) = slots
        dtype = squares.dtype
        scale = math.sqrt(1 - self.alpha)
        np.multiply(squares, constant(self.alpha, dtype), squares)
        np.multiply(gradient, gradient, scratch)
        np.add(squares, scratch, squares)
        np.sqrt(squares, scratch)
        np.add(scratch, constant(self.epsilon / scale, dtype), scratch)
        np.divide(gradient, scratch, change)
        np.multiply(change, rate / scale, change)

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (max(√v, λ₁ / 2) + ε)."""
        np.sqrt(slots[0], out)
        np.multiply(out, math.sqrt(1 - self.alpha), out)
        np.maximum(out, least_size(l1), out=out)
        np.add(out, self.epsilon, out)
        return np.divide(rate * l1, out, out)

    def adopt(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """s = v / (1 − α) follows α."""
        if isinstance(earlier, RMSProp):
            (squares,) = slots
            np.multiply(squares, (1 - earlier.alpha) / (1 - self.alpha), squares)
