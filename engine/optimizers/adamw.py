"""Adam with weight decay that its adaptive rates do not distort."""

from typing import ClassVar, Literal

from engine.arrays import Array
from engine.optimizers.adaptive_moments import AdamRule
from engine.optimizers.decay import add_decay
from engine.optimizers.fields import decay_field


class AdamW(AdamRule):
    """AdamW: p ← p − ρ (m̂ / (√v̂ + ε) + λ p), for all parameters, biases among them, as PyTorch does.

    Reference: Loshchilov & Hutter 2019, Decoupled weight decay regularization; PyTorch, AdamW.
    """

    heading: ClassVar[str] = "AdamW"

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
