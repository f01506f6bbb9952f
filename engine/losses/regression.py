"""Losses of numeric targets: mean squared and absolute error, Huber, log-cosh, and cosine similarity."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.errors import UserError
from engine.losses.base import Loss, are_class_indices, probability_rows, real_rows
from engine.settings import hints
from engine.tasks import TASK_TITLES, Task

ALL_TASKS = frozenset(TASK_TITLES)


class MeanSquaredError(Loss):
    """Mean squared error, E = w Σ (o − t)², summed over the full batch.

    Shapes: output o and target t (rows, outputs).
    The weight w is 1 / (rows · outputs) for the mean, 1 / (2 · rows) for half the sum.
    Gradient: dE/do = 2 w (o − t).
    Reference: PyTorch, MSELoss; the half sum is the quadratic cost of Nielsen, Neural Networks and Deep
    Learning, chapter 1.
    """

    heading: ClassVar[str] = "Mean squared error"
    tasks: ClassVar[frozenset[Task]] = ALL_TASKS

    kind: Literal["mean_squared_error"] = "mean_squared_error"
    reduction: Literal["mean", "half_sum"] = Field(
        "mean",
        title="Averaging",
        description="The mean over all outputs, or half their sum: the quadratic cost of many textbooks.",
        json_schema_extra=hints(choices={"mean": "Mean over outputs", "half_sum": "Half the sum"}),
    )

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"difference": output_shape}

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        difference = workspace["difference"]
        np.subtract(output, probability_rows(target, difference), difference)
        return float(np.vdot(difference, difference)) * self._weight(output)

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        np.multiply(workspace["difference"], constant(2 * self._weight(output), dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        difference = workspace["difference"]
        np.einsum("ij,ij->i", difference, difference, out=out)
        np.multiply(out, constant(self._weight(output) * len(output), out.dtype), out)

    def _weight(self, output: Array) -> float:
        return 1 / output.size if self.reduction == "mean" else 0.5 / len(output)


class MeanAbsoluteError(Loss):
    """Mean absolute error, E = Σ |o − t| / (rows · outputs).

    Shapes: output o and target t (rows, outputs).
    Gradient: dE/do = sign(o − t) / (rows · outputs), 0 where they are equal.
    Reference: PyTorch, L1Loss.
    """

    heading: ClassVar[str] = "Mean absolute error"
    tasks: ClassVar[frozenset[Task]] = ALL_TASKS

    kind: Literal["mean_absolute_error"] = "mean_absolute_error"

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"difference": output_shape, "sign": output_shape}

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        difference, sign = workspace["difference"], workspace["sign"]
        np.subtract(output, probability_rows(target, difference), difference)
        np.sign(difference, sign)
        return float(np.vdot(difference, sign)) / output.size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        np.multiply(workspace["sign"], constant(1 / output.size, dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        np.einsum("ij,ij->i", workspace["difference"], workspace["sign"], out=out)
        np.multiply(out, constant(1 / output.shape[1], out.dtype), out)


class Huber(Loss):
    """Huber's loss with d = o − t: the mean of d² / 2 where |d| ≤ δ, of δ (|d| − δ / 2) elsewhere.

    Shapes: output o and target t (rows, outputs).
    Both branches are c (d − c / 2), with c = d clipped to ±δ.
    Gradient: dE/do = c / (rows · outputs).
    Reference: Huber 1964, Robust estimation of a location parameter; PyTorch, HuberLoss.
    """

    heading: ClassVar[str] = "Huber"
    tasks: ClassVar[frozenset[Task]] = ALL_TASKS

    kind: Literal["huber"] = "huber"
    delta: float = Field(
        1.0,
        gt=0,
        le=1e6,
        title="δ",
        description="Errors up to this size count squared, larger ones only in proportion. Of a number to be "
        "predicted it is in standard deviations of the target, unless Scale target is off.",
    )

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
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

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        clipped = workspace["clipped"]
        np.einsum("ij,ij->i", clipped, workspace["difference"], out=out)
        out -= 0.5 * np.einsum("ij,ij->i", clipped, clipped)
        np.multiply(out, constant(1 / output.shape[1], out.dtype), out)


LINEAR_FROM = 20.0
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
    tasks: ClassVar[frozenset[Task]] = ALL_TASKS

    kind: Literal["log_cosh"] = "log_cosh"

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        return {"difference": output_shape, "distance": output_shape, "clipped": output_shape}

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        difference, distance, clipped = workspace["difference"], workspace["distance"], workspace["clipped"]
        dtype = output.dtype
        np.subtract(output, probability_rows(target, difference), difference)
        np.absolute(difference, distance)
        np.fmin(distance, constant(LINEAR_FROM, dtype), clipped)
        np.subtract(distance, clipped, distance)
        np.multiply(clipped, constant(0.5, dtype), clipped)
        np.sinh(clipped, clipped)
        np.multiply(clipped, clipped, clipped)
        np.multiply(clipped, constant(2.0, dtype), clipped)
        np.log1p(clipped, clipped)
        np.add(clipped, distance, clipped)
        size = output.size
        return float(clipped.reshape(size).dot(ones(size, dtype))) / size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        np.tanh(workspace["difference"], dy)
        np.multiply(dy, constant(1 / output.size, dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        workspace["clipped"].mean(axis=1, out=out)


SHORTEST = 1e-8
"""A vector whose largest number is below this has no direction."""


class CosineSimilarity(Loss):
    """The mean over the rows of 1 − o · t / (|o| |t|): 0 for one direction, 1 across, 2 for the opposite.

    Shapes: output o and target t (rows, outputs), two outputs or more; class indices (rows,) stand for
    one-hot rows.
    Gradient: dE/do = (c o / |o| − t / |t|) / (|o| rows), with the cosine c: it is at right angles to o.
    Vectors are divided by their largest |value| before they are squared, which then neither overflows nor
    vanishes. Where output or target has no direction, c is 0, and so is the gradient.
    Reference: PyTorch, CosineSimilarity; Keras, CosineSimilarity, which leaves the 1 away.
    """

    heading: ClassVar[str] = "Cosine similarity"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "reconstruction"})

    kind: Literal["cosine_similarity"] = "cosine_similarity"

    def fitted(
        self, targets: Targets, classes: Sequence[str] = (), weights: NDArray[np.float64] | None = None
    ) -> Loss:
        """Raises UserError for a single output: a number has no direction but its sign."""
        if not are_class_indices(targets) and targets.shape[1] < 2:
            raise UserError(
                "Training, loss",
                expected="two outputs or more for cosine similarity, which compares directions",
                got="one output",
                help="Choose mean squared error, or “Automatic”.",
                place=("training", "loss"),
            )
        return self

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        matrices = {name: output_shape for name in ("direction", "target_direction", "spread")}
        columns: dict[str, Shape] = {name: () for name in ("peak", "length", "cosine", "known", "spare")}
        return matrices | columns

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        direction, target_direction = workspace["direction"], workspace["target_direction"]
        cosine, known, spread = workspace["cosine"], workspace["known"], workspace["spread"]
        dtype = output.dtype
        if are_class_indices(target):
            # A one-hot row has length 1, and is its own direction.
            probability_rows(target, target_direction)
            known.fill(1)
        else:
            self._direct(real_rows(target), target_direction, known, workspace)
        self._direct(output, direction, cosine, workspace)
        np.multiply(known, cosine, known)
        np.multiply(direction, target_direction, spread)
        spread.dot(ones(output.shape[1], dtype), cosine)
        np.multiply(cosine, known, cosine)
        rows = len(output)
        return 1 - float(cosine.dot(ones(rows, dtype))) / rows

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        cosine, factor, spread = workspace["cosine"], workspace["spare"], workspace["spread"]
        spread[...] = cosine[:, None]
        np.multiply(workspace["direction"], spread, dy)
        np.subtract(dy, workspace["target_direction"], dy)
        # 1 / |o| of its two factors, as |o| itself may be too large for a number; 0 where it is not known.
        np.divide(workspace["known"], workspace["peak"], factor)
        np.divide(factor, workspace["length"], factor)
        spread[...] = factor[:, None]
        np.multiply(dy, spread, dy)
        np.multiply(dy, constant(1 / len(output), dy.dtype), dy)

    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        np.subtract(constant(1.0, out.dtype), workspace["cosine"], out)

    def _direct(self, vectors: Array, out: Array, known: Array, workspace: Mapping[str, Array]) -> None:
        """Write each row divided by its norm, and whether it has a direction, 1 or 0.

        The length is the product of "peak" and "length".
        """
        peak, length, spread = workspace["peak"], workspace["length"], workspace["spread"]
        dtype = vectors.dtype
        np.absolute(vectors, spread)
        np.maximum.reduce(spread, 1, out=peak)
        np.subtract(peak, constant(SHORTEST, dtype), known)
        np.sign(known, known)
        known.clip(constant(0.0, dtype), constant(1.0, dtype), known)
        # A NaN that fmax drops is in the row itself still.
        np.fmax(peak, constant(SHORTEST, dtype), peak)
        spread[...] = peak[:, None]
        np.divide(vectors, spread, out)
        np.multiply(out, out, spread)
        spread.dot(ones(vectors.shape[1], dtype), length)
        np.sqrt(length, length)
        # Of a row with a direction at least 1, which its largest number is now.
        np.fmax(length, constant(1.0, dtype), length)
        spread[...] = length[:, None]
        np.divide(out, spread, out)
