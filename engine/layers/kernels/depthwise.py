"""Depthwise convolution: every channel has its own filter, so there are no matrix products."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.kernels.im2col import cells_under
from engine.layers.kernels.sliding_windows import Geometry


class Depthwise:
    """The same methods as Products, with one elementwise product and sum for each cell of the window.

    The weights of a cell are repeated along the width, so that a row of the image is contiguous.
    """

    def __init__(self, geometry: Geometry, scratch: Mapping[str, Array], images: int) -> None:
        self._geometry = geometry
        self._padded, self._dx_padded = scratch["padded"][:images], scratch["dx_padded"][:images]
        self._under = cells_under(geometry, self._padded)
        self._dx_under = cells_under(geometry, self._dx_padded)
        self._product = scratch["product"][:images]
        self._lines = scratch["lines"]
        self._sums = scratch["sums"]
        self._ones = scratch["ones"]

    @staticmethod
    def scratch_shapes(geometry: Geometry) -> dict[str, Shape]:
        """The arrays for `scratch`, initialized with zeros: the borders of padded ones are never written."""
        g, images = geometry, geometry.images_at_once
        across = g.horizontal.outputs
        return {
            "padded": (images, *g.padded_shape),
            "dx_padded": (images, *g.padded_shape),
            "product": (images, *g.output_shape),
            "lines": (g.cells, across, g.channels),
            "sums": (across * g.channels,),
        }

    def prepare(self, weight: Array) -> None:
        """Once for a batch, before the first piece goes forward."""
        np.copyto(self._lines, weight.reshape(-1, 1, self._geometry.channels))

    def prepare_backward(self, weight: Array) -> None:
        """Nothing to do: the weights are prepared already."""

    def load(self, images: Array) -> None:
        """Copy a piece of the batch, for `correlate` and `weight_gradient`."""
        vertical, horizontal = self._geometry.vertical, self._geometry.horizontal
        top, left = vertical.before, horizontal.before
        np.copyto(
            self._padded[:, top : top + vertical.length, left : left + horizontal.length],
            images,
        )

    def correlate(self, weight: Array, z: Array) -> None:
        """Write the output of the loaded piece, without bias."""
        np.multiply(self._under[0], self._lines[0], z)
        for under, line in zip(self._under[1:], self._lines[1:], strict=True):
            np.multiply(under, line, self._product)
            np.add(z, self._product, z)

    def weight_gradient(self, dz: Array, dweight: Array) -> None:
        """Write the weights' gradient of the loaded piece into a contiguous array."""
        g = self._geometry
        summed = dweight.reshape(g.cells, g.channels)
        lines = self._product.reshape(-1, len(self._sums))
        across = self._sums.reshape(-1, g.channels)
        for under, cell in zip(self._under, summed, strict=True):
            np.multiply(under, dz, self._product)
            np.dot(self._ones[: len(lines)], lines, self._sums)
            np.dot(self._ones[: len(across)], across, cell)

    def input_gradient(self, weight: Array, dz: Array, dx: Array) -> None:
        """Write the gradient of the piece's images."""
        vertical, horizontal = self._geometry.vertical, self._geometry.horizontal
        self._dx_padded.fill(0.0)
        for under, line in zip(self._dx_under, self._lines, strict=True):
            np.multiply(dz, line, self._product)
            np.add(under, self._product, out=under)
        top, left = vertical.before, horizontal.before
        np.copyto(dx, self._dx_padded[:, top : top + vertical.length, left : left + horizontal.length])
