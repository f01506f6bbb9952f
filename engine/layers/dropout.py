"""Layers that add noise in training only: dropout, spatial dropout and Gaussian noise."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, constant
from engine.layers.base import ArraySpec, Layer, RandomSource, Workspace
from engine.settings import hints


def draw_mask(mask: Array, rate: float, generator: RandomSource) -> None:
    """Write into a mask (rows, …) 0 with probability `rate`, else 1 / (1 − rate).

    Multiplication by it preserves the mean.
    At rate 0 as many numbers are drawn: so a change of the rate in mid-run does not shift later draws.
    """
    generator.random(out=mask, dtype=mask.dtype)
    np.greater_equal(mask, constant(rate, mask.dtype), out=mask)
    np.multiply(mask, constant(1 / (1 - rate), mask.dtype), mask)


class Dropout(Layer):
    """Training sets each number to 0 with probability `rate` and divides the others by 1 − rate.

    The expected output equals the input, so that prediction, where the layer returns its input, needs no
    correction.
    Shapes: x and y (batch, …), of any shape.
    Gradient: dx = dy · mask / (1 − rate).
    Reference: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, Dropout.
    """

    heading: ClassVar[str] = "Dropout"
    icon: ClassVar[str] = "dots-six"
    regularization: ClassVar[Mapping[str, tuple[Any, str]]] = {"rate": (0.0, "dropout")}
    kind: Literal["dropout"] = "dropout"

    rate: float = Field(
        0.2,
        ge=0,
        le=0.95,
        title="Rate",
        description="Fraction of the numbers that each training step switches off at random.",
        json_schema_extra=hints(live=True, slider=True),
    )

    @property
    def random(self) -> bool:
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {**super().workspace_arrays(input_shape), "mask": ArraySpec(input_shape)}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if not training:
            return x
        y, mask = workspace["y"], workspace["mask"]
        draw_mask(mask, self.rate, workspace.generator)
        np.multiply(x, mask, y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        np.multiply(dy, workspace["mask"], dx)
        return dx


class SpatialDropout(Layer):
    """Training sets whole channels of a sample to 0 with probability `rate`.

    The others are divided by 1 − rate, so that the expected output equals the input. Neighbouring cells of an
    image are correlated: dropping single ones would have little effect.
    Shapes: x and y (batch, height, width, channels) or (batch, steps, features). Prediction passes x on.
    Gradient: dx = dy · mask / (1 − rate).
    Raises ShapeError if a sample is neither image nor sequence.
    Reference: Tompson, Goroshin, Jain, LeCun & Bregler 2015, Efficient object localization.
    """

    heading: ClassVar[str] = "Spatial dropout"
    icon: ClassVar[str] = "stack"
    regularization: ClassVar[Mapping[str, tuple[Any, str]]] = {"rate": (0.0, "spatial dropout")}
    kind: Literal["spatial_dropout"] = "spatial_dropout"

    rate: float = Field(
        0.2,
        ge=0,
        le=0.95,
        title="Rate",
        description="Fraction of the channels that each training step switches off at random.",
        json_schema_extra=hints(live=True, slider=True),
    )

    @property
    def random(self) -> bool:
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (2, 3):
            raise self._no_cells(input_shape, "Use Dropout for samples of other shapes.")
        return input_shape

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {
            **super().workspace_arrays(input_shape),
            "mask": ArraySpec(input_shape[-1:]),
            # The mask repeated along a row of the image, so that it is applied to long contiguous runs.
            "line": ArraySpec((1, *input_shape[-2:])),
        }

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if not training:
            return x
        y, mask = workspace["y"], workspace["mask"]
        draw_mask(mask, self.rate, workspace.generator)
        np.copyto(workspace["line"], mask[:, None, None])
        np.multiply(x, self._line(workspace, x), y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        np.multiply(dy, self._line(workspace, dy), dx)
        return dx

    @staticmethod
    def _line(workspace: Workspace, like: Array) -> Array:
        line = workspace["line"]
        return line if like.ndim == 4 else line[:, 0]


class GaussianNoise(Layer):
    """Training adds normal noise to every number, y = x + std · n, n from N(0, 1); prediction y = x.

    Shapes: x and y (batch, …), of any shape.
    Gradient: dx = dy.
    Reference: Bishop 1995, Training with noise is equivalent to Tikhonov regularization.
    """

    heading: ClassVar[str] = "Gaussian noise"
    icon: ClassVar[str] = "dots-nine"
    regularization: ClassVar[Mapping[str, tuple[Any, str]]] = {"std": (0.0, "gaussian noise")}
    kind: Literal["gaussian_noise"] = "gaussian_noise"

    std: float = Field(
        0.1,
        ge=0,
        le=100,
        title="Standard deviation",
        description="Standard deviation of the noise; standardized columns have 1 themselves.",
        json_schema_extra=hints(live=True),
    )

    @property
    def random(self) -> bool:
        return True

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        return {"y": ArraySpec(input_shape)}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if not training:
            return x
        y = workspace["y"]
        # Drawn even at std 0, so that a change in mid-run does not shift later draws.
        workspace.generator.standard_normal(dtype=y.dtype, out=y)
        np.multiply(y, self.std, y)
        np.add(y, x, y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        return dy
