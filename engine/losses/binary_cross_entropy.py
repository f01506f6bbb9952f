"""Cross-entropy of yes or no, taken from the logit: the loss of a single sigmoid output."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, constant, ones
from engine.losses.base import Link, Loss
from engine.settings import Task


class BinaryCrossEntropy(Loss):
    """The mean of −t ln σ(z) − (1 − t) ln(1 − σ(z)), with logits z and the sigmoid σ.

    Shapes: logits z and target t (rows, outputs), t in 0 … 1.
    Both terms together are max(z, 0) − z t + ln(1 + e^−|z|), where nothing can overflow.
    Gradient: dE/dz = (σ(z) − t) / (rows · outputs), with σ(z) = e^min(z, 0) / (1 + e^−|z|).
    Reference: PyTorch, BCEWithLogitsLoss.
    """

    heading: ClassVar[str] = "Binary cross-entropy"
    tasks: ClassVar[frozenset[Task]] = frozenset({"binary"})
    link: ClassVar[Link | None] = "sigmoid"

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {name: output_shape for name in ("decay", "each", "spare")}

    def forward(self, output: Array, target: Array, workspace: Mapping[str, Array]) -> float:
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
        size = output.size
        return float(each.reshape(size).dot(ones(size, output.dtype))) / size

    def backward(self, output: Array, target: Array, dy: Array, workspace: Mapping[str, Array]) -> None:
        spare = workspace["spare"]
        np.fmin(output, constant(0.0, dy.dtype), dy)
        np.exp(dy, dy)
        np.add(workspace["decay"], constant(1.0, dy.dtype), spare)
        np.divide(dy, spare, dy)
        np.subtract(dy, target, dy)
        np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
