"""The tables of vectors of an embedding: one for each coded column, or one for all steps of a sequence."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, IntegerEncodedColumn, Shape, constant
from engine.layers.base import ArraySpec, Workspace

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
    def workspace_arrays(self, inputs: int) -> dict[str, ArraySpec]:
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

    def scatter_add(self, dvectors: Array, dweight: Array) -> None:
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


class _Plan(NamedTuple):
    """What the numbers of a sample are: C codes and P plain numbers."""

    coded: Places
    """(C,): where the codes stand in a sample."""
    plain: Places
    """(P,): where the other numbers stand."""
    found: Locations


class ColumnTables(Tables):
    """First the vectors, in the order in which the codes stand in a sample, then the plain numbers in theirs.

    Code 0, a category that training did not hold, is the zero vector and has no row.
    columns : in the order of their places. size : of all vectors; None: what fits each column.
    """

    def __init__(self, columns: Sequence[IntegerEncodedColumn], size: int | None) -> None:
        self._columns, self._size = columns, size
        self._plan: _Plan | None = None

    @property
    def shapes(self) -> list[Shape]:
        categories = [column.cardinality - 1 for column in self._columns]
        return [(number, self._size or fitting_size(number)) for number in categories]

    def output_shape(self, inputs: int) -> Shape:
        return (sum(self._lengths()) + inputs - len(self._columns),)

    def workspace_arrays(self, inputs: int) -> dict[str, ArraySpec]:
        codes, numbers = ArraySpec((len(self._columns),)), ArraySpec((sum(self._lengths()),))
        return {
            **dict.fromkeys(("codes", "known"), codes),
            **dict.fromkeys(("mask", "vectors"), numbers),
            "plain": ArraySpec((inputs - len(self._columns),)),
        }

    def forward(self, weight: Array, x: Array, workspace: Workspace) -> Array:
        plan = self._planned(x)
        codes, known, mask, vectors, plain, y = (
            workspace[name] for name in ("codes", "known", "mask", "vectors", "plain", "y")
        )
        x.take(plan.coded, 1, codes, "clip")
        plan.found.find(codes)
        weight.take(plan.found.places, None, vectors, "clip")
        np.minimum(codes, constant(1.0, codes.dtype), out=known)
        known.take(plan.found.owners, 1, mask, "clip")
        x.take(plan.plain, 1, plain, "clip")
        numbers = mask.shape[1]
        np.multiply(vectors, mask, y[:, :numbers])
        y[:, numbers:] = plain
        return y

    def backward(self, dweight: Array, dy: Array, workspace: Workspace) -> Array:
        dx, mask, dvectors = workspace["dx"], workspace["mask"], workspace["vectors"]
        plan = self._planned(dx)
        numbers = mask.shape[1]
        # The places of code 0 belong to other codes, negative ones counting from the end: they get zeros.
        np.multiply(dy[:, :numbers], mask, dvectors)
        plan.found.scatter_add(dvectors, dweight)
        if workspace.needs_dx:
            dx.fill(0.0)
            dx[:, plan.plain] = dy[:, numbers:]
        return dx

    def _lengths(self) -> list[int]:
        return [size for _, size in self.shapes]

    def _planned(self, x: Array) -> _Plan:
        """For batches like this one; worked out once."""
        if self._plan is None:
            rows, inputs = x.shape
            self._plan = self._plan_for(rows, inputs, x.dtype)
        return self._plan

    def _plan_for(self, rows: int, inputs: int, dtype: np.dtype[Any]) -> _Plan:
        shapes, lengths = self.shapes, np.array(self._lengths(), np.intp)
        coded = np.array([column.position for column in self._columns], np.intp)
        highest = np.array([categories for categories, _ in shapes]).astype(dtype)
        # A table begins with the vector of code 1.
        firsts = np.cumsum([0, *map(math.prod, shapes[:-1])]) - lengths
        plain = np.setdiff1d(np.arange(inputs), coded)
        return _Plan(coded, plain, locations(rows, highest, lengths, firsts))


class VocabularyTable(Tables):
    """A vector in the place of each code; every code below the vocabulary has a row, 0 as well.

    size : of a vector; None: what fits the vocabulary.
    """

    def __init__(self, vocabulary: int, size: int | None) -> None:
        self._vocabulary, self._size = vocabulary, size or fitting_size(vocabulary)
        self._found: Locations | None = None

    @property
    def shapes(self) -> list[Shape]:
        return [(self._vocabulary, self._size)]

    def output_shape(self, inputs: int) -> Shape:
        return (inputs, self._size)

    def workspace_arrays(self, inputs: int) -> dict[str, ArraySpec]:
        return {"codes": ArraySpec((inputs,))}

    def forward(self, weight: Array, x: Array, workspace: Workspace) -> Array:
        found = self._planned(x)
        y, codes = workspace["y"], workspace["codes"]
        np.copyto(codes, x)
        found.find(codes)
        weight.take(found.places, None, y.reshape(found.places.shape), "clip")
        return y

    def backward(self, dweight: Array, dy: Array, workspace: Workspace) -> Array:
        dx = workspace["dx"]
        self._planned(dx).scatter_add(dy, dweight)
        if workspace.needs_dx:
            dx.fill(0.0)
        return dx

    def _planned(self, x: Array) -> Locations:
        """For batches like this one; worked out once."""
        if self._found is None:
            rows, inputs = x.shape
            highest = np.full(inputs, self._vocabulary - 1, x.dtype)
            lengths, firsts = np.full(inputs, self._size), np.zeros(inputs, np.intp)
            self._found = locations(rows, highest, lengths, firsts)
        return self._found
