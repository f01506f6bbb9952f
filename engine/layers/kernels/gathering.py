"""Windows of an image as rows of a matrix, so that a convolution is one matrix product."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array
from engine.layers.kernels.sliding import Sliding

THIN = 4
"""Up to this many channels the matrix is built column by column: a run of cells along the image's width is
then copied at once, where a window's row would be a copy of a few numbers. Measured for widths of 28."""


class Gathering:
    """Copies a batch of images into a padded buffer, and the windows over it into a matrix.

    Parameters
    ----------
    padded : (images, padded height, padded width, channels), 0 on the border, which stays untouched.
    columns : at least images · places · cells · channels numbers.
    vertical, horizontal : the window along each axis. channels : those to take (a group's).

    `matrix` is (images · places, cells · channels), cells in reading order, channels fastest.
    """

    def __init__(
        self, padded: Array, columns: Array, vertical: Sliding, horizontal: Sliding, channels: slice
    ) -> None:
        top, left = vertical.before, horizontal.before
        self._inner = padded[:, top : top + vertical.length, left : left + horizontal.length]
        taken = padded[..., channels]
        images, depth = len(padded), taken.shape[-1]
        places = (images, vertical.outputs, horizontal.outputs)
        cells = (vertical.size, horizontal.size, depth)
        rows, width = int(np.prod(places)), int(np.prod(cells))
        image, row, column, channel = taken.strides
        place_strides = (image, row * vertical.stride, column * horizontal.stride)
        cell_strides = (row * vertical.dilation, column * horizontal.dilation, channel)
        used = columns[: rows * width]
        if depth <= THIN:
            self._columns = used.reshape(cells + places)
            self._windows = as_strided(taken, cells + places, cell_strides + place_strides, writeable=False)
            self.matrix: Array = used.reshape(width, rows).T
        else:
            self._columns = used.reshape(places + cells)
            self._windows = as_strided(taken, places + cells, place_strides + cell_strides, writeable=False)
            self.matrix = used.reshape(rows, width)

    def load(self, images: Array) -> None:
        """Put images (images, height, width, all channels) inside the padding."""
        np.copyto(self._inner, images)

    def gather(self) -> Array:
        """Fill the matrix from what is loaded."""
        np.copyto(self._columns, self._windows)
        return self.matrix
