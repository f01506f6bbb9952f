"""Momentum and a rate of its own for each parameter: the usual first choice."""

from typing import ClassVar, Literal

from engine.optimizers.adaptive_moments import AdamRule


class Adam(AdamRule):
    """Adam: p ← p − ρ m̂ / (√v̂ + ε), with the bias-corrected running means m̂ of g and v̂ of g².

    Reference: Kingma & Ba 2015, Adam: a method for stochastic optimization; PyTorch, Adam.
    """

    heading: ClassVar[str] = "Adam"

    kind: Literal["adam"] = "adam"
