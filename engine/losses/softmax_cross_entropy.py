"""Cross-entropy of one class out of several, taken from the logits: the loss of a softmax output."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, constant, ones
from engine.losses.base import Link, Loss
from engine.settings import Task


class SoftmaxCrossEntropy(Loss):
    """The mean over the rows of −Σ t ln softmax(z).

    Shapes: logits z and target t (rows, classes); each row of t sums to 1, one-hot or soft.
    With s = z − max z of the row, −Σ t ln softmax(z) = ln Σ eˢ − Σ t s, where nothing can overflow.
    Gradient: dE/dz = (softmax(z) − t) / rows.
    Reference: Bridle 1990, Probabilistic interpretation of feedforward classification network outputs;
    PyTorch, CrossEntropyLoss.
    """

    heading: ClassVar[str] = "Softmax cross-entropy"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    link: ClassVar[Link | None] = "softmax"

    kind: Literal["softmax_cross_entropy"] = "softmax_cross_entropy"

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        matrices = {name: output_shape for name in ("transposed", "shifted", "exponential")}
        columns: dict[str, Shape] = {name: () for name in ("peak", "total", "logarithm")}
        return matrices | columns

    def forward(self, output: Array, target: Array, workspace: Mapping[str, Array]) -> float:
        shifted, exponential = workspace["shifted"], workspace["exponential"]
        peak, total, logarithm = workspace["peak"], workspace["total"], workspace["logarithm"]
        rows, classes = output.shape
        # The maximum of short rows costs NumPy a loop a row; turned first, it is one pass over long ones.
        transposed = workspace["transposed"].reshape(classes, rows)
        transposed[...] = output.T
        np.maximum.reduce(transposed, 0, out=peak)
        # Spread first: a ufunc that stretches one operand itself is slower, and allocates a buffer for it.
        shifted[...] = peak[:, None]
        np.subtract(output, shifted, shifted)
        np.exp(shifted, exponential)
        exponential.dot(ones(classes, output.dtype), total)
        np.log(total, logarithm)
        normalizers = float(logarithm.dot(ones(rows, output.dtype)))
        return (normalizers - float(np.vdot(shifted, target))) / len(output)

    def backward(self, output: Array, target: Array, dy: Array, workspace: Mapping[str, Array]) -> None:
        dy[...] = workspace["total"][:, None]
        np.divide(workspace["exponential"], dy, dy)
        np.subtract(dy, target, dy)
        np.multiply(dy, constant(1 / len(output), dy.dtype), dy)
