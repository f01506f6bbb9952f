"""What every optimizer is: a rule that turns gradients into changes of the parameters, block by block."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from engine.arrays import Array, constant
from engine.settings import Settings, hints


class Working(NamedTuple):
    """A number that an update is made of: its symbol in LaTeX and in plain characters, and what it is."""

    symbol: str
    text: str
    value: float
    meaning: str


Along = Callable[[float], tuple[float, float]]
"""From a length along the search direction to the loss and its slope there."""


# --- fields that several optimizers have ------------------------------------------------------------------


def rate_field(default: float) -> Any:
    """The learning rate; good values differ from rule to rule by orders of magnitude."""
    return Field(
        default,
        gt=0,
        le=1000,
        title="Learning rate",
        description="How far each step goes along the negative gradient.",
        json_schema_extra=hints(live=True, slider=True, logarithmic=True),
    )


def momentum_field() -> Any:
    """The fraction of the last step that is added to the next one."""
    return Field(
        0.9,
        ge=0,
        lt=1,
        title="Momentum",
        description="Fraction of the last step that is added to the next one; 0 is plain gradient descent.",
        json_schema_extra=hints(live=True, slider=True),
    )


def smoothing_field(default: float, title: str, of_what: str) -> Any:
    """The decay of a running mean."""
    return Field(
        default,
        ge=0,
        lt=1,
        title=title,
        description=f"Memory of the running mean of {of_what}: the nearer to 1, the longer and smoother.",
        json_schema_extra=hints(live=True),
    )


def epsilon_field(default: float) -> Any:
    """The guard of a division by a root that may be 0; above 0 in float32 too."""
    return Field(
        default,
        ge=1e-30,
        le=1,
        title="ε",
        description="Keeps the division safe where gradients have been nearly zero.",
        json_schema_extra=hints(live=True, section="More"),
    )


def decay_field(default: float = 0.0) -> Any:
    """Decoupled weight decay: outside of the gradient, so that no adaptive rate or momentum distorts it."""
    return Field(
        default,
        ge=0,
        le=100,
        title="Weight decay",
        description="Pulls every parameter towards 0, by this fraction of the learning rate in each step.",
        json_schema_extra=hints(live=True),
    )


# --- the update rule -------------------------------------------------------------------------------------


def least_size(l1: float) -> float:
    """The least divisor of `threshold`: with λ₁ / 2, L1 moves no parameter further than two usual steps.

    One step is not enough: where the penalty is stronger than the gradient, it has to win.
    """
    return l1 / 2


class Optimizer(Settings):
    """An update rule. The trainer owns the arrays and calls `update` for one cache-sized block at a time.

    A block is a slice of the flat vectors, so a rule must act element by element; the exception is a rule
    with `needs_full_batch`. Fields that may change in mid-run carry the hint `live`; fields that decide which
    slots there are cannot.
    """

    kind: str
    heading: ClassVar[str]
    needs_full_batch: ClassVar[bool] = False
    """True where the rule needs gradients of all training examples, and all parameters in one block.

    For such a rule, `convergence_reason` and `search` are called before its step is taken, and `record_step`
    after it.
    """
    has_proximal_step: ClassVar[bool] = True
    """True where `threshold` gives the size of the proximal step of an L1 penalty."""

    formula: ClassVar[tuple[str, str]] = (r"p \leftarrow p - \Delta", "p ← p − Δ")
    """The rule in LaTeX and in plain characters: parameter p, gradient g, learning rate ρ, decay λ."""

    learning_rate: float = rate_field(0.01)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the rule's state vectors (moments, velocities), which are saved with a run.

        They start at zero. Where they do not depend on the settings, a class attribute will do.
        """
        return ()

    @abstractmethod
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
        """Write the change, which is to be subtracted from the parameters.

        All arrays are one-dimensional blocks of one length. gradient and parameters are only read; slots
        are updated in place; scratch is free to use; rate is the learning rate after its schedule; step
        counts from 1.
        """

    def convergence_reason(self, gradient: Array, scratch: Array) -> str:
        """Why a rule with `needs_full_batch` has converged, as a clause; empty where it has not.

        gradient : of all parameters, only read; scratch is free to use.
        """
        return ""

    def search(self, along: Along, loss: float, slope: float) -> float:
        """The factor on the change by the line search of a rule with `needs_full_batch`; 1 without one.

        along : loss and slope at p − t · change, for any t. loss, slope : those at p; slope = −g · change.
        Returns 0 where no lower loss was found: then the updater resets the slots and searches once more.
        """
        return 1.0

    def record_step(self, gradient: Array, parameters: Array, slots: tuple[Array, ...], step: int) -> None:
        """Record the end point of a step, for a rule with `needs_full_batch`; not called after length 0.

        gradient : at these new parameters, of the same examples and, where layers are random, the same draws
        as the one that `update` got. Both are only read.
        """

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """By how much the proximal step of an L1 penalty shrinks each parameter, after `update`.

        As far as a constant gradient of size `l1` would move it, so that the rule converges to the minimum of
        loss and penalty together: ρ λ₁ in plain gradient descent (ISTA). Rules that divide by the usual size
        of the gradients divide λ₁ by it too, but at least by `least_size(l1)`: otherwise a parameter whose
        gradients have been 0 so far would become 0 at once.
        May be written into `out`; slots are only read, scratch is free to use, all of one length.
        """
        return rate * l1

    def workings(self, slots: Mapping[str, float], gradient: float, step: int) -> list[Working]:
        """What the update of one parameter was made of, for people: its slots by their textbook names.

        slots : by name, after the step. gradient, step : as in `update`.
        """
        return [
            Working(
                rf"\mathrm{{{name.replace('_', ' ')}}}", name.replace("_", " "), value, "of the optimizer"
            )
            for name, value in slots.items()
        ]

    def adapt_slots(self, slots: tuple[Array, ...], earlier: "Optimizer") -> None:
        """Rescale slots that were computed with `earlier` settings, of the same class, for these settings.

        Called when a live field changes: rules store their running means scaled by such fields, to save
        passes over memory. slots are the complete vectors, rewritten in place.
        """


def add_decay(change: Array, parameters: Array, scratch: Array, factor: float) -> None:
    """Add factor · p to the change: p ← p − ρ (… + λ p), with factor = ρ λ, for all parameters.

    Biases are among them, as in PyTorch.
    Reference: Loshchilov & Hutter 2019, Decoupled weight decay regularization.
    """
    if factor:
        np.multiply(parameters, factor, scratch)
        np.add(change, scratch, change)


def rescale(slot: Array, earlier: float, beta: float) -> None:
    """Rescale a slot that stores m / (1 − β) from the `earlier` β to this one.

    m ← β m + (1 − β) g takes a pass over m and one over g; with M = m / (1 − β) it is M ← β M + g.
    """
    np.multiply(slot, (1 - earlier) / (1 - beta), slot)


def write_sign(x: Array, out: Array, scratch: Array) -> None:
    """Write x / (|x| + the smallest number) into `out`: exactly −1 or 1, and 0 for 0.

    Only numbers below some 10⁷ times the smallest one (1e-38 in float32) give less than ±1. NumPy's own sign
    takes two to eight times as long, as it branches for each number. out may be x.
    """
    np.absolute(x, scratch)
    np.add(scratch, constant(float(np.finfo(x.dtype).tiny), x.dtype), scratch)
    np.divide(x, scratch, out)
