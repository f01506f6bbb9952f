"""Tables of vectors, one after the other in one parameter, and how codes find their numbers there."""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Shape, constant
from engine.layers.base import Buffer, Workspace

LONGEST_FITTING = 600
"""The longest vector that a table gets by itself."""

Places = NDArray[np.intp]


def fitting_size(categories: int) -> int:
    """How long a category's vector is where nobody says: 1.6 · categories^0.56, but below their number.

    fast.ai's rule of thumb, found by trying (fastai, tabular models); the bound is Guo & Berkhahn's: with as
    many numbers as categories, one input for each would say the same.
    """
    return max(min(round(1.6 * math.pow(categories, 0.56)), categories - 1, LONGEST_FITTING), 1)


class Tables(ABC):
    """What an embedding does with its codes: for each way in which they come, another one.

    What it has worked out for a batch stays with it, so that one serves one workspace.
    """

    @property
    @abstractmethod
    def shapes(self) -> list[Shape]:
        """The shape of each table."""

    @abstractmethod
    def output_shape(self, inputs: int) -> Shape:
        """Of a sample of so many numbers."""

    @abstractmethod
    def buffers(self, inputs: int) -> dict[str, Buffer]:
        """What `forward` and `backward` want in the workspace besides "y" and "dx"."""

    @abstractmethod
    def forward(self, weight: Array, x: Array, workspace: Workspace) -> Array:
        """The output for a batch x (rows, inputs); weight holds all tables."""

    @abstractmethod
    def backward(self, dweight: Array, dy: Array, workspace: Workspace) -> Array:
        """Overwrite the gradient of the tables and return dx."""


class Locations(NamedTuple):
    """Where in the weights a sample's vectors are: of C codes, with E numbers together."""

    highest: Array
    """(C,): the largest code of each."""
    lengths: Places
    """(C,): how many numbers a vector has."""
    owners: Places
    """(E,): which code a number of a vector belongs to."""
    offsets: Places
    """(E,): what, added to code · length, gives a number's place in the weights."""
    starts: Places
    """(rows, C), filled by each batch: code · length."""
    places: Places
    """(rows, E), filled by each batch: where in the weights the numbers of its vectors are."""

    def find(self, codes: Array) -> None:
        """Bring codes (rows, C) into their range, and find where in the weights their vectors are."""
        np.rint(codes, codes)
        # Unlike maximum, fmax turns what is no number into 0.
        np.fmax(codes, constant(0.0, codes.dtype), out=codes)
        np.minimum(codes, self.highest, out=codes)
        self.starts[...] = codes
        np.multiply(self.starts, self.lengths, self.starts)
        self.starts.take(self.owners, 1, self.places, "clip")
        np.add(self.places, self.offsets, self.places)

    def add_up(self, dvectors: Array, dweight: Array) -> None:
        """Overwrite the weights' gradient by what comes back to the vectors that were found."""
        dweight.fill(0.0)
        # In a single dimension, and of one precision, this takes a nanosecond a number; their order is fixed.
        np.add.at(dweight, self.places.reshape(-1), dvectors.reshape(-1))


def locations(rows: int, highest: Array, lengths: Places, firsts: Places) -> Locations:
    """For batches of so many rows.

    firsts : for each code of a sample, where in the weights the vector of its code 0 begins, or would begin.
    """
    owners = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return Locations(
        highest,
        lengths,
        owners,
        firsts[owners] + within,
        np.empty((rows, len(lengths)), np.intp),
        np.empty((rows, len(owners)), np.intp),
    )
