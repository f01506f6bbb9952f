"""Squared near the target, straight far from it: a loss that outliers cannot drag."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, Targets, constant
from engine.losses.base import Loss
from engine.losses.class_numbers import probability_rows
from engine.tasks import Task


class Huber(Loss):
    """Huber's loss with d = o − t: the mean of d² / 2 where |d| ≤ δ, of δ (|d| − δ / 2) elsewhere.

    Shapes: output o and target t (rows, outputs).
    Both branches are c (d − c / 2), with c = d clipped to ±δ.
    Gradient: dE/do = c / (rows · outputs).
    Reference: Huber 1964, Robust estimation of a location parameter; PyTorch, HuberLoss.
    """

    heading: ClassVar[str] = "Huber"
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression", "classification", "binary", "reconstruction"})

    kind: Literal["huber"] = "huber"
    delta: float = Field(
        1.0,
        gt=0,
        le=1e6,
        title="δ",
        description="Errors up to this size count squared, larger ones only in proportion.",
    )

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"difference": output_shape, "clipped": output_shape}

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        difference, clipped = workspace["difference"], workspace["clipped"]
        np.subtract(output, probability_rows(target, difference), difference)
        dtype = output.dtype
        # The method takes a third of the time of np.clip, and of minimum and maximum.
        difference.clip(constant(-self.delta, dtype), constant(self.delta, dtype), clipped)
        total = float(np.vdot(clipped, difference)) - 0.5 * float(np.vdot(clipped, clipped))
        return total / output.size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        np.multiply(workspace["clipped"], constant(1 / output.size, dy.dtype), dy)
