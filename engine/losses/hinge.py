"""Right by a margin is right: the loss of support vector machines, for yes or no."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.losses.base import Link
from engine.losses.fields import squared_field
from engine.losses.yes_no_weights import YesNoWeighted
from engine.tasks import Task


class Hinge(YesNoWeighted):
    """The mean of max(0, 1 − y z), or of its square, with scores z and y = 2 t − 1.

    Shapes: scores z and target t (rows, outputs), t in 0 … 1, so y in −1 … 1.
    Gradient: dE/dz = −y / (rows · outputs) where the margin 1 is missed, else 0; squared, times twice what
    is missing. People read σ(z): the decision is right, but it is no calibrated probability.
    With weights (w₀ of no, w₁ of yes), each example counts w = w₀ (1 − t) + w₁ t, and the mean is weighted.
    Reference: Cortes & Vapnik 1995, Support-vector networks; Keras, Hinge and SquaredHinge.
    """

    heading: ClassVar[str] = "Hinge"
    tasks: ClassVar[frozenset[Task]] = frozenset({"binary"})
    link: ClassVar[Link | None] = "sigmoid"
    soft_targets: ClassVar[bool] = False

    kind: Literal["hinge"] = "hinge"
    squared: bool = squared_field()

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        names = ["sign", "missing", *(["counted"] if self.weighted else [])]
        return {name: output_shape for name in names} | self.importance_buffers(output_shape)

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
