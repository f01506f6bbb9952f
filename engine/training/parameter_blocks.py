"""Blocks of the flat vectors, with all views that a step needs, shared out among those who work on it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.network import Network


class SparsePart(NamedTuple):
    """A part of a block on which L1 acts, with room for what it needs."""

    l1: float
    parameters: Array
    slots: tuple[Array, ...]
    change: Array
    after: Array
    threshold: Array
    scratch: Array


class Block(NamedTuple):
    """Views of one block; of what each trained layer has in it; and of what L1 is to shrink."""

    start: int
    gradient: Array
    parameters: Array
    slots: tuple[Array, ...]
    change: Array
    scratch: Array
    parts: list[tuple[int, Array, Array]]
    """Of each layer in it: its place among the trained, and its part of the change and of the parameters."""
    sparse: list[SparsePart]


class Share:
    """What one member of a team does of a step, and what it found in the last one.

    slots : the optimizer's vectors. starts : of its blocks. length : of a block; the network's last may be
    shorter. There is room for the change of one block at a time.
    """

    def __init__(self, network: Network, slots: Sequence[Array], starts: Sequence[int], length: int) -> None:
        self._dtype, self._length = network.dtype, length
        change, scratch = np.empty((2, length), network.dtype)
        places = list(network.layer_slices().values())
        self.blocks = [_block(network, slots, places, start, change, scratch) for start in starts]
        self.found: list[tuple[int, float, float]] = []
        """Of each layer in each block: its place among the trained, and the sums of squares of its change and
        of its parameters before it."""
        self.bad: int | None = None
        """The first layer with a parameter that would no longer be finite, by its place among the trained."""
        self.written = 0
        """How many blocks were kept aside and changed, where there are several."""

    def begin(self) -> None:
        """Forget the last step."""
        self.bad, self.written = None, 0
        self.found.clear()

    def shrink(self, places: Sequence[tuple[int, int, float]]) -> None:
        """From now on, L1 acts on these parts of the flat vectors (start, stop, λ₁), and on no others."""
        rooms = np.empty((2, self._length if places else 0), self._dtype)
        for block in self.blocks:
            block.sparse.clear()
            for start, stop, l1 in places:
                part = slice(max(start - block.start, 0), min(stop - block.start, block.parameters.size))
                if part.start < part.stop:
                    slots = tuple(vector[part] for vector in block.slots)
                    views = (array[part] for array in (block.change, *rooms, block.scratch))
                    block.sparse.append(SparsePart(l1, block.parameters[part], slots, *views))


def _block(
    network: Network,
    slots: Sequence[Array],
    places: Sequence[slice],
    start: int,
    change: Array,
    scratch: Array,
) -> Block:
    """The block from `start` on, as long as the room for its change, or up to the end of the vectors."""
    stop = min(start + len(change), network.parameters.size)
    change, scratch = change[: stop - start], scratch[: stop - start]
    parts = []
    for number, place in enumerate(places):
        low, high = max(place.start, start), min(place.stop, stop)
        if low < high:
            parts.append((number, change[low - start : high - start], network.parameters[low:high]))
    gradient, parameters = network.gradients[start:stop], network.parameters[start:stop]
    own_slots = tuple(vector[start:stop] for vector in slots)
    return Block(start, gradient, parameters, own_slots, change, scratch, parts, [])
