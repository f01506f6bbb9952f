"""Squared for small errors, straight for large ones, and smooth throughout."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.losses.base import Loss
from engine.losses.class_numbers import probability_rows
from engine.tasks import Task

STRAIGHT_FROM = 20.0
"""Beyond it, ln cosh d = |d| − ln 2 to all digits of float64."""


class LogCosh(Loss):
    """The mean of ln cosh(o − t): like d² / 2 near the target, like |d| − ln 2 far from it.

    Shapes: output o and target t (rows, outputs).
    With b = min(|d|, 20), ln cosh d = ln(1 + 2 sinh²(b / 2)) + |d| − b: nothing overflows, and small errors
    keep their digits, which |d| + ln(1 + e^(−2 |d|)) − ln 2 would lose.
    Gradient: dE/do = tanh(o − t) / (rows · outputs).
    Reference: Keras, LogCosh.
    """

    heading: ClassVar[str] = "Log-cosh"
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression", "classification", "binary", "reconstruction"})

    kind: Literal["log_cosh"] = "log_cosh"

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"difference": output_shape, "distance": output_shape, "bent": output_shape}

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        difference, distance, bent = workspace["difference"], workspace["distance"], workspace["bent"]
        dtype = output.dtype
        np.subtract(output, probability_rows(target, difference), difference)
        np.absolute(difference, distance)
        np.fmin(distance, constant(STRAIGHT_FROM, dtype), bent)
        np.subtract(distance, bent, distance)
        np.multiply(bent, constant(0.5, dtype), bent)
        np.sinh(bent, bent)
        np.multiply(bent, bent, bent)
        np.multiply(bent, constant(2.0, dtype), bent)
        np.log1p(bent, bent)
        np.add(bent, distance, bent)
        size = output.size
        return float(bent.reshape(size).dot(ones(size, dtype))) / size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        np.tanh(workspace["difference"], dy)
        np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
