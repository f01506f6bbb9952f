"""A rate of its own for each parameter, smaller the more its gradients have been."""

from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.base import Optimizer
from engine.optimizers.fields import epsilon_field, rate_field


class AdaGrad(Optimizer):
    """AdaGrad: s ← s + g²; p ← p − ρ g / (√s + ε).

    Reference: Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic
    optimization; PyTorch, Adagrad.
    """

    heading: ClassVar[str] = "AdaGrad"
    slots: ClassVar[tuple[str, ...]] = ("sum_of_squares",)

    kind: Literal["adagrad"] = "adagrad"
    learning_rate: float = rate_field(0.01)
    epsilon: float = epsilon_field(1e-10)

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
        (sum_of_squares,) = slots
        np.multiply(gradient, gradient, scratch)
        np.add(sum_of_squares, scratch, sum_of_squares)
        np.sqrt(sum_of_squares, scratch)
        np.add(scratch, constant(self.epsilon, scratch.dtype), scratch)
        np.divide(gradient, scratch, change)
        np.multiply(change, rate, change)
