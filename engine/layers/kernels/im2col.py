"""Convolution as matrix products over gathered windows (im2col)."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array, Shape
from engine.layers.kernels.sliding_windows import Geometry, Sliding

THIN = 4
"""Up to this many channels the matrix is built column by column: then runs of cells along the image's width
are copied, instead of a few numbers for each row of a window. Measured for widths of 28."""


class WindowMatrix:
    """Copies a batch of images into a padded array, and the windows over it into a matrix (im2col).

    Parameters
    ----------
    padded : (images, padded height, padded width, channels), 0 on the border, which stays untouched.
    columns : at least images · positions · cells · channels numbers.
    vertical, horizontal : the window along each axis. channels : those to take (a group's).

    `matrix` is (images · positions, cells · channels), cells in reading order, channels fastest.
    """

    def __init__(
        self, padded: Array, columns: Array, vertical: Sliding, horizontal: Sliding, channels: slice
    ) -> None:
        top, left = vertical.before, horizontal.before
        self._inner = padded[:, top : top + vertical.length, left : left + horizontal.length]
        taken = padded[..., channels]
        images, depth = len(padded), taken.shape[-1]
        positions = (images, vertical.outputs, horizontal.outputs)
        cells = (vertical.size, horizontal.size, depth)
        rows, width = int(np.prod(positions)), int(np.prod(cells))
        image, row, column, channel = taken.strides
        position_strides = (image, row * vertical.stride, column * horizontal.stride)
        cell_strides = (row * vertical.dilation, column * horizontal.dilation, channel)
        used = columns[: rows * width]
        if depth <= THIN:
            self._columns = used.reshape(cells + positions)
            self._windows = as_strided(
                taken, cells + positions, cell_strides + position_strides, writeable=False
            )
            self.matrix: Array = used.reshape(width, rows).T
        else:
            self._columns = used.reshape(positions + cells)
            self._windows = as_strided(
                taken, positions + cells, position_strides + cell_strides, writeable=False
            )
            self.matrix = used.reshape(rows, width)

    def load(self, images: Array) -> None:
        """Put images (images, height, width, all channels) inside the padding."""
        np.copyto(self._inner, images)

    def gather(self) -> Array:
        """Fill the matrix from what is loaded."""
        np.copyto(self._columns, self._windows)
        return self.matrix


class Products:
    """The three matrix products of a convolution: output, weights' gradient, input's gradient.

    Images are (images, height, width, channels), outputs z and dz (images, positions down, positions across,
    filters), weights (down, across, depth, filters). `scratch` holds the arrays of `scratch_shapes`, which
    all pieces of a batch use one after the other.
    """

    def __init__(self, geometry: Geometry, scratch: Mapping[str, Array], images: int) -> None:
        g = self._geometry = geometry
        self._groups = [
            (slice(n * g.depth, (n + 1) * g.depth), slice(n * g.units, (n + 1) * g.units))
            for n in range(g.groups)
        ]
        self._rows = images * g.positions
        self._scratch = scratch
        if g.pointwise:
            return
        columns = scratch["columns"]
        self._padded = scratch["padded"][:images]
        self._forward = [
            WindowMatrix(self._padded, columns, g.vertical, g.horizontal, channels)
            for channels, _ in self._groups
        ]
        if g.slides_back:
            self._backward = [
                WindowMatrix(
                    scratch["dz_padded"][:images],
                    columns,
                    g.vertical.backwards,
                    g.horizontal.backwards,
                    filters,
                )
                for _, filters in self._groups
            ]

    @staticmethod
    def scratch_shapes(geometry: Geometry) -> dict[str, Shape]:
        """The arrays for `scratch`, initialized with zeros: the borders of padded ones are never written."""
        g, images = geometry, geometry.images_at_once
        if g.pointwise:
            return {}
        width = g.cells * g.depth
        columns = images * g.positions * width
        shapes: dict[str, Shape] = {"padded": (images, *g.padded_shape)}
        if g.slides_back:
            vertical, horizontal = g.vertical.backwards, g.horizontal.backwards
            columns = max(columns, images * g.pixels * g.cells * g.units)
            shapes["dz_padded"] = (images, vertical.padded, horizontal.padded, g.filters)
            shapes["rotated"] = (g.groups, g.vertical.size, g.horizontal.size, g.units, g.depth)
        else:
            shapes["by_cell"] = (g.cells, images * g.positions, g.depth)
            shapes["dx_padded"] = (images, *g.padded_shape)
        shapes["columns"] = (columns,)
        if g.groups > 1:
            shapes["kernels"] = (g.groups, width, g.units)
            shapes["product"] = (images * max(g.positions * g.units, g.pixels * g.depth),)
            shapes["part"] = (width, g.units)
        return shapes

    def prepare(self, weight: Array) -> None:
        """Once for a batch, before the first piece goes forward."""
        g = self._geometry
        if g.groups > 1:
            kernels = self._scratch["kernels"]
            np.copyto(kernels, weight.reshape(-1, g.groups, g.units).transpose(1, 0, 2))

    def prepare_backward(self, weight: Array) -> None:
        """Once for a batch, before the first piece goes backward."""
        g = self._geometry
        if g.slides_back and not g.pointwise:
            # The input's gradient is a convolution of dz with the kernels rotated by half a turn.
            parts = weight.reshape(g.vertical.size, g.horizontal.size, g.depth, g.groups, g.units)
            np.copyto(self._scratch["rotated"], parts[::-1, ::-1].transpose(3, 0, 1, 4, 2))

    def load(self, images: Array) -> None:
        """Copy a piece of the batch, for `correlate` and `weight_gradient`."""
        if self._geometry.pointwise:
            self._pixels = images.reshape(self._rows, -1)
        else:
            self._forward[0].load(images)

    def correlate(self, weight: Array, z: Array) -> None:
        """Write the output of the loaded piece, without bias."""
        g = self._geometry
        flat = z.reshape(self._rows, g.filters)
        if g.groups == 1:
            np.dot(self._matrix(0), weight.reshape(-1, g.filters), flat)
            return
        product = self._product(self._rows, g.units)
        for number, (_, filters) in enumerate(self._groups):
            np.dot(self._matrix(number), self._scratch["kernels"][number], product)
            np.copyto(flat[:, filters], product)

    def weight_gradient(self, dz: Array, dweight: Array) -> None:
        """Write the weights' gradient of the loaded piece into a contiguous array."""
        g = self._geometry
        flat, summed = dz.reshape(self._rows, g.filters), dweight.reshape(-1, g.filters)
        if g.groups == 1:
            np.dot(self._matrix(0).T, flat, summed)
            return
        product, part = self._product(self._rows, g.units), self._scratch["part"]
        for number, (_, filters) in enumerate(self._groups):
            np.copyto(product, flat[:, filters])
            np.dot(self._matrix(number).T, product, part)
            np.copyto(summed[:, filters], part)

    def input_gradient(self, weight: Array, dz: Array, dx: Array) -> None:
        """Write the gradient of the piece's images."""
        g = self._geometry
        if g.pointwise:
            np.dot(
                dz.reshape(self._rows, g.filters),
                weight.reshape(g.channels, -1).T,
                dx.reshape(-1, g.channels),
            )
        elif g.slides_back:
            self._correlate_backward(dz, dx)
        else:
            self._scatter_backward(weight, dz, dx)

    def _correlate_backward(self, dz: Array, dx: Array) -> None:
        g = self._geometry
        self._backward[0].load(dz)
        rotated = self._scratch["rotated"].reshape(g.groups, g.cells * g.units, g.depth)
        flat = dx.reshape(-1, g.channels)
        if g.groups == 1:
            np.dot(self._backward[0].gather(), rotated[0], flat)
            return
        product = self._product(len(flat), g.depth)
        for number, (channels, _) in enumerate(self._groups):
            np.dot(self._backward[number].gather(), rotated[number], product)
            np.copyto(flat[:, channels], product)

    def _scatter_backward(self, weight: Array, dz: Array, dx: Array) -> None:
        """Add dz to the cells under each position, one cell of the window at a time."""
        g = self._geometry
        images = len(dx)
        padded = self._scratch["dx_padded"][:images]
        padded.fill(0.0)
        by_cell = self._scratch["by_cell"][:, : self._rows]
        kernels = weight.reshape(g.cells, g.depth, g.filters)
        flat = dz.reshape(self._rows, g.filters)
        for channels, filters in self._groups:
            np.matmul(flat[:, filters], kernels[:, :, filters].transpose(0, 2, 1), out=by_cell)
            for cell, under in enumerate(cells_under(g, padded[..., channels])):
                np.add(under, by_cell[cell].reshape(under.shape), out=under)
        top, left = g.vertical.before, g.horizontal.before
        np.copyto(dx, padded[:, top : top + g.vertical.length, left : left + g.horizontal.length])

    def _matrix(self, number: int) -> Array:
        return self._pixels if self._geometry.pointwise else self._forward[number].gather()

    def _product(self, rows: int, columns: int) -> Array:
        return self._scratch["product"][: math.prod((rows, columns))].reshape(rows, columns)


def cells_under(geometry: Geometry, padded: Array) -> list[Array]:
    """For each cell of the window, a view of the input under it: (images, down, across, channels)."""
    vertical, horizontal = geometry.vertical, geometry.horizontal
    found = []
    for down in range(0, vertical.reach + 1, vertical.dilation):
        rows = slice(down, down + vertical.stride * (vertical.outputs - 1) + 1, vertical.stride)
        for across in range(0, horizontal.reach + 1, horizontal.dilation):
            end = across + horizontal.stride * (horizontal.outputs - 1) + 1
            found.append(padded[:, rows, across : end : horizontal.stride])
    return found
