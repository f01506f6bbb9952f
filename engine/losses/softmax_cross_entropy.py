"""Losses of several classes, computed from logits: cross-entropy, focal loss, Kullback-Leibler divergence."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones, scratch
from engine.losses.base import (
    InverseLink,
    are_class_indices,
    focusing_field,
    probability_rows,
    smoothing_field,
    subtract_one_hot,
    sum_of_classes,
)
from engine.losses.class_weights import ClassWeighted
from engine.tasks import Task


def softmax_workspace(output_shape: Shape) -> dict[str, Shape]:
    """The arrays that `normalize` needs in the workspace."""
    matrices = {name: output_shape for name in ("transposed", "shifted", "exponential")}
    columns: dict[str, Shape] = {name: () for name in ("peak", "total", "logarithm")}
    return matrices | columns


def normalize(output: Array, workspace: Mapping[str, Array]) -> None:
    """From logits z (rows, classes): s = z − max z of the row, eˢ, the sums Σ eˢ of the rows, and ln Σ eˢ.

    Then softmax(z) = eˢ / Σ eˢ and ln softmax(z) = s − ln Σ eˢ, where nothing can overflow. Fills "shifted",
    "exponential", "total" and "logarithm".
    """
    shifted, exponential = workspace["shifted"], workspace["exponential"]
    peak, total = workspace["peak"], workspace["total"]
    rows, classes = output.shape
    # The maximum of short rows costs NumPy a loop a row; along columns it is one pass over long ones.
    if classes == 2:
        np.maximum(output[:, 0], output[:, 1], out=peak)
    else:
        transposed = workspace["transposed"].reshape(classes, rows)
        transposed[...] = output.T
        np.maximum.reduce(transposed, 0, out=peak)
    # Copied first: a ufunc that broadcasts an operand itself is slower, and allocates a buffer for it.
    shifted[...] = peak[:, None]
    np.subtract(output, shifted, shifted)
    np.exp(shifted, exponential)
    exponential.dot(ones(classes, output.dtype), total)
    np.log(total, workspace["logarithm"])


class SmoothedClasses(ClassWeighted):
    """With smoothing ε and weights w of the k classes, u = w ((1 − ε) t + ε / k) takes the place of t.

    Examples that are left out have u = 0; in PyTorch, smoothing alone still counts for these.
    """

    label_smoothing: float = smoothing_field()

    @property
    def plain(self) -> bool:
        """True where the target needs no smoothing or weighting."""
        return not (self.label_smoothing or self.balanced or self.class_weights)

    def set_goal(self, target: Targets, goal: Array, spread: Array, column: Array) -> None:
        """Write u into `goal`. Overwrites `spread`, of the same shape, and `column`, one number per row."""
        smoothing, weights, dtype = self.label_smoothing, self.weights(goal.dtype), goal.dtype
        np.multiply(probability_rows(target, goal), constant(1 - smoothing, dtype), goal)
        np.add(goal, constant(smoothing / goal.shape[1], dtype), goal)
        if weights is None:
            return
        spread[...] = weights
        np.multiply(goal, spread, goal)
        if smoothing and 0.0 in (self.class_weights or ()):
            self.set_row_weights(target, column)
            np.sign(column, column)
            spread[...] = column[:, None]
            np.multiply(goal, spread, goal)


class SoftmaxCrossEntropy(SmoothedClasses):
    """The mean over the rows of −Σ t ln softmax(z).

    Shapes: logits z (rows, classes) and target t: class indices (rows,), or (rows, classes) where each row
    sums to 1, one-hot or soft. For class indices, Σ t s is the s of the row's class, and of dE/dz only that
    class's entry has t to subtract.
    With s = z − max z of the row, −Σ t ln softmax(z) = ln Σ eˢ − Σ t s, where nothing can overflow.
    Gradient: dE/dz = (softmax(z) − t) / rows.

    With label smoothing ε and weights w of the k classes, u = w ((1 − ε) t + ε / k) takes the place of t,
    and the mean is over W = Σ w t of the batch: E = Σ (r ln Σ eˢ − Σ u s) / W with the row sums r of u, and
    dE/dz = (r softmax(z) − u) / W.
    Reference: Bridle 1990, Probabilistic interpretation of feedforward classification network outputs;
    Szegedy et al. 2016, Rethinking the Inception architecture for computer vision; PyTorch,
    CrossEntropyLoss of class indices.
    """

    heading: ClassVar[str] = "Softmax cross-entropy"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    inverse_link: ClassVar[InverseLink | None] = "softmax"

    kind: Literal["softmax_cross_entropy"] = "softmax_cross_entropy"

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        # Without a goal in the workspace, the target itself is the goal.
        more: dict[str, Shape] = {"goal": output_shape, "target_sum": ()}
        return softmax_workspace(output_shape) | ({} if self.plain else more)

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        normalize(output, workspace)
        shifted, logarithm = workspace["shifted"], workspace["logarithm"]
        rows = len(output)
        goal = workspace.get("goal")
        if goal is None:
            normalizers = float(logarithm.dot(ones(rows, output.dtype)))
            if are_class_indices(target):
                return (normalizers - sum_of_classes(shifted, target)) / rows
            return (normalizers - float(np.vdot(shifted, target))) / rows
        target_sum = workspace["target_sum"]
        # The transposed logits are not needed any more: their array takes the weights, broadcast over the
        # rows.
        self.set_goal(target, goal, workspace["transposed"], target_sum)
        goal.dot(ones(goal.shape[1], goal.dtype), target_sum)
        return self.mean(
            float(logarithm.dot(target_sum)) - float(np.vdot(shifted, goal)), target, output.dtype
        )

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        goal = workspace.get("goal")
        if goal is None:
            dy[...] = workspace["total"][:, None]
            np.divide(workspace["exponential"], dy, dy)
            if are_class_indices(target):
                subtract_one_hot(dy, target)
            else:
                np.subtract(dy, target, dy)
            np.multiply(dy, constant(1 / len(output), dy.dtype), dy)
            return
        # The rows' maxima are not needed any more: their array takes the factors r / Σ eˢ.
        factor = workspace["peak"]
        np.divide(workspace["target_sum"], workspace["total"], factor)
        dy[...] = factor[:, None]
        np.multiply(workspace["exponential"], dy, dy)
        np.subtract(dy, goal, dy)
        np.multiply(dy, self.scale(target, dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        goal, shifted, logarithm = workspace.get("goal"), workspace["shifted"], workspace["logarithm"]
        if goal is None:
            right = probability_rows(target, scratch(output.shape, output.dtype))
            np.einsum("ij,ij->i", shifted, right, out=out)
            np.subtract(logarithm, out, out)
        else:
            np.multiply(logarithm, workspace["target_sum"], out)
            out -= np.einsum("ij,ij->i", shifted, goal)


class Focal(SmoothedClasses):
    """The mean over the rows of −Σ t (1 − p)^γ ln p, with p = softmax(z); γ = 0 is cross-entropy.

    Shapes: logits z (rows, classes) and target t: class indices (rows,), or (rows, classes) where each row
    sums to 1, one-hot or soft.
    With label smoothing ε and weights w of the k classes, which are the paper's α, u = w ((1 − ε) t + ε / k)
    takes the place of t, and the mean is over W = Σ w t.
    Gradient: with h = u (1 − p)^(γ − 1) (γ p ln p − (1 − p)) and its row sums H, dE/dz = (h − p H) / W.
    Reference: Lin et al. 2017, Focal loss for dense object detection; for several classes as in Keras,
    CategoricalFocalCrossentropy.
    """

    heading: ClassVar[str] = "Focal"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    inverse_link: ClassVar[InverseLink | None] = "softmax"

    kind: Literal["focal"] = "focal"
    gamma: float = focusing_field()

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        names = ("logarithms", "probability", "doubt", "power", "goal", "spread")
        columns: dict[str, Shape] = {"row_sum": ()}
        return softmax_workspace(output_shape) | {name: output_shape for name in names} | columns

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        normalize(output, workspace)
        logarithms, probability = workspace["logarithms"], workspace["probability"]
        doubt, power, goal = workspace["doubt"], workspace["power"], workspace["goal"]
        dtype = output.dtype
        logarithms[...] = workspace["logarithm"][:, None]
        np.subtract(workspace["shifted"], logarithms, logarithms)
        np.exp(logarithms, probability)
        np.subtract(constant(1.0, dtype), probability, doubt)
        # Where p rounds to 1, a negative power of 0 would be infinite; ln p is 0 there, whatever stands here.
        np.fmax(doubt, constant(float(np.finfo(dtype).eps), dtype), doubt)
        np.power(doubt, constant(self.gamma - 1, dtype), power)
        if self.plain:
            np.multiply(power, probability_rows(target, goal), power)
        else:
            self.set_goal(target, goal, workspace["spread"], workspace["row_sum"])
            np.multiply(power, goal, power)
        np.multiply(power, doubt, goal)
        return self.mean(-float(np.vdot(goal, logarithms)), target, output.dtype)

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        probability, spread, row_sum = workspace["probability"], workspace["spread"], workspace["row_sum"]
        np.multiply(workspace["power"], constant(self.gamma, dy.dtype), dy)
        np.multiply(dy, probability, dy)
        np.multiply(dy, workspace["logarithms"], dy)
        np.subtract(dy, workspace["goal"], dy)
        dy.dot(ones(dy.shape[1], dy.dtype), row_sum)
        spread[...] = row_sum[:, None]
        np.multiply(spread, probability, spread)
        np.subtract(dy, spread, dy)
        np.multiply(dy, self.scale(target, dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        np.einsum("ij,ij->i", workspace["goal"], workspace["logarithms"], out=out)
        np.negative(out, out)


class KullbackLeibler(ClassWeighted):
    """The mean over the rows of Σ t (ln t − ln softmax(z)): 0 where the probabilities agree.

    Shapes: logits z (rows, classes) and target t: class indices (rows,), for which it is cross-entropy; or
    (rows, classes) where each row sums to 1, for which it is cross-entropy less the entropy of the targets,
    with 0 ln 0 = 0.
    Gradient: dE/dz = (softmax(z) − t) / rows.
    With weights of the classes, a row counts w, which for a soft target is the mean of its classes' weights
    Σ w t, and w / Σ w takes the place of 1 / rows: where the probabilities agree, it is 0 all the same.
    Reference: Kullback & Leibler 1951, On information and sufficiency; PyTorch, KLDivLoss with
    `reduction="batchmean"`.
    """

    heading: ClassVar[str] = "Kullback–Leibler divergence"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    inverse_link: ClassVar[InverseLink | None] = "softmax"

    kind: Literal["kullback_leibler"] = "kullback_leibler"

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        columns: dict[str, Shape] = {"importance": (), "row_sum": ()} if self.weighted else {}
        return softmax_workspace(output_shape) | {"surplus": output_shape} | columns

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        normalize(output, workspace)
        surplus, dtype = workspace["surplus"], output.dtype
        rows, given = len(output), target
        target = probability_rows(given, scratch(output.shape, dtype))
        # The smallest number in place of 0: its logarithm is finite, and its product with 0 is 0.
        np.fmax(target, constant(float(np.finfo(dtype).tiny), dtype), surplus)
        np.log(surplus, surplus)
        np.subtract(surplus, workspace["shifted"], surplus)
        if self.weighted:
            importance, row_sum = workspace["importance"], workspace["row_sum"]
            self.set_row_weights(given, importance)
            np.multiply(surplus, target, surplus)
            surplus.dot(ones(output.shape[1], dtype), row_sum)
            np.add(row_sum, workspace["logarithm"], row_sum)
            return self.mean(float(row_sum.dot(importance)), given, dtype)
        normalizers = float(workspace["logarithm"].dot(ones(rows, dtype)))
        return (normalizers + float(np.vdot(surplus, target))) / rows

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        dy[...] = workspace["total"][:, None]
        np.divide(workspace["exponential"], dy, dy)
        if are_class_indices(target):
            subtract_one_hot(dy, target)
        else:
            np.subtract(dy, target, dy)
        if self.class_weights is None:
            np.multiply(dy, constant(1 / len(output), dy.dtype), dy)
            return
        surplus = workspace["surplus"]
        surplus[...] = workspace["importance"][:, None]
        np.multiply(dy, surplus, dy)
        np.multiply(dy, self.scale(target, dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        if self.weighted:
            np.multiply(workspace["row_sum"], workspace["importance"], out)
            return
        right = probability_rows(target, scratch(output.shape, output.dtype))
        np.einsum("ij,ij->i", workspace["surplus"], right, out=out)
        np.add(out, workspace["logarithm"], out)
