"""The distance to the target: outliers count no more than in proportion."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant
from engine.losses.base import Loss
from engine.losses.class_numbers import probability_rows
from engine.tasks import Task


class MeanAbsoluteError(Loss):
    """Mean absolute error, E = Σ |o − t| / (rows · outputs).

    Shapes: output o and target t (rows, outputs).
    Gradient: dE/do = sign(o − t) / (rows · outputs), 0 where they are equal.
    Reference: PyTorch, L1Loss.
    """

    heading: ClassVar[str] = "Mean absolute error"
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression", "classification", "binary", "reconstruction"})

    kind: Literal["mean_absolute_error"] = "mean_absolute_error"

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"difference": output_shape, "sign": output_shape}

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        difference, sign = workspace["difference"], workspace["sign"]
        np.subtract(output, probability_rows(target, difference), difference)
        np.sign(difference, sign)
        return float(np.vdot(difference, sign)) / output.size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        np.multiply(workspace["sign"], constant(1 / output.size, dy.dtype), dy)
