"""L1 and L2 on the weights (never on biases): the terms added to the loss, and their gradients."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Array
from engine.network import Network


class Penalty:
    """λ₁ Σ |w| + ½ λ₂ Σ w² over all weights; a layer's own λ takes the place of the network's."""

    def __init__(self, network: Network, l1: float, l2: float) -> None:
        self._terms: Sequence[tuple[Array, Array, Array, float, float]] = [
            (weights, gradients, np.empty_like(weights), own_l1, own_l2)
            for weights, gradients, own_l1, own_l2 in self._weights(network, l1, l2)
            if own_l1 or own_l2
        ]

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
            if l1:
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

    @staticmethod
    def _weights(network: Network, l1: float, l2: float) -> list[tuple[Array, Array, float, float]]:
        found = []
        for slot in network.slots:
            layer = network.layers[slot.layer]
            if slot.name in layer.penalized():
                own_l1 = l1 if layer.l1_of_layer is None else layer.l1_of_layer
                own_l2 = l2 if layer.l2_of_layer is None else layer.l2_of_layer
                part = slice(slot.start, slot.stop)
                found.append((network.parameters[part], network.gradients[part], own_l1, own_l2))
        return found
