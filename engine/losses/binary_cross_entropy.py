"""Cross-entropy of yes or no, taken from the logit: the loss of a single sigmoid output."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.errors import UserError
from engine.losses.base import Link, Loss
from engine.losses.fields import smoothing_field
from engine.losses.sigmoid import cross_entropies, sigmoid, sigmoid_buffers
from engine.losses.yes_no_weights import YesNoWeighted, smooth_answers
from engine.settings import number_text
from engine.tasks import Task

OUTSIDE = 1e-5
"""How far beyond 0 and 1 a target may lie: scaling to this range rounds."""


class BinaryCrossEntropy(YesNoWeighted):
    """The mean of −t ln σ(z) − (1 − t) ln(1 − σ(z)), with logits z and the sigmoid σ.

    Shapes: logits z and target t (rows, outputs), t in 0 … 1.
    With label smoothing ε, t is replaced by (1 − ε) t + ε / 2. With weights (w₀ of no, w₁ of yes), each
    example counts w = w₀ (1 − t) + w₁ t, and the mean is weighted.
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

    def fitted(self, targets: Targets, classes: Sequence[str] = ()) -> Loss:
        """As for any loss with classes; raises UserError where targets are no shares, 0 … 1."""
        lowest, highest = float(targets.min()), float(targets.max())
        if lowest < -OUTSIDE or highest > 1 + OUTSIDE:
            raise UserError(
                "Training, loss",
                expected="targets in 0 … 1 for binary cross-entropy",
                got=f"{number_text(round(lowest, 3))} … {number_text(round(highest, 3))}",
                help="Choose the scaling “Range 0 to 1” for the data, or mean squared error as the loss.",
            )
        return super().fitted(targets, classes)

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        goal = {"goal": output_shape} if self.label_smoothing else {}
        return sigmoid_buffers(output_shape) | goal | self.importance_buffers(output_shape)

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        goal = target
        if self.label_smoothing:
            goal = workspace["goal"]
            smooth_answers(target, self.label_smoothing, goal)
        each = cross_entropies(output, goal, workspace)
        if not self.weighted:
            size = output.size
            return float(each.reshape(size).dot(ones(size, output.dtype))) / size
        importance = workspace["importance"]
        self.set_importance(target, importance, workspace["spare"])
        return self.mean(float(np.vdot(each, importance)), target, output.dtype)

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        sigmoid(output, dy, workspace)
        np.subtract(dy, workspace["goal"] if self.label_smoothing else target, dy)
        if self.class_weights is None:
            np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
        else:
            np.multiply(dy, workspace["importance"], dy)
            np.multiply(dy, self.scale(target, dy.dtype), dy)
