"""The right class ahead of every other by a margin: the loss of support vector machines, for classes."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, constant, ones
from engine.losses.base import Link, Loss
from engine.losses.fields import squared_field
from engine.settings import Task


class MulticlassHinge(Loss):
    """The mean over all outputs of max(0, 1 + z − z_y), or of its square; the right class y itself adds 0.

    Shapes: scores z and target t (rows, classes); each row of t sums to 1.
    What is missing is m = max(0, z − Σ t z + 1 − t), where Σ t z is z_y.
    Gradient: with the slope s (1 where m > 0, squared 2 m) and its row sums S,
    dE/dz = (s − t S) / (rows · classes). People read softmax(z): the decision is right, but these are no
    calibrated probabilities.
    Reference: Weston & Watkins 1999, Support vector machines for multi-class pattern recognition; PyTorch,
    MultiMarginLoss, `p=2` for squared.
    """

    heading: ClassVar[str] = "Multi-class hinge"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    link: ClassVar[Link | None] = "softmax"
    smooth: ClassVar[bool] = False
    soft_targets: ClassVar[bool] = False

    kind: Literal["multiclass_hinge"] = "multiclass_hinge"
    squared: bool = squared_field()

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"missing": output_shape, "slope": output_shape, "row_sum": ()}

    def forward(self, output: Array, target: Array, workspace: Mapping[str, Array]) -> float:
        missing, row_sum, dtype = workspace["missing"], workspace["row_sum"], output.dtype
        np.multiply(output, target, missing)
        missing.dot(ones(output.shape[1], dtype), row_sum)
        missing[...] = row_sum[:, None]
        np.subtract(output, missing, missing)
        np.add(missing, constant(1.0, dtype), missing)
        np.subtract(missing, target, missing)
        missing.clip(constant(0.0, dtype), constant(np.inf, dtype), missing)
        size = output.size
        if self.squared:
            return float(np.vdot(missing, missing)) / size
        return float(missing.reshape(size).dot(ones(size, dtype))) / size

    def backward(self, output: Array, target: Array, dy: Array, workspace: Mapping[str, Array]) -> None:
        slope, row_sum = workspace["slope"], workspace["row_sum"]
        if self.squared:
            np.multiply(workspace["missing"], constant(2.0, dy.dtype), slope)
        else:
            np.sign(workspace["missing"], slope)
        slope.dot(ones(slope.shape[1], dy.dtype), row_sum)
        dy[...] = row_sum[:, None]
        np.multiply(dy, target, dy)
        np.subtract(slope, dy, dy)
        np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
