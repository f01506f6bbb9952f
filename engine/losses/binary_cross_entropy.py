"""Losses of a binary target, computed from the logit: binary cross-entropy and binary focal loss."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.errors import UserError
from engine.losses.base import InverseLink, Loss, focusing_field, smoothing_field
from engine.losses.class_weights import TINY_WEIGHT, ClassWeighted
from engine.settings import hints, number_text
from engine.tasks import Task


def sigmoid_workspace(output_shape: Shape) -> dict[str, Shape]:
    """The arrays that `cross_entropies` and `sigmoid` need in the workspace."""
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
    # Exactly 0 for a sure and right answer, before the small logarithm is added: if the three terms were
    # summed over the batch separately, it would be lost by rounding.
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


class BinaryWeighted(ClassWeighted):
    """Each example counts w = w₀ (1 − t) + w₁ t, with the weights w₀ of no and w₁ of yes."""

    def class_totals(
        self, targets: Targets, classes: Sequence[str], weights: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Examples of no and of yes."""
        if weights is not None:
            yes = float((weights @ targets).sum())
            return np.array([float(weights.sum()) * targets.shape[1] - yes, yes])
        yes = float(targets.sum(dtype=np.float64))
        return np.array([targets.size - yes, yes])

    def row_weights(self, target: Targets, out: Array) -> None:
        """Of each row the sum over its outputs."""
        outputs, weights = target.shape[1], self.weights(out.dtype)
        if weights is None:
            out.fill(outputs)
            return
        no, yes = map(float, weights)
        count = target.sum(axis=1)
        out[...] = no * (outputs - count) + yes * count

    def weight(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """Σ w, over all outputs."""
        size, weights = target.size, self.weights(dtype)
        if weights is None:
            return float(size)
        no, yes = map(float, weights)
        count = float(target.reshape(size).dot(ones(size, dtype)))
        return max(no * (size - count) + yes * count, TINY_WEIGHT)

    def importance_workspace(self, output_shape: Shape) -> dict[str, Shape]:
        """The array that `set_importance` fills."""
        return {"importance": output_shape} if self.weighted else {}

    def set_importance(self, target: Targets, importance: Array, spare: Array) -> None:
        """Write w of every target, as a sum of two products, which loses no digits of a small weight."""
        weights, dtype = self.weights(importance.dtype), importance.dtype
        if weights is None:
            return
        no, yes = map(float, weights)
        np.subtract(constant(1.0, dtype), target, importance)
        np.multiply(importance, constant(no, dtype), importance)
        np.multiply(target, constant(yes, dtype), spare)
        np.add(importance, spare, importance)


def smooth_targets(target: Targets, smoothing: float, goal: Array) -> None:
    """Write (1 − ε) t + ε / 2 into `goal`, with label smoothing ε."""
    np.multiply(target, constant(1 - smoothing, goal.dtype), goal)
    np.add(goal, constant(smoothing / 2, goal.dtype), goal)


OUTSIDE = 1e-5
"""Tolerance beyond 0 and 1 for targets, which scaling to this range may exceed by rounding."""


class BinaryCrossEntropy(BinaryWeighted):
    """The mean of −t ln σ(z) − (1 − t) ln(1 − σ(z)), with logits z and the sigmoid σ.

    Shapes: logits z and target t (rows, outputs), t in 0 … 1.
    With label smoothing ε, t is replaced by (1 − ε) t + ε / 2. With weights (w₀ of no, w₁ of yes), each
    example counts w = w₀ (1 − t) + w₁ t, and the mean is weighted.
    Gradient: dE/dz = (σ(z) − t) / (rows · outputs), or w (σ(z) − t) / Σ w.
    For reconstruction, each input is a probability of yes, as a pixel is of ink.
    Reference: PyTorch, BCEWithLogitsLoss; the smoothing of Szegedy et al. 2016, Rethinking the Inception
    architecture for computer vision, for two classes.
    """

    heading: ClassVar[str] = "Binary cross-entropy"
    tasks: ClassVar[frozenset[Task]] = frozenset({"binary", "multilabel", "reconstruction"})
    inverse_link: ClassVar[InverseLink | None] = "sigmoid"

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label_smoothing: float = smoothing_field()

    def fitted(
        self, targets: Targets, classes: Sequence[str] = (), weights: NDArray[np.float64] | None = None
    ) -> Loss:
        """As for any loss with classes; raises UserError where targets are not in 0 … 1."""
        lowest, highest = float(targets.min()), float(targets.max())
        if lowest < -OUTSIDE or highest > 1 + OUTSIDE:
            raise UserError(
                "Training, loss",
                expected="targets in 0 … 1 for binary cross-entropy",
                got=f"{number_text(round(lowest, 3))} … {number_text(round(highest, 3))}",
                help="Choose the scaling “Range 0 to 1” for the data, or mean squared error as the loss.",
                place=("training", "loss"),
            )
        return super().fitted(targets, classes, weights)

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        goal = {"goal": output_shape} if self.label_smoothing else {}
        return sigmoid_workspace(output_shape) | goal | self.importance_workspace(output_shape)

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        goal = target
        if self.label_smoothing:
            goal = workspace["goal"]
            smooth_targets(target, self.label_smoothing, goal)
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

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        each = workspace["each"]
        if self.weighted:
            np.einsum("ij,ij->i", each, workspace["importance"], out=out)
        else:
            each.sum(axis=1, out=out)


class BinaryFocal(BinaryWeighted):
    """The mean of a q^γ c: cross-entropy c of logit z, doubt q about the right answer; γ = 0 is c alone.

    Shapes: logits z and target t (rows, outputs), t in 0 … 1.
    With p = σ(z): q = p (1 − t) + (1 − p) t, and a = α t + (1 − α) (1 − t), or 1 without α.
    Gradient: dE/dz = a (q^γ (p − t) − γ q^(γ − 1) (2 t − 1) p (1 − p) c) / (rows · outputs).
    With label smoothing ε, t is replaced by (1 − ε) t + ε / 2. With weights (w₀ of no, w₁ of yes), each
    example counts w = w₀ (1 − t) + w₁ t, and the mean is weighted: 1 / (rows · outputs) becomes w / Σ w.
    Reference: Lin et al. 2017, Focal loss for dense object detection; torchvision, sigmoid_focal_loss;
    smoothing as in Keras, BinaryFocalCrossentropy.
    """

    heading: ClassVar[str] = "Binary focal"
    tasks: ClassVar[frozenset[Task]] = frozenset({"binary", "multilabel"})
    inverse_link: ClassVar[InverseLink | None] = "sigmoid"

    kind: Literal["binary_focal"] = "binary_focal"
    gamma: float = focusing_field()
    alpha: float | None = Field(
        None,
        gt=0,
        lt=1,
        title="Weight of yes α",
        description="How much an example of yes counts, against 1 − α for one of no.",
        json_schema_extra=hints(none_title="Both alike"),
    )
    label_smoothing: float = smoothing_field()

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        names = ["probability", "doubt", "power", "direction", *(["goal"] if self.label_smoothing else [])]
        more = {name: output_shape for name in names}
        return sigmoid_workspace(output_shape) | more | self.importance_workspace(output_shape)

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        goal = target
        if self.label_smoothing:
            goal = workspace["goal"]
            smooth_targets(target, self.label_smoothing, goal)
        each = cross_entropies(output, goal, workspace)
        probability, doubt, power = workspace["probability"], workspace["doubt"], workspace["power"]
        direction, spare, dtype = workspace["direction"], workspace["spare"], output.dtype
        sigmoid(output, probability, workspace)
        np.multiply(goal, constant(2.0, dtype), direction)
        np.subtract(direction, constant(1.0, dtype), direction)
        np.multiply(probability, direction, doubt)
        np.subtract(goal, doubt, doubt)
        # A negative power of 0 would be infinite; what it is multiplied with is 0 there.
        np.fmax(doubt, constant(float(np.finfo(dtype).tiny), dtype), doubt)
        np.power(doubt, constant(self.gamma - 1, dtype), power)
        if self.alpha is not None:
            np.multiply(goal, constant(2 * self.alpha - 1, dtype), spare)
            np.add(spare, constant(1 - self.alpha, dtype), spare)
            np.multiply(power, spare, power)
        if self.weighted:
            self.set_importance(target, workspace["importance"], spare)
            np.multiply(power, workspace["importance"], power)
        np.multiply(power, doubt, spare)
        total = float(np.vdot(spare, each))
        return self.mean(total, target, output.dtype) if self.weighted else total / output.size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        probability, power, spare = workspace["probability"], workspace["power"], workspace["spare"]
        np.subtract(constant(1.0, dy.dtype), probability, spare)
        np.multiply(spare, probability, spare)
        np.multiply(spare, workspace["direction"], spare)
        np.multiply(spare, workspace["each"], spare)
        np.multiply(spare, constant(self.gamma, dy.dtype), spare)
        np.subtract(probability, workspace["goal"] if self.label_smoothing else target, dy)
        np.multiply(dy, workspace["doubt"], dy)
        np.subtract(dy, spare, dy)
        np.multiply(dy, power, dy)
        if self.class_weights is None:
            np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
        else:
            np.multiply(dy, self.scale(target, dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        np.einsum("ij,ij->i", workspace["spare"], workspace["each"], out=out)
