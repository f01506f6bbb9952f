"""Global pooling: mean and maximum over all positions of an image or sequence."""

from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from engine.arrays import Array, Shape, constant, ones
from engine.layers.base import ArraySpec, Layer, Workspace
from engine.layers.inner_layers import InnerStack, outside
from engine.layers.pooling import MaxPool


class GlobalAveragePool(Layer):
    """Takes the mean over all positions, for each channel.

    Shapes: (batch, height, width, channels) or (batch, steps, channels) → (batch, channels).
    Gradient: every position gets dy / (number of positions).
    Raises ShapeError if a sample is a list of numbers.
    Reference: Lin, Chen & Yan 2014, Network in network.
    """

    heading: ClassVar[str] = "Global average pooling"
    icon: ClassVar[str] = "arrows-in-cardinal"
    kind: Literal["global_average_pool"] = "global_average_pool"

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) < 2:
            raise self._misfit(
                "images or sequences", input_shape, "Remove it: a list of numbers has no places to average."
            )
        return input_shape[-1:]

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        y = workspace["y"]
        positions = x.reshape(len(x), -1, x.shape[-1])
        # A product with ones, sample by sample, adds up in vector instructions.
        np.matmul(ones(positions.shape[1], x.dtype), positions, out=y)
        np.multiply(y, constant(1 / positions.shape[1], x.dtype), y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        positions = dx.reshape(len(dx), -1, dx.shape[-1])
        np.multiply(dy, constant(1 / positions.shape[1], dy.dtype), dy)
        np.copyto(positions, dy[:, None])
        return dx


_INNER = "pool"
"""The name of the inner pooling layer."""


class _Inner(NamedTuple):
    """The pooling layer that does the work, with views of the workspace."""

    pool: MaxPool
    stack: InnerStack


class GlobalMaxPool(Layer):
    """Takes the maximum over all positions, for each channel.

    Shapes: (batch, height, width, channels) or (batch, steps, channels) → (batch, channels).
    Gradient: dy goes to the position of the maximum; of equal ones exactly one gets it, as in MaxPool with
    a window of the size of the sample.
    Raises ShapeError if a sample is neither image nor sequence.
    Reference: Oquab, Bottou, Laptev & Sivic 2015, Is object localization for free?
    """

    heading: ClassVar[str] = "Global max pooling"
    icon: ClassVar[str] = "arrows-in-line-vertical"
    kind: Literal["global_max_pool"] = "global_max_pool"

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (2, 3):
            raise self._no_cells(input_shape)
        return input_shape[-1:]

    def workspace_arrays(self, input_shape: Shape) -> dict[str, ArraySpec]:
        pool = _over(input_shape).workspace_arrays(input_shape)
        return {"y": ArraySpec(self.output_shape(input_shape)), **outside(_INNER, pool)}

    def forward(
        self, parameters: Mapping[str, Array], x: Array, workspace: Workspace, training: bool
    ) -> Array:
        if workspace.prepared is None:
            workspace.prepared = _Inner(_over(x.shape[1:]), InnerStack((_INNER,), workspace))
        inner: _Inner = workspace.prepared
        y = workspace["y"]
        found = inner.stack.forward((inner.pool,), parameters, x, workspace, training)
        np.copyto(y, found.reshape(y.shape))
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        inner: _Inner = workspace.prepared
        dy = dy.reshape(workspace[f"{_INNER}.y"].shape)
        return inner.stack.backward((inner.pool,), parameters, gradients, dy, workspace)


def _over(input_shape: Shape) -> MaxPool:
    """Pooling with a window of the sample's size; not validated, as it may exceed the limits of forms."""
    return MaxPool.model_construct(pool_size=input_shape[0], width=input_shape[-2])
