"""Cross-entropy that turns to the hard examples: what is already sure and right hardly counts."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, Targets, constant, ones
from engine.losses.base import Link
from engine.losses.class_numbers import probability_rows
from engine.losses.fields import focusing_field
from engine.losses.smoothed_classes import SmoothedClasses
from engine.losses.softmax import normalize, softmax_buffers
from engine.tasks import Task


class Focal(SmoothedClasses):
    """The mean over the rows of −Σ t (1 − p)^γ ln p, with p = softmax(z); γ = 0 is cross-entropy.

    Shapes: logits z (rows, classes) and target t: class numbers (rows,), or (rows, classes) where each row
    sums to 1, one-hot or soft.
    With label smoothing ε and weights w of the k classes, which are the paper's α, u = w ((1 − ε) t + ε / k)
    takes the place of t, and the mean is over W = Σ w t.
    Gradient: with h = u (1 − p)^(γ − 1) (γ p ln p − (1 − p)) and its row sums H, dE/dz = (h − p H) / W.
    Reference: Lin et al. 2017, Focal loss for dense object detection; for several classes as in Keras,
    CategoricalFocalCrossentropy.
    """

    heading: ClassVar[str] = "Focal"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    link: ClassVar[Link | None] = "softmax"

    kind: Literal["focal"] = "focal"
    gamma: float = focusing_field()

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        names = ("logarithms", "probability", "doubt", "power", "goal", "spread")
        columns: dict[str, Shape] = {"row_sum": ()}
        return softmax_buffers(output_shape) | {name: output_shape for name in names} | columns

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        normalize(output, workspace)
        logarithms, probability = workspace["logarithms"], workspace["probability"]
        doubt, power, goal = workspace["doubt"], workspace["power"], workspace["goal"]
        dtype = output.dtype
        logarithms[...] = workspace["logarithm"][:, None]
        np.subtract(workspace["shifted"], logarithms, logarithms)
        np.exp(logarithms, probability)
        np.subtract(constant(1.0, dtype), probability, doubt)
        # Where p rounds to 1, a negative power of 0 would be infinite; ln p is 0 there, whatever stands here.
        np.fmax(doubt, constant(float(np.finfo(dtype).eps), dtype), doubt)
        np.power(doubt, constant(self.gamma - 1, dtype), power)
        if self.plain:
            np.multiply(power, probability_rows(target, goal), power)
        else:
            self.set_goal(target, goal, workspace["spread"], workspace["row_sum"])
            np.multiply(power, goal, power)
        np.multiply(power, doubt, goal)
        return self.mean(-float(np.vdot(goal, logarithms)), target, output.dtype)

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        probability, spread, row_sum = workspace["probability"], workspace["spread"], workspace["row_sum"]
        np.multiply(workspace["power"], constant(self.gamma, dy.dtype), dy)
        np.multiply(dy, probability, dy)
        np.multiply(dy, workspace["logarithms"], dy)
        np.subtract(dy, workspace["goal"], dy)
        dy.dot(ones(dy.shape[1], dy.dtype), row_sum)
        spread[...] = row_sum[:, None]
        np.multiply(spread, probability, spread)
        np.subtract(dy, spread, dy)
        np.multiply(dy, self.scale(target, dy.dtype), dy)
