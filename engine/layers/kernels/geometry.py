"""The shape of a convolution: two sliding windows, channels, filters, groups, and how much to do at once."""

import math
from typing import NamedTuple

from engine.arrays import Shape
from engine.layers.kernels.sliding import Sliding

NUMBERS_AT_ONCE = 384 * 1024
"""Numbers that one piece of a batch may take, 1.5 MB in float32. Measured for 28 × 28 × 1 → 16 or 32 and
13 × 13 × 16 or 32 → 32 or 64 filters, on two threads: half of it takes 5 to 10 % longer, as the threads wait
more often for Python's lock; twice as much, which leaves the second-level cache, up to 5 %."""

GATHERED_PER_HANDED = 2.5
"""How many times as many numbers a sliding window may gather, which is done in long runs, as are handed back
in short ones. Measured for 3 × 3 windows on 8 to 28 pixels with 3 to 64 channels and filters."""


class Geometry(NamedTuple):
    """Images (height, width, channels) → (places down, places across, filters).

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
    def places(self) -> int:
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
        return self.cells == self.groups == 1 and self.dense_steps and self.places == self.pixels

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
        gathered, handed = self.pixels * self.units, self.places * self.depth
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
        image = self.places * self.cells * self.depth + self.places * self.filters
        image += math.prod(self.padded_shape)
        kernels = self.cells * self.depth * self.filters
        return max(max(NUMBERS_AT_ONCE, 2 * kernels) // image, 1)
