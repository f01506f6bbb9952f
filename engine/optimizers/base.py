"""What every optimizer is: a rule that turns gradients into changes of the parameters, block by block."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from engine.arrays import Array, constant
from engine.optimizers.fields import rate_field
from engine.settings import Settings

Along = Callable[[float], tuple[float, float]]
"""From a length along a direction to the loss and its slope there."""


def least_size(l1: float) -> float:
    """What `threshold` divides by at least: with λ₁ / 2, L1 moves no parameter further than two usual steps.

    One is not enough: where the penalty is stronger than the gradient, it has to win.
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
    """True where the rule needs whole vectors in one block, and gradients of all training examples.

    Such a rule is asked `convergence_reason` and `search` before its step is taken, and told by `record_step`
    where it led.
    """
    has_proximal_step: ClassVar[bool] = True
    """True where the rule can say in `threshold` how far a proximal step goes."""

    learning_rate: float = rate_field(0.01)

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the state vectors that the rule keeps (moments, velocities), saved with a run.

        They start at zero. A class attribute does where they do not depend on the settings.
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
        """Write into `change` what is to be subtracted from the parameters.

        All arrays are one-dimensional blocks of one length. gradient and parameters are only read; slots
        are updated in place; scratch is free to use; rate is the learning rate after its schedule; step
        counts from 1.
        """

    def convergence_reason(self, gradient: Array, scratch: Array) -> str:
        """Why a rule with `needs_full_batch` would go no further, as a clause; empty where it would.

        gradient : all of it, only read; scratch is free to use.
        """
        return ""

    def search(self, along: Along, loss: float, slope: float) -> float:
        """The factor on the change that a rule with `needs_full_batch` has found: 1, unless it looks for a
        better one.

        along : loss and slope at p − t · change, for any t. loss, slope : those at p; slope = −g · change.
        Returns 0 where no lower loss was found: then the updater starts the rule anew, without its memory,
        and asks once more.
        """
        return 1.0

    def record_step(self, gradient: Array, parameters: Array, slots: tuple[Array, ...], step: int) -> None:
        """Note where a step has led, for a rule with `needs_full_batch`; called after each that was not of
        length 0.

        gradient : at these new parameters, of the same examples and, where layers are random, the same draws
        as the one that `update` got. Both are only read.
        """

    def threshold(
        self, l1: float, slots: tuple[Array, ...], out: Array, scratch: Array, rate: float, step: int
    ) -> float | Array:
        """By how much the proximal step of an L1 penalty shortens each parameter, after `update`.

        As far as a lasting gradient of size `l1` moves them, so that the rule comes to rest where loss and
        penalty together are lowest: ρ λ₁ in plain gradient descent (ISTA). Rules that divide by the usual
        size of the gradients do the same with λ₁, but by `least_size(l1)` at least: no parameter falls to 0
        at once because its gradients have been 0 so far.
        May be written into `out`; slots are only read, scratch is free to use, all of one length.
        """
        return rate * l1

    def adapt_slots(self, slots: tuple[Array, ...], earlier: "Optimizer") -> None:
        """Fit slots that were kept under `earlier` settings, of the same class, to these settings.

        To be called when a live field changes: rules keep their running means scaled by such fields, to
        save passes over memory. slots are whole vectors, rewritten in place.
        """


def add_decay(change: Array, parameters: Array, scratch: Array, share: float) -> None:
    """Add share · p to the change: p ← p − ρ (… + λ p), with share = ρ λ, for all parameters.

    Biases are among them, as in PyTorch.
    Reference: Loshchilov & Hutter 2019, Decoupled weight decay regularization.
    """
    if share:
        np.multiply(parameters, share, scratch)
        np.add(change, scratch, change)


def rescale(slot: Array, earlier: float, memory: float) -> None:
    """Make of a slot that keeps m / (1 − β) with the `earlier` β one that keeps m with this memory β.

    m ← β m + (1 − β) g takes a pass over m and one over g; with M = m / (1 − β) it is M ← β M + g.
    """
    np.multiply(slot, (1 - earlier) / (1 - memory), slot)


def signs(x: Array, out: Array, scratch: Array) -> None:
    """Write x / (|x| + the smallest number) into `out`: exactly −1 or 1, and 0 for 0.

    Only what is within some 10⁷ times the smallest number (1e-38 in float32) gets a part of ±1. NumPy's own
    sign takes two to eight times as long, as it chooses number by number. out may be x.
    """
    np.absolute(x, scratch)
    np.add(scratch, constant(float(np.finfo(x.dtype).tiny), x.dtype), scratch)
    np.divide(x, scratch, out)
