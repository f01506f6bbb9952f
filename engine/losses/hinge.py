"""Hinge losses of support vector machines: for yes or no, and for several classes."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones, scratch
from engine.losses.base import InverseLink, probability_rows, squared_field
from engine.losses.binary_cross_entropy import BinaryWeighted
from engine.losses.class_weights import ClassWeighted
from engine.tasks import Task


class Hinge(BinaryWeighted):
    """The mean of max(0, 1 − y z), or of its square, with scores z and y = 2 t − 1.

    Shapes: scores z and target t (rows, outputs), t in 0 … 1, so y in −1 … 1.
    Gradient: dE/dz = −y / (rows · outputs) where the margin is below 1, else 0; squared, times twice
    the distance. People read σ(z): the decision is right, but it is not a calibrated probability.
    With weights (w₀ of no, w₁ of yes), each example counts w = w₀ (1 − t) + w₁ t, and the mean is weighted.
    Reference: Cortes & Vapnik 1995, Support-vector networks; Keras, Hinge and SquaredHinge.
    """

    heading: ClassVar[str] = "Hinge"
    tasks: ClassVar[frozenset[Task]] = frozenset({"binary", "multilabel"})
    inverse_link: ClassVar[InverseLink | None] = "sigmoid"
    soft_targets: ClassVar[bool] = False

    kind: Literal["hinge"] = "hinge"
    squared: bool = squared_field()

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        names = ["sign", "missing", *(["counted"] if self.weighted else [])]
        return {name: output_shape for name in names} | self.importance_workspace(output_shape)

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        sign, missing, dtype = workspace["sign"], workspace["missing"], output.dtype
        np.multiply(target, constant(2.0, dtype), sign)
        np.subtract(sign, constant(1.0, dtype), sign)
        np.multiply(sign, output, missing)
        np.subtract(constant(1.0, dtype), missing, missing)
        # The method keeps a NaN, and takes half the time of maximum.
        missing.clip(constant(0.0, dtype), constant(np.inf, dtype), missing)
        counted, size = missing, output.size
        if self.weighted:
            counted, importance = workspace["counted"], workspace["importance"]
            self.set_importance(target, importance, counted)
            np.multiply(missing, importance, counted)
        if self.squared:
            total = float(np.vdot(counted, missing))
        else:
            total = float(counted.reshape(size).dot(ones(size, dtype)))
        return self.mean(total, target, output.dtype) if self.weighted else total / size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        missing = workspace["missing"]
        if self.squared:
            np.multiply(missing, workspace["sign"], dy)
        else:
            np.sign(missing, dy)
            np.multiply(dy, workspace["sign"], dy)
        slope = -2 if self.squared else -1
        if self.class_weights is None:
            np.multiply(dy, constant(slope / output.size, dy.dtype), dy)
        else:
            np.multiply(dy, workspace["importance"], dy)
            np.multiply(dy, slope * self.scale(target, dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        missing = workspace["missing"]
        counted = workspace["counted"] if self.weighted else missing
        if self.squared:
            np.einsum("ij,ij->i", counted, missing, out=out)
        else:
            counted.sum(axis=1, out=out)


class MulticlassHinge(ClassWeighted):
    """The mean over all outputs of max(0, 1 + z − z_y), or of its square; the right class y itself adds 0.

    Shapes: scores z (rows, classes) and target t: class indices (rows,), or one-hot rows (rows, classes).
    What is missing is m = max(0, z − Σ t z + 1 − t), where Σ t z is z_y.
    Gradient: with the slope s (1 where m > 0, squared 2 m) and its row sums S,
    dE/dz = (s − t S) / (rows · classes). People read softmax(z): the decision is right, but these are no
    calibrated probabilities.
    With weights of the classes, a row counts w, that of its class, and w / Σ w takes the place of 1 / rows;
    PyTorch divides by the rows all the same.
    Reference: Weston & Watkins 1999, Support vector machines for multi-class pattern recognition; PyTorch,
    MultiMarginLoss, `p=2` for squared.
    """

    heading: ClassVar[str] = "Multi-class hinge"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    inverse_link: ClassVar[InverseLink | None] = "softmax"
    soft_targets: ClassVar[bool] = False

    kind: Literal["multiclass_hinge"] = "multiclass_hinge"
    squared: bool = squared_field()

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        own: dict[str, Shape] = {"missing": output_shape, "slope": output_shape, "row_sum": ()}
        return own | ({"importance": ()} if self.weighted else {})

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        missing, row_sum, dtype = workspace["missing"], workspace["row_sum"], output.dtype
        right = probability_rows(target, scratch(output.shape, dtype))
        np.multiply(output, right, missing)
        missing.dot(ones(output.shape[1], dtype), row_sum)
        missing[...] = row_sum[:, None]
        np.subtract(output, missing, missing)
        np.add(missing, constant(1.0, dtype), missing)
        np.subtract(missing, right, missing)
        missing.clip(constant(0.0, dtype), constant(np.inf, dtype), missing)
        size = output.size
        if self.weighted:
            return self._weighted_mean(target, workspace)
        if self.squared:
            return float(np.vdot(missing, missing)) / size
        return float(missing.reshape(size).dot(ones(size, dtype))) / size

    def _weighted_mean(self, target: Targets, workspace: Mapping[str, Array]) -> float:
        """The mean over the rows of what each misses in the mean over its outputs."""
        each, row_sum, importance = workspace["missing"], workspace["row_sum"], workspace["importance"]
        self.set_row_weights(target, importance)
        if self.squared:
            np.multiply(each, each, workspace["slope"])
            each = workspace["slope"]
        each.dot(ones(each.shape[1], each.dtype), row_sum)
        return self.mean(float(row_sum.dot(importance)) / each.shape[1], target, each.dtype)

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        slope, row_sum = workspace["slope"], workspace["row_sum"]
        if self.squared:
            np.multiply(workspace["missing"], constant(2.0, dy.dtype), slope)
        else:
            np.sign(workspace["missing"], slope)
        slope.dot(ones(slope.shape[1], dy.dtype), row_sum)
        dy[...] = row_sum[:, None]
        np.multiply(dy, probability_rows(target, scratch(dy.shape, dy.dtype)), dy)
        np.subtract(slope, dy, dy)
        if self.class_weights is None:
            np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
            return
        # The slopes are not needed any more: their array takes the weights, broadcast over the rows.
        slope[...] = workspace["importance"][:, None]
        np.multiply(dy, slope, dy)
        np.multiply(dy, self.scale(target, dy.dtype) / output.shape[1], dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        missing = workspace["missing"]
        if self.squared:
            np.einsum("ij,ij->i", missing, missing, out=out)
        else:
            missing.sum(axis=1, out=out)
        np.multiply(out, constant(1 / output.shape[1], out.dtype), out)
        if self.weighted:
            np.multiply(out, workspace["importance"], out)
