"""Adam and its relatives, with momentum and a learning rate for each parameter: AdamW and Adamax."""

import math
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
    epsilon_field,
    least_size,
    rate_field,
    rescale,
    smoothing_field,
)
from engine.settings import hints


class AdaptiveMoments(Optimizer):
    """m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; both start at 0, and are divided by 1 − βᵗ for it.

    The slots store m / (1 − β₁) and v / (1 − β₂), so that each needs one pass less.
    Reference: Kingma & Ba 2015, Adam: a method for stochastic optimization.
    """

    learning_rate: float = rate_field(0.001)
    beta1: float = smoothing_field(0.9, "Momentum β₁", "gradients")
    beta2: float = smoothing_field(0.999, "Smoothing β₂", "squared gradients")
    epsilon: float = epsilon_field(1e-8)

    @property
    def slots(self) -> tuple[str, ...]:
        """The scaled m and v."""
        return ("mean", "squares")

    def _advance(self, gradient: Array, slots: tuple[Array, ...], scratch: Array, step: int) -> float:
        """Update the moments; √v̂ + ε is then `scratch` times the returned factor.

        With M, V the slots, b = 1 − βᵗ and c = √((1 − β₂) / b₂): √(v / b₂) + ε = c (√V + ε / c), so `scratch`
        is √V + ε / c, and the factor c. A third slot keeps the largest V so far and takes its place in the
        root.
        """
        mean, squares = slots[:2]
        dtype = mean.dtype
        scale = math.sqrt((1 - self.beta2) / (1 - self.beta2**step))
        np.multiply(mean, constant(self.beta1, dtype), mean)
        np.add(mean, gradient, mean)
        np.multiply(squares, constant(self.beta2, dtype), squares)
        np.multiply(gradient, gradient, scratch)
        np.add(squares, scratch, squares)
        if len(slots) > 2:
            squares = np.fmax(squares, slots[2], slots[2])
        np.sqrt(squares, scratch)
        np.add(scratch, self.epsilon / scale, scratch)
        return scale

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (max(√v̂, λ₁ / 2) + ε)."""
        np.sqrt(slots[-1], out)
        np.multiply(out, math.sqrt((1 - self.beta2) / (1 - self.beta2**step)), out)
        np.maximum(out, least_size(l1), out=out)
        np.add(out, self.epsilon, out)
        return np.divide(rate * l1, out, out)

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        mean, squares = slots["mean"] * (1 - self.beta1), slots["squares"] * (1 - self.beta2)
        root = math.sqrt(slots.get("largest", slots["squares"]) * (1 - self.beta2) / (1 - self.beta2**step))
        return [
            Working("m", "m", mean, "running mean of the gradients"),
            Working("v", "v", squares, "running mean of their squares"),
            Working(r"\hat{m}", "m̂", mean / (1 - self.beta1**step), "m, corrected for its start at 0"),
            Working(r"\sqrt{\hat{v}}", "√v̂", root, "usual size of the gradient"),
        ]

    def adapt_slots(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """The scaled moments follow β₁ and β₂."""
        if isinstance(earlier, AdaptiveMoments):
            mean, *squares = slots
            rescale(mean, earlier.beta1, self.beta1)
            for slot in squares:
                rescale(slot, earlier.beta2, self.beta2)


class AdamRule(AdaptiveMoments):
    """p ← p − ρ m̂ / (√v̂ + ε); with AMSGrad, v̂ comes from the largest v so far, and never falls.

    Reference: Reddi, Kale & Kumar 2018, On the convergence of Adam and beyond; PyTorch, `amsgrad=True`.
    """

    amsgrad: bool = Field(
        False,
        title="AMSGrad",
        description="Never lets a parameter's own rate rise again after large gradients have lowered it.",
        json_schema_extra=hints(section="More"),
    )

    @property
    def slots(self) -> tuple[str, ...]:
        """The largest v is kept only where it is used."""
        return ("mean", "squares", "largest") if self.amsgrad else ("mean", "squares")

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
        """ρ m̂ / (√v̂ + ε), with m̂ = M (1 − β₁) / b₁."""
        scale = self._advance(gradient, slots, scratch, step)
        np.divide(slots[0], scratch, change)
        np.multiply(change, rate * ((1 - self.beta1) / ((1 - self.beta1**step) * scale)), change)


class Adam(AdamRule):
    """Adam: p ← p − ρ m̂ / (√v̂ + ε), with the bias-corrected running means m̂ of g and v̂ of g².

    Reference: Kingma & Ba 2015, Adam: a method for stochastic optimization; PyTorch, Adam.
    """

    heading: ClassVar[str] = "Adam"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, \hat{m} / (\sqrt{\hat{v}} + \epsilon)",
        "p ← p − ρ m̂ / (√v̂ + ε)",
    )

    kind: Literal["adam"] = "adam"


class AdamW(AdamRule):
    """AdamW: p ← p − ρ (m̂ / (√v̂ + ε) + λ p), for all parameters, biases among them, as PyTorch does.

    Reference: Loshchilov & Hutter 2019, Decoupled weight decay regularization; PyTorch, AdamW.
    """

    heading: ClassVar[str] = "AdamW"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, (\hat{m} / (\sqrt{\hat{v}} + \epsilon) + \lambda p)",
        "p ← p − ρ (m̂ / (√v̂ + ε) + λ p)",
    )

    kind: Literal["adamw"] = "adamw"
    weight_decay: float = decay_field(0.01)

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
        super().update(gradient, parameters, slots, change, scratch, rate, step)
        add_decay(change, parameters, scratch, rate * self.weight_decay)


class Adamax(Optimizer):
    """Adamax: m ← β₁ m + (1 − β₁) g; u ← max(β₂ u, |g| + ε); p ← p − ρ m / ((1 − β₁ᵗ) u).

    The slot of m stores m / (1 − β₁), so that it needs one pass less.
    Reference: Kingma & Ba 2015, Adam: a method for stochastic optimization, section 7.1; PyTorch, Adamax.
    """

    heading: ClassVar[str] = "Adamax"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, \hat{m} / u",
        "p ← p − ρ m̂ / u",
    )
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

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        mean = slots["mean"] * (1 - self.beta1) / (1 - self.beta1**step)
        return [
            Working(r"\hat{m}", "m̂", mean, "running mean of the gradients, corrected for its start at 0"),
            Working("u", "u", slots["largest"], "largest gradient, slowly forgotten"),
        ]

    def adapt_slots(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """The scaled mean follows β₁."""
        if isinstance(earlier, Adamax):
            rescale(slots[0], earlier.beta1, self.beta1)
