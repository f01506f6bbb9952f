"""Cross-entropy of one class out of several, taken from the logits: the loss of a softmax output."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, constant, ones
from engine.losses.base import Link
from engine.losses.smoothed_classes import SmoothedClasses
from engine.losses.softmax import normalize, softmax_buffers
from engine.tasks import Task


class SoftmaxCrossEntropy(SmoothedClasses):
    """The mean over the rows of −Σ t ln softmax(z).

    Shapes: logits z and target t (rows, classes); each row of t sums to 1, one-hot or soft.
    With s = z − max z of the row, −Σ t ln softmax(z) = ln Σ eˢ − Σ t s, where nothing can overflow.
    Gradient: dE/dz = (softmax(z) − t) / rows.

    With label smoothing ε and weights w of the k classes, u = w ((1 − ε) t + ε / k) takes the place of t,
    and the mean is over W = Σ w t of the batch: E = Σ (r ln Σ eˢ − Σ u s) / W with the row sums r of u, and
    dE/dz = (r softmax(z) − u) / W.
    Reference: Bridle 1990, Probabilistic interpretation of feedforward classification network outputs;
    Szegedy et al. 2016, Rethinking the Inception architecture for computer vision; PyTorch,
    CrossEntropyLoss of class numbers.
    """

    heading: ClassVar[str] = "Softmax cross-entropy"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    link: ClassVar[Link | None] = "softmax"

    kind: Literal["softmax_cross_entropy"] = "softmax_cross_entropy"

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        more: dict[str, Shape] = {"goal": output_shape, "share": ()}
        return softmax_buffers(output_shape) | ({} if self.plain else more)

    def forward(self, output: Array, target: Array, workspace: Mapping[str, Array]) -> float:
        normalize(output, workspace)
        shifted, logarithm = workspace["shifted"], workspace["logarithm"]
        rows = len(output)
        if self.plain:
            normalizers = float(logarithm.dot(ones(rows, output.dtype)))
            return (normalizers - float(np.vdot(shifted, target))) / rows
        goal, share = workspace["goal"], workspace["share"]
        # The turned logits are not needed any more: their place takes the weights, spread over the rows.
        self.set_goal(target, goal, workspace["transposed"], share)
        goal.dot(ones(goal.shape[1], goal.dtype), share)
        return self.mean(float(logarithm.dot(share)) - float(np.vdot(shifted, goal)), target)

    def backward(self, output: Array, target: Array, dy: Array, workspace: Mapping[str, Array]) -> None:
        if self.plain:
            dy[...] = workspace["total"][:, None]
            np.divide(workspace["exponential"], dy, dy)
            np.subtract(dy, target, dy)
            np.multiply(dy, constant(1 / len(output), dy.dtype), dy)
            return
        # The rows' peaks are not needed any more: their place takes the factors r / Σ eˢ.
        factor = workspace["peak"]
        np.divide(workspace["share"], workspace["total"], factor)
        dy[...] = factor[:, None]
        np.multiply(workspace["exponential"], dy, dy)
        np.subtract(dy, workspace["goal"], dy)
        np.multiply(dy, self.scale(target), dy)
