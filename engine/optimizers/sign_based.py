"""Optimizers that take only the sign of the gradient: Lion and Rprop."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, constant
from engine.optimizers.base import (
    Optimizer,
    Working,
    add_decay,
    decay_field,
    least_size,
    rate_field,
    rescale,
    smoothing_field,
    write_sign,
)
from engine.settings import hints


class Lion(Optimizer):
    """Lion: p ← p − ρ (sign(β₁ m + (1 − β₁) g) + λ p); then m ← β₂ m + (1 − β₂) g.

    The slot stores M = m / (1 − β₂), so that it needs one pass less; the sign is that of
    M β₁ (1 − β₂) / (1 − β₁) + g. What suits is a third to a tenth of AdamW's learning rate.
    Reference: Chen et al. 2023, Symbolic discovery of optimization algorithms.
    """

    heading: ClassVar[str] = "Lion"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, (\mathrm{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda p)",
        "p ← p − ρ (sign(β₁ m + (1 − β₁) g) + λ p)",
    )
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
        weight = self.beta1 * (1 - self.beta2) / (1 - self.beta1)
        np.multiply(mean, constant(weight, dtype), change)
        np.add(change, gradient, change)
        write_sign(change, change, scratch)
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

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        mean = (1 - self.beta2) * slots["mean"]
        return [Working("m", "m", mean, "running mean of the gradients, this one included")]

    def adapt_slots(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """The scaled mean follows β₂."""
        if isinstance(earlier, Lion):
            rescale(slots[0], earlier.beta2, self.beta2)


class Rprop(Optimizer):
    """Resilient propagation: p ← p − ρ s sign(g), with a size s for each parameter, 1 at first.

    s grows by η⁺ where g keeps its sign, shrinks by η⁻ where it turns, and stays within its bounds; where g
    has turned, this step is left out. The sizes are multiples of the learning rate, so a schedule acts on
    them. Only the sign of g counts: it should be of the full batch, as noise would flip it at every step.
    Reference: Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation learning; the
    variant of PyTorch, Rprop, whose bounds 1e-6 and 50 are these at its learning rate 0.01.
    """

    heading: ClassVar[str] = "Rprop"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, s \, \mathrm{sign}(g)",
        "p ← p − ρ s sign(g)",
    )
    slots: ClassVar[tuple[str, ...]] = ("sizes", "previous")
    has_proximal_step: ClassVar[bool] = False

    kind: Literal["rprop"] = "rprop"
    learning_rate: float = rate_field(0.01)
    eta_plus: float = Field(
        1.2,
        ge=1,
        le=10,
        title="Growth η⁺",
        description="A parameter's step is multiplied by this while its gradient keeps its sign.",
        json_schema_extra=hints(live=True),
    )
    eta_minus: float = Field(
        0.5,
        gt=0,
        le=1,
        title="Shrinkage η⁻",
        description="A parameter's step is multiplied by this when its gradient changes its sign.",
        json_schema_extra=hints(live=True),
    )
    min_step: float = Field(
        1e-4,
        ge=0,
        le=1,
        title="Smallest step",
        description="No step becomes smaller than this, as a fraction of the learning rate.",
        json_schema_extra=hints(live=True),
    )
    max_step: float = Field(
        5000.0,
        ge=1,
        le=1e9,
        title="Largest step",
        description="No step becomes larger than this multiple of the learning rate.",
        json_schema_extra=hints(live=True),
    )

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
        sizes, previous = slots
        dtype = sizes.dtype
        one = constant(1.0, dtype)
        if step == 1:
            sizes.fill(1.0)
        # σ: 1 where the gradient kept its sign, −1 where it turned, 0 at a new start.
        write_sign(gradient, change, scratch)
        np.multiply(change, previous, scratch)
        # The factor of s is a parabola through η⁻ at −1, 1 at 0 and η⁺ at 1, which costs less than a
        # selection.
        curvature, slope = (self.eta_plus + self.eta_minus) / 2 - 1, (self.eta_plus - self.eta_minus) / 2
        np.multiply(scratch, constant(curvature, dtype), previous)
        np.add(previous, constant(slope, dtype), previous)
        np.multiply(previous, scratch, previous)
        np.add(previous, one, previous)
        np.multiply(sizes, previous, sizes)
        sizes.clip(constant(self.min_step, dtype), constant(self.max_step, dtype), sizes)
        # A gradient that has turned counts as 0, in this step and when the next one looks back.
        np.add(scratch, one, scratch)
        np.fmin(scratch, one, scratch)
        np.multiply(change, scratch, previous)
        np.multiply(previous, sizes, change)
        np.multiply(change, rate, change)

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        return [Working("s", "s", slots["sizes"], "size of the step, in learning rates")]
