"""Images to lists of numbers."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Layer, Workspace


class Flatten(Layer):
    """Lays every sample out as one list of numbers, row by row; nothing is copied.

    Shapes: (batch, height, width, channels) → (batch, height · width · channels), likewise for any other.
    Gradient: dy in the shape of x.
    Reference: Keras, Flatten.
    """

    heading: ClassVar[str] = "Flatten"
    icon: ClassVar[str] = "rows"
    kind: Literal["flatten"] = "flatten"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(input_shape),)

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        return {}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        return x.reshape(len(x), -1)

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        return dy.reshape(workspace.x.shape)
