"""What stands in a network for a disabled layer, so that all layers keep their indices and names."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from engine.arrays import Array, Shape
from engine.layers.base import ArraySpec, Layer, Workspace


class Bypass(Layer):
    """Passes samples on unchanged, y = x.

    No layer of an experiment: `in_use` puts it into the network.
    Shapes: x and y (batch, …), of any shape. Gradient: dx = dy.
    """

    heading: ClassVar[str] = "Disabled layer"
    icon: ClassVar[str] = "prohibit"
    kind: Literal["bypass"] = "bypass"

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        return x

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        return dy


def in_use(layer: Layer) -> Layer:
    """The layer as it takes part in the network: a bypass if it is disabled, also inside other layers."""
    if not layer.enabled:
        return Bypass()
    inner = tuple(in_use(one) for one in layer.inner_layers)
    if inner == layer.inner_layers:
        return layer
    # Not validated: a bypass is none of the layers that an experiment may hold.
    return layer.model_copy(update={"layers": inner})
