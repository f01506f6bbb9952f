"""The squared distance to the target: the classical loss for numbers."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, Targets, constant
from engine.losses.base import Loss
from engine.losses.class_numbers import probability_rows
from engine.settings import hints
from engine.tasks import Task


class MeanSquaredError(Loss):
    """Mean squared error, E = w Σ (o − t)², summed over the whole batch.

    Shapes: output o and target t (rows, outputs).
    The weight w is 1 / (rows · outputs) for the mean, 1 / (2 · rows) for half the sum.
    Gradient: dE/do = 2 w (o − t).
    Reference: PyTorch, MSELoss; the half sum is the quadratic cost of Nielsen, Neural Networks and Deep
    Learning, chapter 1.
    """

    heading: ClassVar[str] = "Mean squared error"
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression", "classification", "binary", "reconstruction"})

    kind: Literal["mean_squared_error"] = "mean_squared_error"
    reduction: Literal["mean", "half_sum"] = Field(
        "mean",
        title="Averaging",
        description="The mean over all outputs, or half their sum: the quadratic cost of many textbooks.",
        json_schema_extra=hints(choices={"mean": "Mean over outputs", "half_sum": "Half the sum"}),
    )

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"difference": output_shape}

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        difference = workspace["difference"]
        np.subtract(output, probability_rows(target, difference), difference)
        return float(np.vdot(difference, difference)) * self._weight(output)

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        np.multiply(workspace["difference"], constant(2 * self._weight(output), dy.dtype), dy)

    def _weight(self, output: Array) -> float:
        return 1 / output.size if self.reduction == "mean" else 0.5 / len(output)
