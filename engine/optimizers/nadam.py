"""NAdam: Adam with Nesterov's momentum."""

import math
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.optimizers.adam import AdaptiveMoments
from engine.optimizers.base import add_decay, decay_field, rate_field
from engine.settings import hints

GROWTH = 0.96
"""Dozat's base: the momentum of step i is β₁ (1 − 0.96^(i ψ) / 2)."""

NEGLIGIBLE = 37.5
"""e^−37.5 is half of the last digit that 1 − e^−37.5 has in float64."""


class NAdam(AdaptiveMoments):
    """NAdam: Adam's m̂ is replaced by μ′ m / (1 − Π μ′) + (1 − μ) g / (1 − Π), and p decays by ρ λ p.

    Here μ = β₁ (1 − 0.96^(t ψ) / 2) is the momentum of this step, μ′ that of the next, and Π the product of
    all momenta up to this step.
    Reference: Dozat 2016, Incorporating Nesterov momentum into Adam; PyTorch, NAdam with
    `decoupled_weight_decay=True`.
    """

    heading: ClassVar[str] = "NAdam"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, (\hat{m}' / (\sqrt{\hat{v}} + \epsilon) + \lambda p)",
        "p ← p − ρ (m̂′ / (√v̂ + ε) + λ p)",
    )

    kind: Literal["nadam"] = "nadam"
    learning_rate: float = rate_field(0.002)
    momentum_decay: float = Field(
        0.004,
        ge=0,
        le=1,
        title="Momentum growth ψ",
        description="How soon the momentum grows from half of β₁ to all of it.",
        json_schema_extra=hints(live=True),
    )
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
        # With M, V the slots and c as in Adam, the change is k (K M + g) / (√V + ε / c): one pass more.
        scale = self._advance(gradient, slots, scratch, step)
        of_gradient, of_mean = momentum_factors(self.beta1, self.momentum_decay, step)
        np.multiply(slots[0], (1 - self.beta1) * of_mean / of_gradient, change)
        np.add(change, gradient, change)
        np.divide(change, scratch, change)
        np.multiply(change, rate * of_gradient / scale, change)
        add_decay(change, parameters, scratch, rate * self.weight_decay)


@lru_cache(maxsize=16)
def momentum_factors(beta1: float, momentum_decay: float, step: int) -> tuple[float, float]:
    """The factors (1 − μ) / (1 − Π) of the gradient and μ′ / (1 − Π μ′) of the mean, at step 1, 2, …"""
    momentum, following = (beta1 * (1 - GROWTH ** (i * momentum_decay) / 2) for i in (step, step + 1))
    product = momentum_product(beta1, momentum_decay, step)
    return (1 - momentum) / (1 - product), following / (1 - product * following)


def momentum_product(beta1: float, momentum_decay: float, step: int) -> float:
    """Π, the product of β₁ (1 − rⁱ / 2) for i = 1 … t, with r = 0.96^ψ; 0 where 1 − Π rounds to 1.

    PyTorch multiplies it up in the course of the run. To go on from any step without that memory, its
    logarithm is summed by powers: Σᵢ ln(1 − rⁱ / 2) = −Σₖ rᵏ (1 − rᵏᵗ) / (k 2ᵏ (1 − rᵏ)), which has all
    digits after some fifty terms.
    """
    if beta1 == 0 or step * math.log(beta1) < -NEGLIGIBLE:
        return 0.0
    rate = momentum_decay * math.log(GROWTH)
    logarithm = step * math.log(beta1)
    for k in range(1, 60):
        powers = math.exp(k * rate) * math.expm1(k * step * rate) / math.expm1(k * rate) if rate else step
        term = powers / (k * 2.0**k)
        logarithm -= term
        if term < 1e-17:
            break
    return math.exp(logarithm)
