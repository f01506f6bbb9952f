"""Resampling of images: every sample through an affine map of its own, bilinear, all at once."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape

Outside = Literal["background", "edge"]
"""What is seen beyond an image: its background, or the nearest of its own pixels."""

PIXELS_AT_ONCE = 1 << 15
"""Images are resampled in groups of about this many pixels, so that the work stays in cache."""


class Warp:
    """Resamples images in place; allocates everything when it is made.

    shape : (height, width, channels). background : (channels,), the pixels beyond the image.

    With weights u and v (the fractions of the row y and the column x), the pixel at (y, x) is
    (1 − u) ((1 − v) p₀₀ + v p₀₁) + u ((1 − v) p₁₀ + v p₁₁) of its four neighbours. The image goes on
    endlessly with background, or with its edge. Where a map meets pixels exactly they stay as they are.
    """

    def __init__(self, shape: Shape, dtype: np.dtype[Any], background: Array) -> None:
        height, width, channels = self._shape = shape
        self._centre = np.array([(height - 1) / 2, (width - 1) / 2])
        pixels = height * width
        chunk = self._chunk = max(PIXELS_AT_ONCE // pixels, 1)
        rows, columns = np.indices((height, width)).reshape(2, pixels)
        self._grid = np.stack([rows - self._centre[0], columns - self._centre[1], np.ones(pixels)])
        self._grid = self._grid.astype(dtype)
        # One pixel before and two behind: beyond them nothing changes any more, and the neighbours of the
        # last place that is read lie inside as well.
        self._stride = width + 3
        self._padded = np.empty((chunk, height + 3, self._stride, channels), dtype)
        self._padded[...] = background
        self._inner = self._padded[:, 1 : height + 1, 1 : width + 1]
        # Single channels are taken as numbers, which is several times faster than as rows of one.
        tail = (channels,) if channels > 1 else ()
        self._source = self._padded.reshape(-1, *tail)
        self._place = np.empty((2, chunk, pixels), dtype)
        self._floor = np.empty((chunk, pixels), dtype)
        self._index = np.empty((2, chunk, pixels), np.intp)
        self._first = (np.arange(chunk) * (height + 3) * self._stride)[:, None]
        self._taps = np.empty((3, chunk, pixels, *tail), dtype)

    def apply(self, images: Array, maps: NDArray[np.float64], outside: Outside) -> None:
        """Overwrite images (rows, height, width, channels).

        maps : (rows, 3, 3). A place (y, x, 1) in the new image, in pixels from the centre, times its map
        is the place in the old one.
        """
        maps = maps[:, :2].copy()
        # The grid counts from the centre, places from the corner of the padded image.
        maps[:, :, 2] += self._centre + 1
        maps = maps.astype(images.dtype)
        for start in range(0, len(images), self._chunk):
            part = slice(start, start + self._chunk)
            self._find(maps[part], outside)
            self._resample(images[part])

    def _find(self, maps: Array, outside: Outside) -> None:
        """For each new pixel: the index of its upper left neighbour, and the weights of the others."""
        rows, margin = len(maps), int(outside == "edge")
        floor, column = self._floor[:rows], self._index[1, :rows]
        for axis in range(2):
            place, index = self._place[axis, :rows], self._index[axis, :rows]
            np.matmul(maps[:, axis], self._grid, out=place)
            np.clip(place, margin, self._shape[axis] + 1 - margin, out=place)
            np.floor(place, floor)
            np.subtract(place, floor, place)
            index[...] = floor
        index = self._index[0, :rows]
        np.multiply(index, self._stride, index)
        np.add(index, column, index)
        np.add(index, self._first[:rows], index)

    def _resample(self, images: Array) -> None:
        rows, source, stride = len(images), self._source, self._stride
        self._inner[:rows] = images
        index, above, below, right = self._index[0, :rows], *self._taps[:, :rows]
        down, across = self._place[:, :rows]
        if images.shape[-1] > 1:
            down, across = down[..., None], across[..., None]
        for first, tap in ((0, above), (stride, below)):
            # mode="clip" lets take write straight into `out`; every index is in range.
            np.take(source[first:], index, axis=0, out=tap, mode="clip")
            np.take(source[first + 1 :], index, axis=0, out=right, mode="clip")
            np.subtract(right, tap, right)
            np.multiply(right, across, right)
            np.add(tap, right, tap)
        np.subtract(below, above, below)
        np.multiply(below, down, below)
        np.add(above.reshape(images.shape), below.reshape(images.shape), images)
