"""Sliding windows: their geometry for convolution and pooling, and the reductions under them."""

import math
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import Array, Integers, Shape, as_integers, sign_mask

Padding = Literal["same", "valid"]


class Sliding(NamedTuple):
    """A window of `size` cells, `dilation` apart, that moves `stride` cells at a time."""

    length: int
    """Cells of the axis."""
    outputs: int
    """Places of the window; below 1 where it does not fit in."""
    size: int
    stride: int
    dilation: int
    before: int
    """Cells added in front of the axis."""
    after: int
    """Cells added behind it."""

    @property
    def padded(self) -> int:
        return self.before + self.length + self.after

    @property
    def reach(self) -> int:
        """From the window's first cell to its last."""
        return self.dilation * (self.size - 1)

    @property
    def tiles(self) -> bool:
        """True where every cell of the axis is under the window exactly once."""
        return self.size == self.stride and self.dilation == 1 and self.length == self.outputs * self.size

    @property
    def inside(self) -> bool:
        """True where the window never leaves the axis."""
        return self.before == self.after == 0

    @property
    def backwards(self) -> "Sliding":
        """For stride 1: the window that slides over the outputs and has one position at every input."""
        return Sliding(
            length=self.outputs,
            outputs=self.length,
            size=self.size,
            stride=1,
            dilation=self.dilation,
            before=self.reach - self.before,
            after=self.reach - self.after,
        )

    def real_cells(self) -> list[int]:
        """For each place, how many of the window's cells lie on the axis rather than on the padding."""
        counts = [0] * self.outputs
        for outputs, _ in taps(self):
            for place in range(*outputs.indices(self.outputs)):
                counts[place] += 1
        return counts


@lru_cache(maxsize=256)
def slide(length: int, size: int, stride: int = 1, padding: Padding = "valid", dilation: int = 1) -> Sliding:
    """Place a window on an axis.

    "valid" keeps it inside the axis. "same" gives ⌈length / stride⌉ positions, with as many cells added as
    that takes, half of them in front and the odd one behind, as in Keras (for stride 1 as in PyTorch too).
    """
    reach = dilation * (size - 1)
    if padding == "valid":
        return Sliding(length, (length - reach - 1) // stride + 1, size, stride, dilation, 0, 0)
    outputs = -(-length // stride)
    added = max((outputs - 1) * stride + reach + 1 - length, 0)
    return Sliding(length, outputs, size, stride, dilation, added // 2, added - added // 2)


@lru_cache(maxsize=256)
def taps(sliding: Sliding) -> tuple[tuple[slice, slice], ...]:
    """For each cell of the window: the positions where it is on the axis, and the axis's cells there."""
    found = []
    for cell in range(sliding.size):
        offset = cell * sliding.dilation - sliding.before
        first = max(-(offset // sliding.stride), 0)
        last = min((sliding.length - 1 - offset) // sliding.stride, sliding.outputs - 1)
        if last < first:
            found.append((slice(0, 0), slice(0, 0)))
            continue
        start = offset + first * sliding.stride
        stop = offset + last * sliding.stride + 1
        found.append((slice(first, last + 1), slice(start, stop, sliding.stride)))
    return tuple(found)


NUMBERS_AT_ONCE = 384 * 1024
"""Numbers in one piece of a batch, 1.5 MB in float32. Measured for 28 × 28 × 1 → 16 or 32 and
13 × 13 × 16 or 32 → 32 or 64 filters, on two threads: half of it takes 5 to 10 % longer, as the threads wait
more often for Python's lock; twice as much, which leaves the second-level cache, up to 5 %."""

GATHERED_PER_HANDED = 2.5
"""How many times as many numbers a sliding window may gather, which is done in long runs, as are handed back
in short ones. Measured for 3 × 3 windows on 8 to 28 pixels with 3 to 64 channels and filters."""


class Geometry(NamedTuple):
    """Images (height, width, channels) → (positions down, positions across, filters).

    With groups, each group of filters sees its own group of channels only.
    """

    vertical: Sliding
    horizontal: Sliding
    channels: int
    filters: int
    groups: int

    @property
    def depth(self) -> int:
        """Channels that one filter sees."""
        return self.channels // self.groups

    @property
    def units(self) -> int:
        """Filters in a group."""
        return self.filters // self.groups

    @property
    def cells(self) -> int:
        """Cells of the window."""
        return self.vertical.size * self.horizontal.size

    @property
    def positions(self) -> int:
        """Places of the window on one image."""
        return self.vertical.outputs * self.horizontal.outputs

    @property
    def pixels(self) -> int:
        return self.vertical.length * self.horizontal.length

    @property
    def depthwise(self) -> bool:
        """One channel for each filter."""
        return self.groups == self.channels == self.filters and self.groups > 1

    @property
    def pointwise(self) -> bool:
        """Each pixel by itself: the images are the matrix."""
        return self.cells == self.groups == 1 and self.dense_steps and self.positions == self.pixels

    @property
    def dense_steps(self) -> bool:
        """A window at every cell."""
        return self.vertical.stride == self.horizontal.stride == 1

    @property
    def slides_back(self) -> bool:
        """Whether the input's gradient is found by a window that slides over dz.

        It can be where windows stand at every cell. Each pixel then gathers all filters around it; the other
        way, each place hands its depth back to the cells under it, and moves fewer numbers where there are
        many more filters than channels.
        """
        gathered, handed = self.pixels * self.units, self.positions * self.depth
        return self.dense_steps and gathered <= GATHERED_PER_HANDED * handed

    @property
    def padded_shape(self) -> Shape:
        return self.vertical.padded, self.horizontal.padded, self.channels

    @property
    def output_shape(self) -> Shape:
        return self.vertical.outputs, self.horizontal.outputs, self.filters

    @property
    def images_at_once(self) -> int:
        """How many images make one piece: they stay in the cache, and outweigh the kernels' own traffic."""
        image = self.positions * self.cells * self.depth + self.positions * self.filters
        image += math.prod(self.padded_shape)
        kernels = self.cells * self.depth * self.filters
        return max(max(NUMBERS_AT_ONCE, 2 * kernels) // image, 1)


# --- pooling along one axis: maximum, sum, and their gradients; a window in the plane is two of them ------
#
# Arrays are (outer, length, inner): the axis in the middle, everything before it and behind it flattened. For
# the rows of an image inner is a whole line, so that all work is done in long runs.


def largest(x: Array, y: Array, sliding: Sliding) -> None:
    """Write the largest value under each place of the window into y (outer, outputs, inner)."""
    cells = taps(sliding)
    if not sliding.inside:
        y.fill(-np.inf)
        for positions, under in cells:
            part = y[:, positions]
            np.maximum(part, x[:, under], out=part)
        return
    if len(cells) == 1:
        np.copyto(y, x[:, cells[0][1]])
        return
    np.maximum(x[:, cells[0][1]], x[:, cells[1][1]], out=y)
    for _, under in cells[2:]:
        np.maximum(y, x[:, under], out=y)


def largest_back(x: Array, y: Array, dy: Array, dx: Array, sliding: Sliding, scratch: Array) -> None:
    """Write the gradient of `largest`: dy goes to the first of the largest cells under its window.

    dy is overwritten; scratch is like dy.
    """
    if not sliding.tiles:
        dx.fill(0.0)
    if sliding.inside and sliding.stride >= sliding.size:
        _largest_back_apart(x, y, dy, dx, sliding, scratch)
        return
    left = as_integers(dy)
    for positions, under in taps(sliding):
        passing = _passing(x[:, under], y[:, positions], left[:, positions], scratch[:, positions])
        # dy holds for a moment what goes to this cell, then what is left for the others.
        np.bitwise_xor(left[:, positions], passing, out=left[:, positions])
        np.add(dx[:, under], dy[:, positions], out=dx[:, under])
        np.copyto(left[:, positions], passing)


def _largest_back_apart(x: Array, y: Array, dy: Array, dx: Array, sliding: Sliding, scratch: Array) -> None:
    """Windows that do not overlap: each cell is written once, the last one gets what is left."""
    *cells, (_, last) = taps(sliding)
    target, left, passing = as_integers(dx), as_integers(dy), as_integers(dy)
    for number, (_, under) in enumerate(cells):
        if number:
            np.copyto(left, passing)
        passing = _passing(x[:, under], y, left, scratch)
        np.bitwise_xor(left, passing, out=target[:, under])
    np.copyto(target[:, last], passing)


def _passing(x: Array, y: Array, left: Integers, scratch: Array) -> Integers:
    """dy where x is not the largest, and 0 where it is, as integers in scratch."""
    # Where they are equal the difference is +0.0, elsewhere negative.
    np.subtract(x, y, out=scratch)
    passing = sign_mask(scratch)
    np.bitwise_and(left, passing, out=passing)
    return passing


def sums(x: Array, y: Array, sliding: Sliding) -> None:
    """Write the sum under each place of the window into y (outer, outputs, inner)."""
    cells = taps(sliding)
    if not sliding.inside:
        y.fill(0.0)
        for positions, under in cells:
            part = y[:, positions]
            np.add(part, x[:, under], out=part)
        return
    if len(cells) == 1:
        np.copyto(y, x[:, cells[0][1]])
        return
    np.add(x[:, cells[0][1]], x[:, cells[1][1]], out=y)
    for _, under in cells[2:]:
        np.add(y, x[:, under], out=y)


def spread(dy: Array, dx: Array, sliding: Sliding) -> None:
    """Write into each cell of dx the sum of dy over the positions of the window above it."""
    if sliding.tiles:
        for _, under in taps(sliding):
            np.copyto(dx[:, under], dy)
        return
    dx.fill(0.0)
    for positions, under in taps(sliding):
        part = dx[:, under]
        np.add(part, dy[:, positions], out=part)
