"""The mean over a whole image or sequence."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.arrays import Array, Shape, constant, ones
from engine.layers.base import Layer, Workspace


class GlobalAveragePool(Layer):
    """Takes the mean over all places, for each channel: what is in the image, wherever it is.

    Shapes: (batch, height, width, channels) or (batch, steps, channels) → (batch, channels).
    Gradient: every place gets dy / (number of places).
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
        places = x.reshape(len(x), -1, x.shape[-1])
        # A product with ones, sample by sample, adds up in vector instructions.
        np.matmul(ones(places.shape[1], x.dtype), places, out=y)
        np.multiply(y, constant(1 / places.shape[1], x.dtype), y)
        return y

    def backward(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        dy: Array,
        workspace: Workspace,
    ) -> Array:
        dx = workspace["dx"]
        places = dx.reshape(len(dx), -1, dx.shape[-1])
        np.multiply(dy, constant(1 / places.shape[1], dy.dtype), dy)
        np.copyto(places, dy[:, None])
        return dx
