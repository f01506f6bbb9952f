"""Work on the channels, which the last axis counts: broadcasts over them, reductions to them, and depthwise
convolution, where every channel has its own filter, so that there are no matrix products.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from engine.arrays import Array, Shape, constant
from engine.layers.kernels.im2col import cells_under
from engine.layers.kernels.sliding_windows import Geometry

_NUMBERS_AT_ONCE = 256 * 1024
"""Numbers in a block. Smaller blocks would stay in a faster cache; but the threads of a worker pool wait for
Python's lock in each call: with blocks of 32 k they take almost twice the time."""


def line_shape(sample_shape: Shape) -> Shape:
    """The last two axes of a sample, or its only one."""
    return sample_shape[-2:]


def as_lines(array: Array, length: int) -> Array:
    """(batch, …, channels) as (lines, length); nothing is copied."""
    return array.reshape(-1, length)


def lines_at_once(length: int) -> int:
    """Lines of a block."""
    return max(_NUMBERS_AT_ONCE // length, 1)


def blocks(count: int, length: int) -> Iterator[slice]:
    """All `count` lines, block by block."""
    step = lines_at_once(length)
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def repeat(values: Array, line: Array) -> Array:
    """Fill a line with repetitions of the channels' values; returns it flattened."""
    np.copyto(line.reshape(-1, len(values)), values)
    return line.reshape(-1)


def add_lines(lines: Array, ones: Array, scratch: Array, total: Array, first: bool) -> None:
    """Sum of a block's lines into `total` (length,), which the first block overwrites."""
    np.dot(ones[: len(lines)], lines, total if first else scratch)
    if not first:
        np.add(total, scratch, total)


def fold(line: Array, ones: Array, channels: Array) -> None:
    """Sum of a line's columns, for each channel, into `channels`."""
    columns = line.reshape(-1, len(channels))
    np.dot(ones[: len(columns)], columns, channels)


def inverse_std(variance: Array, epsilon: float, scratch: Array) -> None:
    """Overwrite σ² by 1 / √(σ² + ε); scratch is like variance.

    NaN where σ² is infinite, not the limit 0: with it the normalization would return its shift for any input,
    with gradients of 0, and nobody would notice. In float32, squares overflow from 10¹⁹ on.
    """
    np.add(variance, epsilon, variance)
    # ∞ · 0 is NaN, and anything finite · 0 changes no sum.
    np.multiply(variance, constant(0.0, variance.dtype), scratch)
    np.sqrt(variance, variance)
    np.reciprocal(variance, variance)
    np.add(variance, scratch, variance)


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
