"""Positional encoding, for layers that do not use the order of steps."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape
from engine.initializers import AnyInitializer, Initializer
from engine.initializers.fixed_scale import Normal
from engine.layers.base import ArraySpec, Layer, Workspace
from engine.settings import hints


class PositionalEncoding(Layer):
    """Adds to each step a pattern that depends on its position, so that attention can use the order.

    y = x + P with P (steps, features). Sinusoidal: P[t, 2i] = sin(t / base^(2i / features)) and
    P[t, 2i + 1] = cos of the same angle, t from 0; from one pair of features to the next the waves grow
    longer. Learned: P is the parameter "weight", which is not penalized.
    Shapes: x and y (batch, steps, features).
    Gradients: dx = dy; learned, dP = Σ over the batch of dy.
    Raises ShapeError if a sample is no sequence.
    References: Vaswani et al. 2017, Attention is all you need; learned: Gehring et al. 2017, Convolutional
    sequence to sequence learning.
    """

    heading: ClassVar[str] = "Positional encoding"
    icon: ClassVar[str] = "list-numbers"
    kind: Literal["positional_encoding"] = "positional_encoding"

    encoding: Literal["sinusoidal", "learned"] = Field(
        "sinusoidal",
        title="Pattern",
        description="Fixed waves of many lengths, or numbers that are trained.",
        json_schema_extra=hints(choices={"sinusoidal": "Waves", "learned": "Learned"}),
    )
    base: float = Field(
        10_000,
        ge=2,
        le=1e6,
        title="Period",
        description="How much longer than the shortest wave the longest one is.",
    )
    initializer: AnyInitializer = Field(
        Normal(std=0.02), title="Initializer", description="How learned numbers start."
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self._no_sequence(input_shape)
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"weight": input_shape} if self.encoding == "learned" else {}

    def initializers(self) -> Mapping[str, Initializer]:
        return {"weight": self.initializer}

    def penalized(self) -> frozenset[str]:
        return frozenset()

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        wanted = {"y": ArraySpec(self.output_shape(input_shape))}
        if self.encoding == "sinusoidal":
            wanted["waves"] = ArraySpec(input_shape, per_sample=False)
        return wanted

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if workspace.prepared is None:
            if self.encoding == "sinusoidal":
                workspace["waves"][...] = waves(x.shape[1], x.shape[2], self.base)
            workspace.prepared = True
        y = workspace["y"]
        np.add(x, workspace["waves"] if self.encoding == "sinusoidal" else parameters["weight"], y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        if self.encoding == "learned":
            dy.sum(axis=0, out=gradients["weight"])
        return dy


def waves(steps: int, features: int, base: float) -> Array:
    """The sinusoidal pattern, (steps, features)."""
    feature = np.arange(features)
    angles = np.arange(steps)[:, None] / base ** (2 * (feature // 2) / features)
    return np.where(feature % 2, np.cos(angles), np.sin(angles))
