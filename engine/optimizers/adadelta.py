"""Steps in the parameters' own unit: as large as recent changes, over as large as recent gradients."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer, least_size
from engine.optimizers.fields import epsilon_field, rate_field, smoothing_field
from engine.optimizers.running_means import rescale


class Adadelta(Optimizer):
    """Adadelta: v ← α v + (1 − α) g²; d = g √(u + ε) / √(v + ε); u ← α u + (1 − α) d²; p ← p − ρ d.

    The slots keep v / (1 − α) and u / (1 − α), so that each needs one pass less; with ε / (1 − α) in place
    of ε, the scale cancels in d.
    Reference: Zeiler 2012, Adadelta: an adaptive learning rate method; PyTorch, Adadelta.
    """

    heading: ClassVar[str] = "Adadelta"
    slots: ClassVar[tuple[str, ...]] = ("squares", "squared_changes")

    kind: Literal["adadelta"] = "adadelta"
    learning_rate: float = rate_field(1.0)
    alpha: float = smoothing_field(0.9, "Smoothing α", "squared gradients and squared changes")
    epsilon: float = epsilon_field(1e-6)

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
        squares, squared_changes = slots
        dtype = squares.dtype
        alpha, epsilon = constant(self.alpha, dtype), constant(self.epsilon / (1 - self.alpha), dtype)
        np.multiply(squares, alpha, squares)
        np.multiply(gradient, gradient, scratch)
        np.add(squares, scratch, squares)
        np.add(squares, epsilon, scratch)
        np.add(squared_changes, epsilon, change)
        np.divide(change, scratch, change)
        np.sqrt(change, change)
        np.multiply(change, gradient, change)
        np.multiply(squared_changes, alpha, squared_changes)
        np.multiply(change, change, scratch)
        np.add(squared_changes, scratch, squared_changes)
        np.multiply(change, rate, change)

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ √(u + ε) / √(max(v, λ₁² / 4) + ε)."""
        squares, squared_changes = slots
        share = 1 - self.alpha
        np.maximum(squares, least_size(l1) ** 2 / share, out=out)
        np.add(out, self.epsilon / share, out)
        np.add(squared_changes, self.epsilon / share, scratch)
        np.divide(scratch, out, out)
        np.sqrt(out, out)
        return np.multiply(out, rate * l1, out)

    def adopt(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """The scaled means follow α."""
        if isinstance(earlier, Adadelta):
            for slot in slots:
                rescale(slot, earlier.alpha, self.alpha)
