"""How far predicted probabilities are from given ones: for targets that are shares, not one class."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones, scratch
from engine.losses.base import Link
from engine.losses.class_numbers import are_class_numbers, probability_rows, subtract_one_hot
from engine.losses.class_weights import ClassWeighted
from engine.losses.softmax import normalize, softmax_buffers
from engine.tasks import Task


class KullbackLeibler(ClassWeighted):
    """The mean over the rows of Σ t (ln t − ln softmax(z)): 0 where the probabilities agree.

    Shapes: logits z (rows, classes) and target t: class numbers (rows,), for which it is cross-entropy; or
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
    link: ClassVar[Link | None] = "softmax"

    kind: Literal["kullback_leibler"] = "kullback_leibler"

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        columns: dict[str, Shape] = {"importance": (), "row_sum": ()} if self.weighted else {}
        return softmax_buffers(output_shape) | {"surplus": output_shape} | columns

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
        if are_class_numbers(target):
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
