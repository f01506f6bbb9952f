"""Sample weights: what each row counts in the mean of any loss, beside the weight of its class.

With the weights s of the rows, the weights w of their classes and the row losses E, the loss of a batch is
Σ s w E / Σ s w. Rows do not depend on one another in any loss, so that the gradient of the unweighted mean
Σ w E / W gives that of the weighted one: each row times s W / Σ s w.
"""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array, Shape, Targets, ones, scratch
from engine.losses.base import Loss
from engine.losses.class_weights import TINY_WEIGHT


def loss_arrays(loss: Loss, output_shape: Shape) -> Mapping[str, Shape]:
    """The arrays of a loss's workspace, see `Loss.workspace_arrays`, with those for sample weights."""
    own: dict[str, Shape] = {"row_losses": (), "row_weights": ()}
    return {**loss.workspace_arrays(output_shape), **own}


def batch_weight(loss: Loss, target: Targets, weights: Array) -> float:
    """What a batch counts in a mean over several, Σ s w; a tiny number where no row counts."""
    return _sum_of_weights(loss, target, weights, scratch(weights.shape, weights.dtype))


def weighted_mean(
    loss: Loss, output: Array, target: Targets, weights: Array, workspace: Mapping[str, Array]
) -> tuple[float, float]:
    """The weighted mean loss of a batch, and the weight of the batch. Follows `loss.forward`.

    weights : (rows,) s, in the precision of the output.
    """
    rows = workspace["row_losses"]
    loss.row_losses(output, target, workspace, rows)
    weight = _sum_of_weights(loss, target, weights, workspace["row_weights"])
    total = float(rows.dot(weights))
    return (total / weight if weight > TINY_WEIGHT else 0.0 * total), weight


def weight_rows(
    loss: Loss, target: Targets, weights: Array, weight: float, dy: Array, workspace: Mapping[str, Array]
) -> None:
    """Turn the gradient of the unweighted mean into that of the weighted one, in place.

    Follows `loss.backward`. weight : of the batch, from `weighted_mean`.
    """
    factors = workspace["row_weights"]
    factor = loss.weight(target, dy.dtype) / weight if weight > TINY_WEIGHT else 0.0
    np.multiply(weights, factor, factors)
    np.multiply(dy, factors[:, None], dy)


def _sum_of_weights(loss: Loss, target: Targets, weights: Array, counts: Array) -> float:
    loss.row_weights(target, counts)
    np.multiply(counts, weights, counts)
    return max(float(counts.dot(ones(len(counts), counts.dtype))), TINY_WEIGHT)
