"""Max-norm: the weights that lead into one unit never form a vector longer than a limit."""

import numpy as np

from engine.arrays import Array, ones
from engine.network import Network


class MaxNorm:
    """After each step, w_u ← w_u · min(1, c / ‖w_u‖) for every unit u, the output's among them.

    A unit's vector goes over all axes of an array of weights but the last: the column of a dense layer, the
    filter of a convolution, the column of a gate or of a projection in recurrent layers and attention.
    Biases, scales and slopes are left alone.
    Reference: Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting,
    section 5.1; Keras, `MaxNorm` over all axes but the last.
    """

    def __init__(self, network: Network, limit: float) -> None:
        self._limit = limit
        self._arrays: list[tuple[Array, Array, Array, Array]] = []
        """Weights (inputs, units), room for their squares, for a number a unit, and a row of ones."""
        for slot in network.slots:
            if len(slot.shape) > 1 and slot.name in network.layers[slot.layer].penalties(0.0, 0.0):
                weights = network.parameters[slot.start : slot.stop].reshape(-1, slot.shape[-1])
                inputs, units = weights.shape
                room = np.empty_like(weights), np.empty(units, network.dtype)
                self._arrays.append((weights, *room, ones(inputs, network.dtype)))

    def apply(self) -> None:
        """Shorten the vectors that are too long. Weights are finite, and stay so."""
        limit = self._limit
        for weights, squares, norms, row in self._arrays:
            np.multiply(weights, weights, squares)
            row.dot(squares, norms)
            np.sqrt(norms, norms)
            longest = float(norms.max())
            if longest == np.inf:
                _shorten_huge(weights, limit)
            elif longest > limit:
                np.maximum(norms, limit, out=norms)
                np.divide(limit, norms, norms)
                np.multiply(weights, norms, weights)


def _shorten_huge(weights: Array, limit: float) -> None:
    """The same for weights whose squares overflow; rare, so that it may allocate."""
    largest = np.maximum(np.abs(weights).max(axis=0), np.finfo(weights.dtype).tiny)
    scaled = weights / largest
    norms = np.sqrt((scaled * scaled).sum(axis=0))
    longer = norms > limit / largest
    weights[:, longer] = (scaled * (limit / np.maximum(norms, 1.0)))[:, longer]
