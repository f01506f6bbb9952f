"""How a window slides along one axis: where it stands, and what lies under each of its cells."""

from functools import lru_cache
from typing import Literal, NamedTuple

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
        """For stride 1: the window that slides over the outputs and stands once at every input."""
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

    "valid" keeps it inside the axis. "same" gives ⌈length / stride⌉ places, with as many cells added as that
    takes, half of them in front and the odd one behind, as in Keras (for stride 1 as in PyTorch too).
    """
    reach = dilation * (size - 1)
    if padding == "valid":
        return Sliding(length, (length - reach - 1) // stride + 1, size, stride, dilation, 0, 0)
    outputs = -(-length // stride)
    added = max((outputs - 1) * stride + reach + 1 - length, 0)
    return Sliding(length, outputs, size, stride, dilation, added // 2, added - added // 2)


@lru_cache(maxsize=256)
def taps(sliding: Sliding) -> tuple[tuple[slice, slice], ...]:
    """For each cell of the window: the places where it lies on the axis, and the cells it lies on there."""
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
