"""Only the direction counts: how far outputs point away from targets, whatever their lengths."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, constant, ones
from engine.errors import UserError
from engine.losses.base import Loss
from engine.settings import Task

SHORTEST = 1e-8
"""Vectors shorter than this count as so long, which keeps the division safe; as in PyTorch."""


class CosineSimilarity(Loss):
    """The mean over the rows of 1 − o · t / (|o| |t|): 0 for one direction, 1 across, 2 for the opposite.

    Shapes: output o and target t (rows, outputs), two outputs or more.
    Gradient: dE/do = (c o / |o| − t / |t|) / (|o| rows), with the cosine c: it is at right angles to o.
    Reference: PyTorch, CosineSimilarity; Keras, CosineSimilarity, which leaves the 1 away.
    """

    heading: ClassVar[str] = "Cosine similarity"
    tasks: ClassVar[frozenset[Task]] = frozenset({"regression", "classification"})

    kind: Literal["cosine_similarity"] = "cosine_similarity"

    def fitted(self, targets: Array) -> Loss:
        """Raises UserError for a single output: a number has no direction but its sign."""
        if targets.shape[1] < 2:
            raise UserError(
                "Training, loss",
                expected="two outputs or more for cosine similarity, which compares directions",
                got="one output",
                help="Choose mean squared error, or “Fits the task”.",
            )
        return self

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        columns: dict[str, Shape] = {name: () for name in ("cosine", "length", "target_length")}
        return {"product": output_shape, "spread": output_shape} | columns

    def forward(self, output: Array, target: Array, workspace: Mapping[str, Array]) -> float:
        product, cosine = workspace["product"], workspace["cosine"]
        length, target_length = workspace["length"], workspace["target_length"]
        dtype = output.dtype
        row = ones(output.shape[1], dtype)
        for vectors, lengths in ((output, length), (target, target_length)):
            np.multiply(vectors, vectors, product)
            product.dot(row, lengths)
            np.sqrt(lengths, lengths)
            # A NaN that fmax drops is in the product of output and target still.
            np.fmax(lengths, constant(SHORTEST, dtype), lengths)
        np.multiply(output, target, product)
        product.dot(row, cosine)
        np.divide(cosine, length, cosine)
        np.divide(cosine, target_length, cosine)
        rows = len(output)
        return 1 - float(cosine.dot(ones(rows, dtype))) / rows

    def backward(self, output: Array, target: Array, dy: Array, workspace: Mapping[str, Array]) -> None:
        product, cosine = workspace["product"], workspace["cosine"]
        length, target_length = workspace["length"], workspace["target_length"]
        dy[...] = target_length[:, None]
        np.divide(target, dy, dy)
        product[...] = length[:, None]
        np.divide(output, product, product)
        spread = workspace["spread"]
        spread[...] = cosine[:, None]
        np.multiply(product, spread, product)
        np.subtract(product, dy, dy)
        spread[...] = length[:, None]
        np.divide(dy, spread, dy)
        np.multiply(dy, constant(1 / len(output), dy.dtype), dy)
