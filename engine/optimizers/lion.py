"""Steps of one size for all parameters: only the sign of the smoothed gradient counts."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer, least_size
from engine.optimizers.decay import add_decay
from engine.optimizers.fields import decay_field, rate_field, smoothing_field
from engine.optimizers.running_means import rescale
from engine.optimizers.signs import signs
from engine.settings import hints


class Lion(Optimizer):
    """Lion: p ← p − ρ (sign(β₁ m + (1 − β₁) g) + λ p); then m ← β₂ m + (1 − β₂) g.

    The slot keeps M = m / (1 − β₂), so that it needs one pass less; the sign is that of
    M β₁ (1 − β₂) / (1 − β₁) + g. What suits is a third to a tenth of AdamW's learning rate.
    Reference: Chen et al. 2023, Symbolic discovery of optimization algorithms.
    """

    heading: ClassVar[str] = "Lion"
    slots: ClassVar[tuple[str, ...]] = ("mean",)

    kind: Literal["lion"] = "lion"
    learning_rate: float = rate_field(3e-4)
    beta1: float = Field(
        0.9,
        ge=0,
        lt=1,
        title="Smoothing β₁",
        description="How much earlier gradients count against this one in the direction of the step.",
        json_schema_extra=hints(live=True),
    )
    beta2: float = smoothing_field(0.99, "Memory β₂", "gradients")
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
        (mean,) = slots
        dtype = mean.dtype
        share = self.beta1 * (1 - self.beta2) / (1 - self.beta1)
        np.multiply(mean, constant(share, dtype), change)
        np.add(change, gradient, change)
        signs(change, change, scratch)
        np.multiply(change, rate, change)
        add_decay(change, parameters, scratch, rate * self.weight_decay)
        np.multiply(mean, constant(self.beta2, dtype), mean)
        np.add(mean, gradient, mean)

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / max(|m|, λ₁ / 2): a step of one size stands for a gradient as large as the mean."""
        np.absolute(slots[0], out)
        np.multiply(out, 1 - self.beta2, out)
        np.maximum(out, least_size(l1), out=out)
        return np.divide(rate * l1, out, out)

    def adopt(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """The scaled mean follows β₂."""
        if isinstance(earlier, Lion):
            rescale(slots[0], earlier.beta2, self.beta2)
