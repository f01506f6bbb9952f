"""Cross-entropy of one class out of several, taken from the logits: the loss of a softmax output."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.losses.base import Link
from engine.losses.class_numbers import are_class_numbers, subtract_one_hot, sum_of_classes
from engine.losses.smoothed_classes import SmoothedClasses
from engine.losses.softmax import normalize, softmax_buffers
from engine.tasks import Task


class SoftmaxCrossEntropy(SmoothedClasses):
    """The mean over the rows of −Σ t ln softmax(z).

    Shapes: logits z (rows, classes) and target t: class numbers (rows,), or (rows, classes) where each row
    sums to 1, one-hot or soft. For class numbers, Σ t s is the s of the row's class, and of dE/dz only that
    class's entry has t to subtract.
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
        # Without a goal in the workspace, the target itself is the goal.
        more: dict[str, Shape] = {"goal": output_shape, "share": ()}
        return softmax_buffers(output_shape) | ({} if self.plain else more)

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        normalize(output, workspace)
        shifted, logarithm = workspace["shifted"], workspace["logarithm"]
        rows = len(output)
        goal = workspace.get("goal")
        if goal is None:
            normalizers = float(logarithm.dot(ones(rows, output.dtype)))
            if are_class_numbers(target):
                return (normalizers - sum_of_classes(shifted, target)) / rows
            return (normalizers - float(np.vdot(shifted, target))) / rows
        share = workspace["share"]
        # The turned logits are not needed any more: their place takes the weights, spread over the rows.
        self.set_goal(target, goal, workspace["transposed"], share)
        goal.dot(ones(goal.shape[1], goal.dtype), share)
        return self.mean(float(logarithm.dot(share)) - float(np.vdot(shifted, goal)), target, output.dtype)

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        goal = workspace.get("goal")
        if goal is None:
            dy[...] = workspace["total"][:, None]
            np.divide(workspace["exponential"], dy, dy)
            if are_class_numbers(target):
                subtract_one_hot(dy, target)
            else:
                np.subtract(dy, target, dy)
            np.multiply(dy, constant(1 / len(output), dy.dtype), dy)
            return
        # The rows' peaks are not needed any more: their place takes the factors r / Σ eˢ.
        factor = workspace["peak"]
        np.divide(workspace["share"], workspace["total"], factor)
        dy[...] = factor[:, None]
        np.multiply(workspace["exponential"], dy, dy)
        np.subtract(dy, goal, dy)
        np.multiply(dy, self.scale(target, dy.dtype), dy)
