"""Clipping: gradients that are too large are made smaller before the optimizer sees them."""

import math
from collections.abc import Sequence

import numpy as np

from engine.arrays import Array
from engine.network import Network
from engine.training_settings import Training


class Clipping:
    """Cuts off single entries, then shortens the gradient of each layer, then the whole gradient.

    In this order all limits hold at the end, as shortening undoes none of those before it. A limit of None
    is none.
    Reference: Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks;
    PyTorch, `clip_grad_value_` and `clip_grad_norm_`, which adds 1e-6 to the norm that it divides by.
    """

    def __init__(self, network: Network, training: Training) -> None:
        self._value, self._norm = training.clip_value, training.clip_norm
        self._layer_norm = training.clip_layer_norm
        self._gradients = network.gradients
        self._layers = [network.gradients[place] for place in network.layer_slices().values()]

    @staticmethod
    def asked_for(training: Training) -> bool:
        """Whether any limit is set."""
        return any(
            limit is not None for limit in (training.clip_value, training.clip_layer_norm, training.clip_norm)
        )

    def squares(self) -> list[float]:
        """Squared norm of each trained layer's gradient; finite where its numbers are."""
        return [_square_sum(part) for part in self._layers]

    def apply(self, squares: Sequence[float]) -> None:
        """Clip the network's gradients, whose squared norms are these, layer by layer; all finite."""
        if self._value is not None and math.sqrt(sum(squares)) > self._value:
            self._gradients.clip(-self._value, self._value, self._gradients)
            squares = self.squares()
        if self._layer_norm is not None:
            squares = [
                self._shorten(part, square, self._layer_norm)
                for part, square in zip(self._layers, squares, strict=True)
            ]
        if self._norm is not None:
            self._shorten(self._gradients, sum(squares), self._norm)

    @staticmethod
    def _shorten(gradient: Array, square: float, limit: float) -> float:
        """Scale a gradient down to the limit where it is longer; its squared norm then."""
        norm = math.sqrt(square)
        if norm <= limit:
            return square
        np.multiply(gradient, limit / norm, gradient)
        return limit * limit


def _square_sum(values: Array) -> float:
    """The sum of squares. In float32 it overflows long before the numbers do: then it is taken in float64."""
    square = float(values.dot(values))
    if math.isfinite(square):
        return square
    wide = values.astype(np.float64)
    return float(wide.dot(wide))
