"""Batch normalization by running statistics: what the layer is in evaluation, with its gradient."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape
from engine.initializers import AnyInitializer
from engine.initializers.fixed_scale import Constant, Zeros
from engine.layers.base import ArraySpec, Layer, Workspace


class FixedNorm(Layer):
    """y = γ (x − μ) / √(σ² + ε) + β, with the running μ and σ², which it does not change.

    No layer of an experiment: `BatchNorm.as_evaluated` gives it.
    Shapes: x and y (batch, …, channels); "scale" γ, "shift" β, "mean" and "variance" (channels,).
    Gradients: dγ = Σ dy x̂; dβ = Σ dy; dx = dy γ / √(σ² + ε).
    Reference: Ioffe & Szegedy 2015, Batch normalization.
    """

    heading: ClassVar[str] = "Batch normalization"
    icon: ClassVar[str] = "scales"
    kind: Literal["fixed_norm"] = "fixed_norm"
    epsilon: float = 1e-5

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"scale": input_shape[-1:], "shift": input_shape[-1:]}

    def initializers(self) -> dict[str, AnyInitializer]:
        return {"scale": Constant(value=1.0), "shift": Zeros()}

    def penalized(self) -> frozenset[str]:
        return frozenset()

    def statistics_shapes(self, input_shape: Shape) -> dict[str, tuple[Shape, float]]:
        return {"mean": (input_shape[-1:], 0.0), "variance": (input_shape[-1:], 1.0)}

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {**super().workspace_arrays(input_shape), "normalized": ArraySpec(input_shape)}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        normalized, y = workspace["normalized"], workspace["y"]
        np.subtract(x, workspace.statistics["mean"], normalized)
        np.multiply(normalized, self._inverse(workspace), normalized)
        np.multiply(normalized, parameters["scale"], y)
        np.add(y, parameters["shift"], y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        axes = tuple(range(dy.ndim - 1))
        dx, normalized = workspace["dx"], workspace["normalized"]
        np.sum(dy * normalized, axis=axes, out=gradients["scale"])
        np.sum(dy, axis=axes, out=gradients["shift"])
        np.multiply(dy, parameters["scale"] * self._inverse(workspace), dx)
        return dx

    def _inverse(self, workspace: Workspace) -> Array:
        inverse: Array = 1 / np.sqrt(workspace.statistics["variance"] + self.epsilon)
        return inverse
