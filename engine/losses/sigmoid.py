"""Cross-entropy and sigmoid of logits for the losses of yes or no, where nothing can overflow."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array, Shape, Targets, constant


def sigmoid_buffers(output_shape: Shape) -> dict[str, Shape]:
    """What `cross_entropies` and `sigmoid` want in the workspace."""
    return {name: output_shape for name in ("decay", "each", "spare")}


def cross_entropies(output: Array, target: Targets, workspace: Mapping[str, Array]) -> Array:
    """−t ln σ(z) − (1 − t) ln(1 − σ(z)) of every logit z, with target t.

    Both terms together are max(z, 0) − z t + ln(1 + e^−|z|). Fills "decay" with e^−|z|; the result is "each".
    """
    decay, each, spare = workspace["decay"], workspace["each"], workspace["spare"]
    np.absolute(output, decay)
    np.negative(decay, decay)
    np.exp(decay, decay)
    # fmax drops a NaN, at a quarter of the cost of maximum; the product brings it back.
    np.fmax(output, constant(0.0, output.dtype), each)
    np.multiply(output, target, spare)
    # Exactly 0 for a sure and right answer, before the small logarithm is added: summing the three
    # terms over the batch apart would drown it.
    np.subtract(each, spare, each)
    np.log1p(decay, spare)
    np.add(each, spare, each)
    return each


def sigmoid(output: Array, out: Array, workspace: Mapping[str, Array]) -> None:
    """Write σ(z) = e^min(z, 0) / (1 + e^−|z|) of every logit z into `out`. Follows `cross_entropies`."""
    spare = workspace["spare"]
    np.fmin(output, constant(0.0, out.dtype), out)
    np.exp(out, out)
    np.add(workspace["decay"], constant(1.0, out.dtype), spare)
    np.divide(out, spare, out)
