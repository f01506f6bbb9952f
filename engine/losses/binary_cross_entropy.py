"""Cross-entropy of yes or no, taken from the logit: the loss of a single sigmoid output."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape, constant, ones
from engine.errors import UserError
from engine.losses.base import Link, Loss
from engine.losses.class_weights import ClassWeighted
from engine.losses.fields import smoothing_field
from engine.losses.sigmoid import cross_entropies, sigmoid, sigmoid_buffers
from engine.settings import Task, number_text

OUTSIDE = 1e-5
"""How far beyond 0 and 1 a target may lie: scaling to this range rounds."""


class BinaryCrossEntropy(ClassWeighted):
    """The mean of −t ln σ(z) − (1 − t) ln(1 − σ(z)), with logits z and the sigmoid σ.

    Shapes: logits z and target t (rows, outputs), t in 0 … 1.
    With label smoothing ε, t is replaced by (1 − ε) t + ε / 2. With weights (w₀ of no, w₁ of yes), each
    example counts w = w₀ + (w₁ − w₀) t, and the mean is weighted.
    Gradient: dE/dz = (σ(z) − t) / (rows · outputs), or w (σ(z) − t) / Σ w.
    For inputs that are to be reconstructed, each is taken as a share of yes, as a pixel is of ink.
    Reference: PyTorch, BCEWithLogitsLoss; the smoothing of Szegedy et al. 2016, Rethinking the Inception
    architecture for computer vision, for two classes.
    """

    heading: ClassVar[str] = "Binary cross-entropy"
    tasks: ClassVar[frozenset[Task]] = frozenset({"binary", "reconstruction"})
    link: ClassVar[Link | None] = "sigmoid"

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label_smoothing: float = smoothing_field()

    def fitted(self, targets: Array) -> Loss:
        """As for any loss with classes; raises UserError where targets are no shares, 0 … 1."""
        lowest, highest = float(targets.min()), float(targets.max())
        if lowest < -OUTSIDE or highest > 1 + OUTSIDE:
            raise UserError(
                "Training, loss",
                expected="targets in 0 … 1 for binary cross-entropy",
                got=f"{number_text(round(lowest, 3))} … {number_text(round(highest, 3))}",
                help="Choose the scaling “Range 0 to 1” for the data, or mean squared error as the loss.",
            )
        return super().fitted(targets)

    def class_totals(self, targets: Array) -> NDArray[np.float64]:
        """Examples of no and of yes."""
        yes = float(targets.sum(dtype=np.float64))
        return np.array([targets.size - yes, yes])

    def weight(self, target: Array) -> float:
        """Σ w, over all outputs."""
        size, weights = target.size, self.weights(target.dtype)
        if weights is None:
            return float(size)
        no, yes = map(float, weights)
        return no * size + (yes - no) * float(target.reshape(size).dot(ones(size, target.dtype)))

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        found = sigmoid_buffers(output_shape)
        if self.label_smoothing:
            found["goal"] = output_shape
        if self.balanced or self.class_weights:
            found["importance"] = output_shape
        return found

    def forward(self, output: Array, target: Array, workspace: Mapping[str, Array]) -> float:
        goal = self._goal(target, workspace) if self.label_smoothing else target
        each = cross_entropies(output, goal, workspace)
        size, dtype = output.size, output.dtype
        weights = self.weights(dtype)
        if weights is None:
            return float(each.reshape(size).dot(ones(size, dtype))) / size
        importance = workspace["importance"]
        no, yes = map(float, weights)
        np.multiply(target, constant(yes - no, dtype), importance)
        np.add(importance, constant(no, dtype), importance)
        return float(np.vdot(each, importance)) / self.weight(target)

    def backward(self, output: Array, target: Array, dy: Array, workspace: Mapping[str, Array]) -> None:
        sigmoid(output, dy, workspace)
        np.subtract(dy, workspace["goal"] if self.label_smoothing else target, dy)
        if self.class_weights is None:
            np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
        else:
            np.multiply(dy, workspace["importance"], dy)
            np.multiply(dy, 1 / self.weight(target), dy)

    def _goal(self, target: Array, workspace: Mapping[str, Array]) -> Array:
        goal = workspace["goal"]
        np.multiply(target, constant(1 - self.label_smoothing, goal.dtype), goal)
        np.add(goal, constant(self.label_smoothing / 2, goal.dtype), goal)
        return goal
