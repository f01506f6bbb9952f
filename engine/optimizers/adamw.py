"""Adam with weight decay that its adaptive rates do not distort."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array
from engine.optimizers.adaptive_moments import AdaptiveMoments
from engine.settings import hints


class AdamW(AdaptiveMoments):
    """AdamW: p ← p − ρ (m̂ / (√v̂ + ε) + λ p), for all parameters, biases among them, as PyTorch does.

    Reference: Loshchilov & Hutter 2019, Decoupled weight decay regularization; PyTorch, AdamW.
    """

    heading: ClassVar[str] = "AdamW"

    kind: Literal["adamw"] = "adamw"
    weight_decay: float = Field(
        0.01,
        ge=0,
        le=100,
        title="Weight decay",
        description="Pulls every parameter towards 0, by this share of the learning rate in each step.",
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
        factor = self._advance(gradient, slots, change, scratch, step)
        np.multiply(change, rate * factor, change)
        np.multiply(parameters, rate * self.weight_decay, scratch)
        np.add(change, scratch, change)
