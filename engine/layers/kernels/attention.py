"""Attention of a few samples at a time: weights from queries and keys, means of values, and gradients.

The weights of a piece are stored as (keys, samples, heads, queries): so the softmax over the keys runs over
long contiguous arrays for all queries at once, five times as fast as row by row. The products use strided
views of them as matrices (samples, heads, keys, queries).
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Shape, even_slices

_NUMBERS_AT_ONCE = 32 * 1024
"""Attention weights of a piece of the batch: they stay in the cache from one pass to the next."""


def samples_at_once(weights: Shape) -> int:
    """Samples of a piece, from the shape of one sample's weights."""
    return max(_NUMBERS_AT_ONCE // math.prod(weights), 1)


class Piece(NamedTuple):
    """Some samples that are computed together: views (samples, heads, steps, size); d… are gradients."""

    query: Array
    key: Array
    value: Array
    context: Array
    """The results of the heads: weighted means of the values."""
    dquery: Array
    dkey: Array
    dvalue: Array
    dcontext: Array
    product_sum: Array
    """Σ over a head of dcontext · context: (samples, heads, queries)."""
    weights: Array
    """(keys, samples, heads, queries)."""
    mask: Array
    """Of the dropout, like weights; empty without dropout."""
    scores: Array
    """Scratch, like weights."""
    level: Array
    """Scratch: a number for each query, (samples, heads, queries)."""


class AttentionViews:
    """All views of the arrays of one batch; the rows of flat ones are the steps of all samples.

    arrays : "projected" and "dprojected" (rows, steps, 3 · heads · size), queries first, then keys, values;
    "context" and "dcontext" (rows, steps, heads · size); "weights" and, with dropout, "mask" (rows, heads,
    steps, steps) in size; "products" (rows, steps, heads); "scores" and "levels", scratch for a piece.
    """

    def __init__(self, arrays: Mapping[str, Array], heads: int) -> None:
        rows, steps, inner = arrays["context"].shape
        self.size = inner // heads

        def by_head(array: Array) -> Array:
            return array.reshape(rows, steps, heads, -1).swapaxes(1, 2)

        def by_key(array: Array) -> Array:
            return array.reshape(steps, len(array), heads, steps)

        def by_sample(array: Array) -> Array:
            # Drawn row by row, so that its memory is in that order.
            return array.reshape(len(array), steps, heads, steps).swapaxes(0, 1)

        def flat(name: str) -> Array:
            return arrays[name].reshape(rows * steps, -1)

        projected, dprojected = arrays["projected"], arrays["dprojected"]
        self.projected, self.dprojected = flat("projected"), flat("dprojected")
        self.queries, self.dqueries = self.projected[:, :inner], self.dprojected[:, :inner]
        self.context, self.dcontext = flat("context"), flat("dcontext")
        self.products = arrays["context"].reshape(-1, self.size)
        """The context's memory, a head of a step in each row."""
        self.product_sums = arrays["products"].reshape(-1)
        views = (
            *(by_head(part) for part in np.split(projected, 3, -1)),
            by_head(arrays["context"]),
            *(by_head(part) for part in np.split(dprojected, 3, -1)),
            by_head(arrays["dcontext"]),
            arrays["products"].swapaxes(1, 2),
        )
        weights, scores = arrays["weights"], arrays["scores"]
        mask = arrays.get("mask", weights[:, :0])
        count = -(-rows // len(scores))
        self.pieces = [
            Piece._make(
                [
                    *(array[place] for array in views),
                    by_key(weights[place]),
                    by_sample(mask[place]) if mask.size else mask,
                    by_key(scores[: place.stop - place.start]),
                    arrays["levels"][: place.stop - place.start],
                ]
            )
            for place in even_slices(rows, count)
        ]


def weigh(piece: Piece, weights: Array, later: Array | None, ones: Array) -> None:
    """Write softmax(q kᵀ) into weights; the queries are scaled already.

    weights : those of the piece, or its scratch where nobody will ask for gradients.
    later : (keys, 1, 1, queries), added before the softmax: −∞ where a step must not look.
    """
    level = piece.level
    np.matmul(piece.key, piece.query.swapaxes(-1, -2), _matrices(weights))
    if later is not None:
        np.add(weights, later, weights)
    # The largest of a query's scores is subtracted first: the result is the same and cannot overflow.
    np.maximum.reduce(weights, axis=0, out=level)
    np.subtract(weights, level, weights)
    np.exp(weights, weights)
    steps = len(weights)
    ones[:steps].dot(weights.reshape(steps, -1), level.reshape(-1))
    np.reciprocal(level, level)
    np.multiply(weights, level, weights)


def attend(piece: Piece, weights: Array, mask: Array | None) -> None:
    """Write the values' means into the context."""
    if mask is not None:
        np.multiply(weights, mask, piece.scores)
        weights = piece.scores
    np.matmul(_matrices(weights).swapaxes(-1, -2), piece.value, piece.context)


def differentiate(piece: Piece, mask: Array | None) -> None:
    """From dcontext to the gradients of queries (as scaled), keys and values."""
    weights, scores, level = piece.weights, piece.scores, piece.level
    if mask is not None:
        np.multiply(weights, mask, scores)
    matrices = _matrices(scores)
    np.matmul(_matrices(weights) if mask is None else matrices, piece.dcontext, piece.dvalue)
    np.matmul(piece.value, piece.dcontext.swapaxes(-1, -2), matrices)
    if mask is not None:
        np.multiply(scores, mask, scores)
    np.copyto(level, piece.product_sum)
    np.subtract(scores, level, scores)
    np.multiply(scores, weights, scores)
    np.matmul(matrices.swapaxes(-1, -2), piece.key, piece.dquery)
    np.matmul(matrices, piece.query, piece.dkey)


def _matrices(weights: Array) -> Array:
    """(samples, heads, keys, queries)."""
    return weights.transpose(1, 2, 0, 3)
