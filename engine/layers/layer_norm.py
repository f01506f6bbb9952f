"""Layer normalization."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape
from engine.initializers import AnyInitializer
from engine.initializers.fixed_scale import Constant, Zeros
from engine.layers.base import ArraySpec, Layer, Workspace
from engine.layers.kernels.channels import (
    add_lines,
    as_lines,
    blocks,
    fold,
    inverse_std,
    line_shape,
    lines_at_once,
    repeat,
)
from engine.settings import hints


class LayerNorm(Layer):
    """Normalizes every sample, or every cell of it, to mean 0 and variance 1, then scales and shifts it.

    y = γ x̂ + β, x̂ = (x − μ) / √(σ² + ε), μ and σ² (biased) over the last axis, or over all of a sample.
    Where squares overflow, y is NaN.
    Shapes: x and y (batch, …, features); "scale" γ and "shift" β of the normalized axes' shape.
    Gradients: dγ = Σ dy x̂; dβ = Σ dy; with g = γ dy, dx = (g − mean g − x̂ mean(g x̂)) / √(σ² + ε).
    Reference: Ba, Kiros & Hinton 2016, Layer normalization.
    """

    heading: ClassVar[str] = "Layer normalization"
    icon: ClassVar[str] = "sliders-horizontal"
    kind: Literal["layer_norm"] = "layer_norm"

    axes: Literal["features", "sample"] = Field(
        "features",
        title="Over",
        description="What is normalized to mean 0 and variance 1 together.",
        json_schema_extra=hints(
            choices={"features": "The features of each step or cell", "sample": "The whole sample"}
        ),
    )
    epsilon: float = Field(
        1e-5,
        ge=1e-12,
        le=1,
        title="ε",
        description="Keeps the division safe where the numbers hardly differ.",
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return dict.fromkeys(("scale", "shift"), self._axes(input_shape))

    def initializers(self) -> dict[str, AnyInitializer]:
        return {"scale": Constant(value=1.0), "shift": Zeros()}

    def penalized(self) -> frozenset[str]:
        return frozenset()

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        axes = self._axes(input_shape)
        width, length = math.prod(axes), self._line_length(input_shape)
        block, groups = lines_at_once(length), math.prod(input_shape) // width
        line = ArraySpec((length,), per_sample=False)
        return {
            **super().workspace_arrays(input_shape),
            "normalized": ArraySpec(input_shape),
            "inverse": ArraySpec((groups,)),
            **dict.fromkeys(("scales", "shifts", "part", "scale_sum", "shift_sum"), line),
            "block": ArraySpec((block, length), per_sample=False),
            "means": ArraySpec((block * length // width,), per_sample=False),
            "weights": ArraySpec((width,), per_sample=False, fill=1 / width),
            "ones": ArraySpec((max(block, length // width),), per_sample=False, fill=1.0),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        weights, inverses = workspace["weights"], workspace["inverse"].reshape(-1)
        scales = repeat(parameters["scale"].reshape(-1), workspace["scales"])
        shifts = repeat(parameters["shift"].reshape(-1), workspace["shifts"])
        length, groups = len(scales), len(scales) // len(weights)
        lines, normalized, y = (
            as_lines(array, length) for array in (x, workspace["normalized"], workspace["y"])
        )
        for block in blocks(len(lines), length):
            inverse = inverses[block.start * groups : block.stop * groups]
            self._normalize(lines[block], normalized[block], inverse, workspace)
            np.multiply(normalized[block], scales, y[block])
            np.add(y[block], shifts, y[block])
        return workspace["y"]

    def _normalize(self, x: Array, normalized: Array, inverse: Array, workspace: Workspace) -> None:
        """Write x̂ and 1 / √(σ² + ε) of one block.

        Products with weights 1 / width compute the means, and copies broadcast them over their rows: NumPy's
        own broadcasting takes more time, and a temporary array.
        """
        weights = workspace["weights"]
        scratch = workspace["block"][: len(x)].reshape(-1, len(weights))
        rows, centred = x.reshape(scratch.shape), normalized.reshape(scratch.shape)
        np.dot(rows, weights, inverse)
        np.copyto(scratch, inverse[:, None])
        np.subtract(rows, scratch, centred)
        np.multiply(centred, centred, scratch)
        np.dot(scratch, weights, inverse)
        inverse_std(inverse, self.epsilon, workspace["means"][: len(rows)])
        np.copyto(scratch, inverse[:, None])
        np.multiply(centred, scratch, centred)

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        weights, inverses = workspace["weights"], workspace["inverse"].reshape(-1)
        ones, part, scales = workspace["ones"], workspace["part"], workspace["scales"]
        scale_sum, shift_sum = workspace["scale_sum"], workspace["shift_sum"]
        length, groups = len(scales), len(scales) // len(weights)
        dy_lines, normalized, dx = (
            as_lines(array, length) for array in (dy, workspace["normalized"], workspace["dx"])
        )
        for block in blocks(len(dx), length):
            first, product = block.start == 0, workspace["block"][: block.stop - block.start]
            add_lines(dy_lines[block], ones, part, shift_sum, first)
            np.multiply(dy_lines[block], normalized[block], product)
            add_lines(product, ones, part, scale_sum, first)
            if workspace.needs_dx:
                np.multiply(dy_lines[block], scales, dx[block])
                inverse = inverses[block.start * groups : block.stop * groups]
                self._input_gradient(dx[block], normalized[block], inverse, workspace)
        fold(shift_sum, ones, gradients["shift"].reshape(-1))
        fold(scale_sum, ones, gradients["scale"].reshape(-1))
        return workspace["dx"]

    @staticmethod
    def _input_gradient(dx: Array, normalized: Array, inverse: Array, workspace: Workspace) -> None:
        """From g in dx to (g − mean g − x̂ mean(g x̂)) / √(σ² + ε), for one block."""
        weights = workspace["weights"]
        scratch = workspace["block"][: len(dx)].reshape(-1, len(weights))
        rows, hats, means = dx.reshape(scratch.shape), normalized.reshape(scratch.shape), workspace["means"]
        means = means[: len(rows)]
        np.multiply(rows, hats, scratch)
        np.dot(scratch, weights, means)
        np.copyto(scratch, means[:, None])
        np.multiply(scratch, hats, scratch)
        np.subtract(rows, scratch, rows)
        # x̂ has mean 0, so that the mean of g has not changed.
        np.dot(rows, weights, means)
        np.copyto(scratch, means[:, None])
        np.subtract(rows, scratch, rows)
        np.copyto(scratch, inverse[:, None])
        np.multiply(rows, scratch, rows)

    def _line_length(self, input_shape: Shape) -> int:
        return math.prod(input_shape if self.axes == "sample" else line_shape(input_shape))

    def _axes(self, input_shape: Shape) -> Shape:
        """The axes that are normalized together."""
        return input_shape if self.axes == "sample" else input_shape[-1:]
