"""L1 and L2 on the weights (never on biases): terms added to the loss, and how they act on the weights."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.network import Network, ParameterSlot


class Penalty:
    """The elastic net λ₁ Σ |w| + ½ λ₂ Σ w² over all weights; a layer's own λ goes before the network's.

    With `shrinks`, L1 has no part in the gradient: the updater makes the weights smaller after each step, by
    the proximal operator of λ₁ Σ |w| (see `soft_threshold`). Else its gradient is λ₁ sign(w), 0 at 0.
    Reference: Tibshirani 1996, Regression shrinkage and selection via the lasso; Zou & Hastie 2005,
    Regularization and variable selection via the elastic net.
    """

    def __init__(self, network: Network, l1: float, l2: float, shrinks: bool = False) -> None:
        self._shrinks = shrinks
        self._terms: list[tuple[Array, Array, Array, float, float]] = []
        self.sparse: list[tuple[int, int, float]] = []
        """Where in the flat vectors L1 acts: start, stop and λ₁ of each array of weights."""
        self._counted: list[tuple[Array, NDArray[np.bool_]]] = []
        for slot, own_l1, own_l2 in _penalized(network, l1, l2):
            weights = network.parameters[slot.start : slot.stop]
            gradients = network.gradients[slot.start : slot.stop]
            self._terms.append((weights, gradients, np.empty_like(weights), own_l1, own_l2))
            if own_l1:
                self.sparse.append((slot.start, slot.stop, own_l1))
                self._counted.append((weights, np.empty(weights.shape, np.bool_)))

    @property
    def active(self) -> bool:
        return bool(self._terms)

    def add(self) -> float:
        """Add the penalty's gradient to the network's gradients; returns the penalty."""
        total = 0.0
        for weights, gradients, scratch, l1, l2 in self._terms:
            if l2:
                total += 0.5 * l2 * float(weights.dot(weights))
                np.multiply(weights, l2, scratch)
                np.add(gradients, scratch, gradients)
            if l1 and self._shrinks:
                np.absolute(weights, scratch)
                total += l1 * float(scratch.sum())
            elif l1:
                np.sign(weights, scratch)
                # w · sign(w) is |w|, so the sum needs no second pass for the absolute values.
                total += l1 * float(weights.dot(scratch))
                np.multiply(scratch, l1, scratch)
                np.add(gradients, scratch, gradients)
        return total

    def value(self) -> float:
        """The penalty alone."""
        total = 0.0
        for weights, _, _, l1, l2 in self._terms:
            total += l1 * float(np.abs(weights).sum()) + 0.5 * l2 * float(weights.dot(weights))
        return total

    def zero_weights(self) -> int:
        """How many of the weights that L1 acts on are exactly 0."""
        total = 0
        for weights, zero in self._counted:
            # Counting truths is so fast that this takes a seventh of the time of counting numbers.
            total += int(np.count_nonzero(np.equal(weights, 0.0, zero)))
        return total


def soft_threshold(values: Array, threshold: float | Array, scratch: Array) -> None:
    """v ← sign(v) max(|v| − t, 0) in place, exactly 0 where |v| ≤ t.

    It is the proximal operator of t |v|: the minimum of ½ (u − v)² + t |u| over u. threshold : one number,
    or one for each value, which is overwritten. Values that are not finite do not become finite.
    Reference: Daubechies, Defrise & De Mol 2004 (ISTA); Parikh & Boyd 2014, Proximal algorithms, 6.5.2.
    """
    # v less v cut off at ± t: where nothing is cut off, a number less itself.
    if isinstance(threshold, float):
        values.clip(-threshold, threshold, scratch)
    else:
        np.minimum(values, threshold, out=scratch)
        np.negative(threshold, threshold)
        np.maximum(scratch, threshold, out=scratch)
    np.subtract(values, scratch, values)


def _penalized(network: Network, l1: float, l2: float) -> Iterator[tuple[ParameterSlot, float, float]]:
    """The arrays of weights on which a penalty acts, with λ₁ and λ₂."""
    for slot in network.slots:
        own_l1, own_l2 = network.layers[slot.layer].penalties(l1, l2).get(slot.name, (0.0, 0.0))
        if own_l1 or own_l2:
            yield slot, own_l1, own_l2
