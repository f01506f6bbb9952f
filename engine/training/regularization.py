"""Regularization: L1 and L2 penalties, gradient clipping and max-norm."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, ones
from engine.network import ArraySpan, Network
from engine.training_settings import Training


class Penalty:
    """The elastic net λ₁ Σ |w| + ½ λ₂ Σ w² over all weights; a layer's own λ takes the place of the
    network's.

    With `proximal`, L1 adds nothing to the gradient: the updater shrinks the weights after each step, by the
    proximal operator of λ₁ Σ |w| (see `soft_threshold`). Otherwise its gradient is λ₁ sign(w), 0 at 0.
    Reference: Tibshirani 1996, Regression shrinkage and selection via the lasso; Zou & Hastie 2005,
    Regularization and variable selection via the elastic net.
    """

    def __init__(self, network: Network, l1: float, l2: float, proximal: bool = False) -> None:
        self._proximal = proximal
        self._terms: list[tuple[Array, Array, Array, float, float]] = []
        self.l1_ranges: list[tuple[int, int, float]] = []
        """Where in the flat vectors L1 acts: start, stop and λ₁ of each array of weights."""
        self._counted: list[tuple[Array, NDArray[np.bool_]]] = []
        for span, own_l1, own_l2 in _penalized(network, l1, l2):
            weights = network.parameters[span.start : span.stop]
            gradients = network.gradients[span.start : span.stop]
            self._terms.append((weights, gradients, np.empty_like(weights), own_l1, own_l2))
            if own_l1:
                self.l1_ranges.append((span.start, span.stop, own_l1))
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
            if l1 and self._proximal:
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
            # Counting booleans takes a seventh of the time of counting numbers that are not 0.
            total += int(np.count_nonzero(np.equal(weights, 0.0, zero)))
        return total


def soft_threshold(values: Array, threshold: float | Array, scratch: Array) -> None:
    """v ← sign(v) max(|v| − t, 0) in place, exactly 0 where |v| ≤ t.

    It is the proximal operator of t |v|: the minimum of ½ (u − v)² + t |u| over u.
    threshold : one number, or an array with one for each value, which is overwritten. Values that are not
    finite do not become finite.
    Reference: Daubechies, Defrise & De Mol 2004 (ISTA); Parikh & Boyd 2014, Proximal algorithms, 6.5.2.
    """
    # v minus v clipped to ± t: exactly 0 where nothing is clipped.
    if isinstance(threshold, float):
        values.clip(-threshold, threshold, scratch)
    else:
        np.minimum(values, threshold, out=scratch)
        np.negative(threshold, threshold)
        np.maximum(scratch, threshold, out=scratch)
    np.subtract(values, scratch, values)


def _penalized(network: Network, l1: float, l2: float) -> Iterator[tuple[ArraySpan, float, float]]:
    """The arrays of weights on which a penalty acts, with λ₁ and λ₂."""
    for span in network.spans:
        own_l1, own_l2 = network.layers[span.layer].penalties(l1, l2).get(span.name, (0.0, 0.0))
        if own_l1 or own_l2:
            yield span, own_l1, own_l2


class Clipping:
    """Gradient clipping: by value, then by the norm of each layer, then by the norm of all layers together.

    In this order all limits hold at the end, as scaling down violates none of the limits before it.
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
        """Scale a gradient down to the limit if its norm is larger; returns its new squared norm."""
        norm = math.sqrt(square)
        if norm <= limit:
            return square
        np.multiply(gradient, limit / norm, gradient)
        return limit * limit


def _square_sum(values: Array) -> float:
    """The sum of squares; in float64 where it overflows in float32, long before the numbers themselves do."""
    square = float(values.dot(values))
    if math.isfinite(square):
        return square
    wide = values.astype(np.float64)
    return float(wide.dot(wide))


class MaxNorm:
    """After each step, w_u ← w_u · min(1, c / ‖w_u‖) for every unit u, also those of the output layer.

    The last axis of an array of weights counts its units (see `Layer.parameter_shapes`), so a unit's weights
    are all others: the column of a dense layer, the filter of a convolution, the column of a gate or of a
    projection in recurrent layers and attention. Biases, scales and slopes are not limited.
    Reference: Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting,
    section 5.1; Keras, `MaxNorm` over all axes but the last.
    """

    def __init__(self, network: Network, limit: float) -> None:
        self._limit = limit
        self._arrays: list[tuple[Array, Array, Array, Array]] = []
        """Weights (inputs, units), scratch arrays for their squares and for the norms, and a row of ones."""
        for span in network.spans:
            if len(span.shape) > 1 and span.name in network.layers[span.layer].penalties(0.0, 0.0):
                weights = network.parameters[span.start : span.stop].reshape(-1, span.shape[-1])
                inputs, units = weights.shape
                scratch = np.empty_like(weights), np.empty(units, network.dtype)
                self._arrays.append((weights, *scratch, ones(inputs, network.dtype)))

    def apply(self) -> None:
        """Scale down the vectors that are too long. Weights are finite, and stay so."""
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
