"""Adam that divides by the largest recent gradient, where Adam takes a mean: calm under rare spikes."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer, least_size
from engine.optimizers.fields import epsilon_field, rate_field, smoothing_field
from engine.optimizers.running_means import rescale
from engine.settings import hints


class Adamax(Optimizer):
    """Adamax: m ← β₁ m + (1 − β₁) g; u ← max(β₂ u, |g| + ε); p ← p − ρ m / ((1 − β₁ᵗ) u).

    The slot of m keeps m / (1 − β₁), so that it needs one pass less.
    Reference: Kingma & Ba 2015, Adam: a method for stochastic optimization, section 7.1; PyTorch, Adamax.
    """

    heading: ClassVar[str] = "Adamax"
    slots: ClassVar[tuple[str, ...]] = ("mean", "largest")

    kind: Literal["adamax"] = "adamax"
    learning_rate: float = rate_field(0.002)
    beta1: float = smoothing_field(0.9, "Momentum β₁", "gradients")
    beta2: float = Field(
        0.999,
        ge=0,
        lt=1,
        title="Memory β₂",
        description="How slowly a large gradient is forgotten: the nearer to 1, the longer it counts.",
        json_schema_extra=hints(live=True),
    )
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
        mean, largest = slots
        dtype = mean.dtype
        np.multiply(mean, constant(self.beta1, dtype), mean)
        np.add(mean, gradient, mean)
        np.multiply(largest, constant(self.beta2, dtype), largest)
        np.absolute(gradient, scratch)
        np.add(scratch, constant(self.epsilon, dtype), scratch)
        np.fmax(largest, scratch, largest)
        np.divide(mean, largest, change)
        np.multiply(change, rate * (1 - self.beta1) / (1 - self.beta1**step), change)

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / max(u, λ₁ / 2)."""
        np.maximum(slots[1], least_size(l1), out=out)
        return np.divide(rate * l1, out, out)

    def adopt(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """The scaled mean follows β₁."""
        if isinstance(earlier, Adamax):
            rescale(slots[0], earlier.beta1, self.beta1)
