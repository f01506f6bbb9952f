"""Focal loss of yes or no: for rare events, where the many easy examples would drown the few hard ones."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, Targets, constant
from engine.losses.base import Link
from engine.losses.fields import focusing_field, smoothing_field
from engine.losses.sigmoid import cross_entropies, sigmoid, sigmoid_buffers
from engine.losses.yes_no_weights import YesNoWeighted, smooth_answers
from engine.settings import hints
from engine.tasks import Task


class BinaryFocal(YesNoWeighted):
    """The mean of a q^γ c: cross-entropy c of logit z, doubt q about the right answer; γ = 0 is c alone.

    Shapes: logits z and target t (rows, outputs), t in 0 … 1.
    With p = σ(z): q = p (1 − t) + (1 − p) t, and a = α t + (1 − α) (1 − t), or 1 without α.
    Gradient: dE/dz = a (q^γ (p − t) − γ q^(γ − 1) (2 t − 1) p (1 − p) c) / (rows · outputs).
    With label smoothing ε, t is replaced by (1 − ε) t + ε / 2. With weights (w₀ of no, w₁ of yes), each
    example counts w = w₀ (1 − t) + w₁ t, and the mean is weighted: 1 / (rows · outputs) becomes w / Σ w.
    Reference: Lin et al. 2017, Focal loss for dense object detection; torchvision, sigmoid_focal_loss;
    smoothing as in Keras, BinaryFocalCrossentropy.
    """

    heading: ClassVar[str] = "Binary focal"
    tasks: ClassVar[frozenset[Task]] = frozenset({"binary"})
    link: ClassVar[Link | None] = "sigmoid"

    kind: Literal["binary_focal"] = "binary_focal"
    gamma: float = focusing_field()
    alpha: float | None = Field(
        None,
        gt=0,
        lt=1,
        title="Share of yes α",
        description="How much an example of yes counts, against 1 − α for one of no.",
        json_schema_extra=hints(none_title="Both alike"),
    )
    label_smoothing: float = smoothing_field()

    def buffers(self, output_shape: Shape) -> Mapping[str, Shape]:
        names = ["probability", "doubt", "power", "direction", *(["goal"] if self.label_smoothing else [])]
        more = {name: output_shape for name in names}
        return sigmoid_buffers(output_shape) | more | self.importance_buffers(output_shape)

    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        goal = target
        if self.label_smoothing:
            goal = workspace["goal"]
            smooth_answers(target, self.label_smoothing, goal)
        each = cross_entropies(output, goal, workspace)
        probability, doubt, power = workspace["probability"], workspace["doubt"], workspace["power"]
        direction, spare, dtype = workspace["direction"], workspace["spare"], output.dtype
        sigmoid(output, probability, workspace)
        np.multiply(goal, constant(2.0, dtype), direction)
        np.subtract(direction, constant(1.0, dtype), direction)
        np.multiply(probability, direction, doubt)
        np.subtract(goal, doubt, doubt)
        # A negative power of 0 would be infinite; what it is multiplied with is 0 there.
        np.fmax(doubt, constant(float(np.finfo(dtype).tiny), dtype), doubt)
        np.power(doubt, constant(self.gamma - 1, dtype), power)
        if self.alpha is not None:
            np.multiply(goal, constant(2 * self.alpha - 1, dtype), spare)
            np.add(spare, constant(1 - self.alpha, dtype), spare)
            np.multiply(power, spare, power)
        if self.weighted:
            self.set_importance(target, workspace["importance"], spare)
            np.multiply(power, workspace["importance"], power)
        np.multiply(power, doubt, spare)
        total = float(np.vdot(spare, each))
        return self.mean(total, target, output.dtype) if self.weighted else total / output.size

    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        probability, power, spare = workspace["probability"], workspace["power"], workspace["spare"]
        np.subtract(constant(1.0, dy.dtype), probability, spare)
        np.multiply(spare, probability, spare)
        np.multiply(spare, workspace["direction"], spare)
        np.multiply(spare, workspace["each"], spare)
        np.multiply(spare, constant(self.gamma, dy.dtype), spare)
        np.subtract(probability, workspace["goal"] if self.label_smoothing else target, dy)
        np.multiply(dy, workspace["doubt"], dy)
        np.subtract(dy, spare, dy)
        np.multiply(dy, power, dy)
        if self.class_weights is None:
            np.multiply(dy, constant(1 / output.size, dy.dtype), dy)
        else:
            np.multiply(dy, self.scale(target, dy.dtype), dy)
