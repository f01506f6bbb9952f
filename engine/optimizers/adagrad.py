"""A learning rate for each parameter from the squares of its gradients: AdaGrad, Adadelta and RMSProp."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, constant
from engine.optimizers.base import (
    Optimizer,
    Working,
    epsilon_field,
    least_size,
    rate_field,
    rescale,
    smoothing_field,
)
from engine.settings import hints


class AdaGrad(Optimizer):
    """AdaGrad: s ← s + g²; p ← p − ρ g / (√s + ε).

    Reference: Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic
    optimization; PyTorch, Adagrad.
    """

    heading: ClassVar[str] = "AdaGrad"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, g / (\sqrt{s} + \epsilon)",
        "p ← p − ρ g / (√s + ε)",
    )
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

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        root = math.sqrt(slots["sum_of_squares"])
        return [Working(r"\sqrt{s}", "√s", root, "root of the sum of all squared gradients")]

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (max(√s, √t λ₁ / 2) + ε)."""
        np.sqrt(slots[0], out)
        np.maximum(out, least_size(l1) * math.sqrt(step), out=out)
        np.add(out, self.epsilon, out)
        return np.divide(rate * l1, out, out)


class Adadelta(Optimizer):
    """Adadelta: v ← α v + (1 − α) g²; d = g √(u + ε) / √(v + ε); u ← α u + (1 − α) d²; p ← p − ρ d.

    The slots store v / (1 − α) and u / (1 − α), so that each needs one pass less; with ε / (1 − α) in place
    of ε, the scale cancels in d.
    Reference: Zeiler 2012, Adadelta: an adaptive learning rate method; PyTorch, Adadelta.
    """

    heading: ClassVar[str] = "Adadelta"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, g \sqrt{u + \epsilon} / \sqrt{v + \epsilon}",
        "p ← p − ρ g √(u + ε) / √(v + ε)",
    )
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

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        v, u = ((1 - self.alpha) * slots[name] for name in ("squares", "squared_changes"))
        return [
            Working("v", "v", v, "running mean of the squared gradients"),
            Working("u", "u", u, "running mean of the squared changes, this one included"),
        ]

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ √(u + ε) / √(max(v, λ₁² / 4) + ε)."""
        squares, squared_changes = slots
        scale = 1 - self.alpha
        np.maximum(squares, least_size(l1) ** 2 / scale, out=out)
        np.add(out, self.epsilon / scale, out)
        np.add(squared_changes, self.epsilon / scale, scratch)
        np.divide(scratch, out, out)
        np.sqrt(out, out)
        return np.multiply(out, rate * l1, out)

    def adapt_slots(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """The scaled means follow α."""
        if isinstance(earlier, Adadelta):
            for slot in slots:
                rescale(slot, earlier.alpha, self.alpha)


class RMSProp(Optimizer):
    """RMSProp: v ← α v + (1 − α) g²; p ← p − ρ g / (√v + ε).

    With momentum, u ← μ u + g / (√v + ε); p ← p − ρ u. Centred, v − m² takes the place of v, with the mean
    gradient m ← α m + (1 − α) g; PyTorch would take the root of what rounding may leave below 0.
    The slots store V = v / (1 − α) and M = m / (1 − α), so that each needs one pass less; with c = √(1 − α),
    the change is (ρ / c) g / (√V + ε / c), or (ρ / c) U with U = c u.
    Reference: Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6.5; Graves 2013,
    Generating sequences with recurrent neural networks, section 4.2; PyTorch, RMSprop.
    """

    heading: ClassVar[str] = "RMSProp"
    formula: ClassVar[tuple[str, str]] = (
        r"p \leftarrow p - \rho \, g / (\sqrt{v} + \epsilon)",
        "p ← p − ρ g / (√v + ε)",
    )

    kind: Literal["rmsprop"] = "rmsprop"
    learning_rate: float = rate_field(0.001)
    alpha: float = smoothing_field(0.99, "Smoothing α", "squared gradients")
    momentum: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="Momentum",
        description="Fraction of the last step that is added to the next one; 0 is plain RMSProp.",
        json_schema_extra=hints(slider=True, section="More"),
    )
    centered: bool = Field(
        False,
        title="Centred",
        description="Divides by how much gradients vary around their mean: longer steps where they agree.",
        json_schema_extra=hints(section="More"),
    )
    epsilon: float = epsilon_field(1e-8)

    @property
    def slots(self) -> tuple[str, ...]:
        """Velocity and mean gradient are kept only where they are used."""
        return ("squares", *(("velocity",) if self.momentum else ()), *(("mean",) if self.centered else ()))

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
        squares = slots[0]
        dtype = squares.dtype
        scale = math.sqrt(1 - self.alpha)
        np.multiply(squares, constant(self.alpha, dtype), squares)
        np.multiply(gradient, gradient, scratch)
        np.add(squares, scratch, squares)
        if self.centered:
            mean = slots[-1]
            np.multiply(mean, constant(self.alpha, dtype), mean)
            np.add(mean, gradient, mean)
            squares = self._variance(squares, mean, scratch)
        np.sqrt(squares, scratch)
        np.add(scratch, constant(self.epsilon / scale, dtype), scratch)
        np.divide(gradient, scratch, change)
        velocity = change
        if self.momentum:
            velocity = slots[1]
            np.multiply(velocity, constant(self.momentum, dtype), velocity)
            np.add(velocity, change, velocity)
        np.multiply(velocity, rate / scale, change)

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        v = (1 - self.alpha) * slots["squares"]
        found = [Working("v", "v", v, "running mean of the squared gradients")]
        if self.centered:
            mean = (1 - self.alpha) * slots["mean"]
            found.append(Working("m", "m", mean, "running mean of the gradients"))
        if self.momentum:
            velocity = slots["velocity"] / math.sqrt(1 - self.alpha)
            found.append(Working("u", "u", velocity, "velocity"))
        return found

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """ρ λ₁ / (max(√v, λ₁ / 2) + ε) / (1 − μ)."""
        squares = self._variance(slots[0], slots[-1], scratch) if self.centered else slots[0]
        np.sqrt(squares, out)
        np.multiply(out, math.sqrt(1 - self.alpha), out)
        np.maximum(out, least_size(l1), out=out)
        np.add(out, self.epsilon, out)
        return np.divide(rate * l1 / (1 - self.momentum), out, out)

    def adapt_slots(self, slots: tuple[Array, ...], earlier: Optimizer) -> None:
        """V, M and U follow α."""
        if isinstance(earlier, RMSProp):
            rescale(slots[0], earlier.alpha, self.alpha)
            if self.centered:
                rescale(slots[-1], earlier.alpha, self.alpha)
            if self.momentum:
                np.multiply(slots[1], math.sqrt((1 - self.alpha) / (1 - earlier.alpha)), slots[1])

    def _variance(self, squares: Array, mean: Array, out: Array) -> Array:
        """(v − m²) / (1 − α) = V − (1 − α) M²; where all gradients agree, rounding may take it below 0."""
        np.multiply(mean, mean, out)
        np.multiply(out, 1 - self.alpha, out)
        np.subtract(squares, out, out)
        return np.maximum(out, 0.0, out=out)
