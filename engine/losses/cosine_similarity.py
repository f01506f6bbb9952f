"""Only the direction counts: how far outputs point away from targets, whatever their lengths."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.errors import UserError
from engine.losses.base import Loss
from engine.losses.class_numbers import are_class_numbers, number_rows, probability_rows
from engine.tasks import Task

SHORTEST = 1e-8
"""A vector of no larger number than this has no direction."""


class CosineSimilarity(Loss):
    """The mean over the rows of 1 − o · t / (|o| |t|): 0 for one direction, 1 across, 2 for the opposite.

    Shapes: output o and target t (rows, outputs), two outputs or more; class numbers (rows,) stand for
    one-hot rows.
    Gradient: dE/do = (c o / |o| − t / |t|) / (|o| rows), with the cosine c: it is at right angles to o.
    Vectors are divided by their largest |value| before they are squared, which then neither overflows nor
    vanishes. Where output or target has no direction, c is 0, and so is the gradient.
    Reference: PyTorch, CosineSimilarity; Keras, CosineSimilarity, which leaves the 1 away.
    """

    heading: ClassVar[str] = "Cosine similarity"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "reconstruction"})

    kind: Literal["cosine_similarity"] = "cosine_similarity"

    def fitted(self, targets: Targets, classes: Sequence[str] = ()) -> Loss:
        """Raises UserError for a single output: a number has no direction but its sign."""
        if not are_class_numbers(targets) and targets.shape[1] < 2:
            raise UserError(
                "Training, loss",
                expected="two outputs or more for cosine similarity, which compares directions",
                got="one output",
                help="Choose mean squared error, or “Fits the task”.",
            )
        return self

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        matrices = {name: output_shape for name in ("direction", "target_direction", "spread")}
        columns: dict[str, Shape] = {name: () for name in ("peak", "length", "cosine", "known", "spare")}
        return matrices | columns

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        direction, target_direction = workspace["direction"], workspace["target_direction"]
        cosine, known, spread = workspace["cosine"], workspace["known"], workspace["spread"]
        dtype = output.dtype
        if are_class_numbers(target):
            # A one-hot row has length 1, and is its own direction.
            probability_rows(target, target_direction)
            known.fill(1)
        else:
            self._direct(number_rows(target), target_direction, known, workspace)
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

    def _direct(self, vectors: Array, out: Array, known: Array, workspace: Mapping[str, Array]) -> None:
        """Write each row divided by its length, and whether it has a direction, 1 or 0.

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
