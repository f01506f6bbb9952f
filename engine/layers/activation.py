"""Activation functions as layers of their own: any of the registry, and PReLU with trained slopes."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.activations import ActivationFunction, AnyActivation
from engine.activations.rectifiers import ReLU
from engine.arrays import Array, Shape, keep_where_positive
from engine.initializers import AnyInitializer
from engine.initializers.fixed_scale import Constant
from engine.layers.base import ArraySpec, Layer, PoolingStep, Workspace
from engine.layers.kernels.channels import (
    add_lines,
    as_lines,
    blocks,
    fold,
    line_shape,
    lines_at_once,
    repeat,
)


class Activation(Layer):
    """y = f(x), elementwise; softmax along the last axis.

    Shapes: x and y (batch, …), of any shape.
    Gradient: dx = dy · f'(x).
    References: with each of the functions.
    """

    heading: ClassVar[str] = "Activation"
    icon: ClassVar[str] = "activity"
    kind: Literal["activation"] = "activation"

    activation: AnyActivation = Field(ReLU(), title="Function", description="Applied to every number.")

    @property
    def output_activation(self) -> ActivationFunction:
        return self.activation

    def pooling_step(self) -> PoolingStep | None:
        return PoolingStep(activation=self.activation) if self.activation.monotone else None

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        wanted = super().workspace_arrays(input_shape)
        if self.activation.in_place:
            del wanted["dx"]
        return wanted

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        y = workspace["y"]
        self.activation.forward(x, y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        # Overwriting dy, a large array is read and written only once.
        dx = dy if self.activation.in_place else workspace["dx"]
        self.activation.backward(workspace.x, workspace["y"], dy, dx)
        return dx


class PReLU(Layer):
    """y = x for x > 0, slope · x otherwise; the slope is trained.

    Shapes: x and y (batch, …, channels); "slope" (channels,), or (1,) where all share it.
    Gradients: dslope = Σ dy · min(x, 0); dx = dy for x > 0, slope · dy otherwise.
    Reference: He, Zhang, Ren & Sun 2015, Delving deep into rectifiers.
    """

    heading: ClassVar[str] = "PReLU"
    icon: ClassVar[str] = "chart-line-up"
    kind: Literal["prelu"] = "prelu"

    per_channel: bool = Field(
        True, title="Slope for each channel", description="Otherwise all channels share one slope."
    )
    start: float = Field(0.25, ge=-1, le=1, title="Start", description="The slope before training.")

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"slope": input_shape[-1:] if self.per_channel else (1,)}

    def initializers(self) -> dict[str, AnyInitializer]:
        return {"slope": Constant(value=self.start)}

    def penalized(self) -> frozenset[str]:
        # A penalty would pull the slopes towards 0, which is a ReLU.
        return frozenset()

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        line = line_shape(input_shape)
        length = int(np.prod(line))
        block = lines_at_once(length)
        return {
            **super().workspace_arrays(input_shape),
            "negative": ArraySpec(input_shape),
            "slopes": ArraySpec((length,), per_sample=False),
            "sum": ArraySpec((length,), per_sample=False),
            "part": ArraySpec((length,), per_sample=False),
            "zeros": ArraySpec((length,), per_sample=False, fill=0.0),
            "block": ArraySpec((block, length), per_sample=False),
            "ones": ArraySpec((max(block, length),), per_sample=False, fill=1.0),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        workspace.x = x
        zeros, slopes = workspace["zeros"], repeat(parameters["slope"], workspace["slopes"])
        lines, y, negative = (
            as_lines(array, len(zeros)) for array in (x, workspace["y"], workspace["negative"])
        )
        for rows in blocks(len(lines), len(zeros)):
            part = workspace["block"][: rows.stop - rows.start]
            # The minimum with a line of zeros takes a fifth of the time of one with the number 0.
            np.minimum(lines[rows], zeros, out=negative[rows])
            np.subtract(lines[rows], negative[rows], part)
            np.multiply(negative[rows], slopes, y[rows])
            np.add(y[rows], part, y[rows])
        return workspace["y"]

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        slopes, ones, total, part = (workspace[name] for name in ("slopes", "ones", "sum", "part"))
        x, negative, dy_lines, dx = (
            as_lines(array, len(slopes))
            for array in (workspace.x, workspace["negative"], dy, workspace["dx"])
        )
        for rows in blocks(len(dx), len(slopes)):
            block = workspace["block"][: rows.stop - rows.start]
            np.multiply(dy_lines[rows], negative[rows], block)
            add_lines(block, ones, part, total, rows.start == 0)
            if workspace.needs_dx:
                keep_where_positive(x[rows], dy_lines[rows], block)
                np.subtract(dy_lines[rows], block, dx[rows])
                np.multiply(dx[rows], slopes, dx[rows])
                np.add(dx[rows], block, dx[rows])
        fold(total, ones, gradients["slope"])
        return workspace["dx"]
