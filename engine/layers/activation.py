"""An activation function as a layer of its own."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from engine.activations import AnyActivation
from engine.activations.relu import ReLU
from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Layer, PoolingStep, Workspace


class Activation(Layer):
    """y = f(x), number by number; softmax along the last axis.

    Shapes: x and y (batch, …), of any shape.
    Gradient: dx = dy · f'(x).
    References: with each of the functions.
    """

    heading: ClassVar[str] = "Activation"
    icon: ClassVar[str] = "activity"
    kind: Literal["activation"] = "activation"

    function: AnyActivation = Field(
        ReLU(), title="Function", description="The bend that every number goes through."
    )

    def pooling_step(self) -> PoolingStep | None:
        return PoolingStep(activation=self.function) if self.function.monotone else None

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def buffers(self, input_shape: Shape) -> dict[str, Buffer]:
        wanted = super().buffers(input_shape)
        if self.function.in_place:
            del wanted["dx"]
        return wanted

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        y = workspace["y"]
        self.function.forward(x, y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        # Written over dy, the gradient of a large array is fetched and kept once.
        dx = dy if self.function.in_place else workspace["dx"]
        self.function.backward(workspace.x, workspace["y"], dy, dx)
        return dx
