"""The lookup tables of an embedding: one for each integer-encoded column, or one for a sequence."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, IntegerEncodedColumn, Shape, constant
from engine.layers.base import ArraySpec, Workspace

LONGEST_DEFAULT = 600
"""The longest vector where no size is set."""

Indices = NDArray[np.intp]


def default_size(categories: int) -> int:
    """Length of the vectors where no size is set: 1.6 · categories^0.56, but less than `categories`.

    The rule of thumb of fastai's tabular models; the bound is Guo & Berkhahn's: with as many numbers as
    categories, one-hot inputs would be equivalent.
    """
    return max(min(round(1.6 * math.pow(categories, 0.56)), categories - 1, LONGEST_DEFAULT), 1)


class Tables(ABC):
    """The mathematics of an embedding, for columns or for sequences.

    It keeps arrays for a batch size, so that each workspace has one of its own.
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
        """The arrays that `forward` and `backward` need in the workspace besides "y" and "dx"."""

    @abstractmethod
    def forward(self, weight: Array, x: Array, workspace: Workspace) -> Array:
        """The output for a batch x (rows, inputs); weight holds all tables."""

    @abstractmethod
    def backward(self, dweight: Array, dy: Array, workspace: Workspace) -> Array:
        """Overwrite the gradient of the tables and return dx."""


class Lookup(NamedTuple):
    """Indices into the weights of a sample's vectors, for C codes whose vectors have E numbers together."""

    highest: Array
    """(C,): the largest code of each."""
    lengths: Indices
    """(C,): the lengths of the vectors."""
    owners: Indices
    """(E,): the code that each number belongs to."""
    offsets: Indices
    """(E,): added to code · length, the index of each number in the weights."""
    starts: Indices
    """(rows, C), filled by each batch: code · length."""
    indices: Indices
    """(rows, E), filled by each batch: the indices of the numbers in the weights."""

    def find(self, codes: Array) -> None:
        """Round and clip codes (rows, C), and compute the indices of their vectors."""
        np.rint(codes, codes)
        # Unlike maximum, fmax turns NaN into 0.
        np.fmax(codes, constant(0.0, codes.dtype), out=codes)
        np.minimum(codes, self.highest, out=codes)
        self.starts[...] = codes
        np.multiply(self.starts, self.lengths, self.starts)
        self.starts.take(self.owners, 1, self.indices, "clip")
        np.add(self.indices, self.offsets, self.indices)

    def scatter_add(self, dvectors: Array, dweight: Array) -> None:
        """Overwrite the weights' gradient by the sum of the vectors' gradients at their indices."""
        dweight.fill(0.0)
        # With one axis and equal precision, this takes a nanosecond a number; the order of the sum is fixed.
        np.add.at(dweight, self.indices.reshape(-1), dvectors.reshape(-1))


def make_lookup(rows: int, highest: Array, lengths: Indices, firsts: Indices) -> Lookup:
    """For batches of so many rows.

    firsts : for each code of a sample, the index in the weights of the vector of code 0, if there is one.
    """
    owners = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return Lookup(
        highest,
        lengths,
        owners,
        firsts[owners] + within,
        np.empty((rows, len(lengths)), np.intp),
        np.empty((rows, len(owners)), np.intp),
    )


class _Inputs(NamedTuple):
    """The inputs of a sample: C codes and P other numbers."""

    coded: Indices
    """(C,): the indices of the codes in a sample."""
    others: Indices
    """(P,): the indices of the other numbers."""
    lookup: Lookup


class ColumnTables(Tables):
    """One table for each column: first the vectors, in the order of the columns, then the other inputs.

    Code 0, an unknown category, is the zero vector and has no row.
    columns : in the order of their positions. size : of all vectors; None: `default_size` for each column.
    """

    def __init__(self, columns: Sequence[IntegerEncodedColumn], size: int | None) -> None:
        self._columns, self._size = columns, size
        self._inputs: _Inputs | None = None

    @property
    def shapes(self) -> list[Shape]:
        categories = [column.cardinality - 1 for column in self._columns]
        return [(number, self._size or default_size(number)) for number in categories]

    def output_shape(self, inputs: int) -> Shape:
        return (sum(self._lengths()) + inputs - len(self._columns),)

    def workspace_arrays(self, inputs: int) -> dict[str, ArraySpec]:
        codes, numbers = ArraySpec((len(self._columns),)), ArraySpec((sum(self._lengths()),))
        return {
            **dict.fromkeys(("codes", "known"), codes),
            **dict.fromkeys(("mask", "vectors"), numbers),
            "others": ArraySpec((inputs - len(self._columns),)),
        }

    def forward(self, weight: Array, x: Array, workspace: Workspace) -> Array:
        inputs = self._inputs_of(x)
        codes, known, mask, vectors, others, y = (
            workspace[name] for name in ("codes", "known", "mask", "vectors", "others", "y")
        )
        x.take(inputs.coded, 1, codes, "clip")
        inputs.lookup.find(codes)
        weight.take(inputs.lookup.indices, None, vectors, "clip")
        np.minimum(codes, constant(1.0, codes.dtype), out=known)
        known.take(inputs.lookup.owners, 1, mask, "clip")
        x.take(inputs.others, 1, others, "clip")
        numbers = mask.shape[1]
        np.multiply(vectors, mask, y[:, :numbers])
        y[:, numbers:] = others
        return y

    def backward(self, dweight: Array, dy: Array, workspace: Workspace) -> Array:
        dx, mask, dvectors = workspace["dx"], workspace["mask"], workspace["vectors"]
        inputs = self._inputs_of(dx)
        numbers = mask.shape[1]
        # The indices of code 0 are those of other codes (negative ones count from the end): zeros are added.
        np.multiply(dy[:, :numbers], mask, dvectors)
        inputs.lookup.scatter_add(dvectors, dweight)
        if workspace.needs_dx:
            dx.fill(0.0)
            dx[:, inputs.others] = dy[:, numbers:]
        return dx

    def _lengths(self) -> list[int]:
        return [size for _, size in self.shapes]

    def _inputs_of(self, x: Array) -> _Inputs:
        """For batches of this shape; computed once."""
        if self._inputs is None:
            rows, inputs = x.shape
            self._inputs = self._make_inputs(rows, inputs, x.dtype)
        return self._inputs

    def _make_inputs(self, rows: int, inputs: int, dtype: np.dtype[Any]) -> _Inputs:
        shapes, lengths = self.shapes, np.array(self._lengths(), np.intp)
        coded = np.array([column.position for column in self._columns], np.intp)
        highest = np.array([categories for categories, _ in shapes]).astype(dtype)
        # A table begins with the vector of code 1.
        firsts = np.cumsum([0, *map(math.prod, shapes[:-1])]) - lengths
        others = np.setdiff1d(np.arange(inputs), coded)
        return _Inputs(coded, others, make_lookup(rows, highest, lengths, firsts))


class VocabularyTable(Tables):
    """One table for all steps of a sequence; every code below the vocabulary has a row, 0 as well.

    size : of a vector; None: `default_size`.
    """

    def __init__(self, vocabulary: int, size: int | None) -> None:
        self._vocabulary, self._size = vocabulary, size or default_size(vocabulary)
        self._lookup: Lookup | None = None

    @property
    def shapes(self) -> list[Shape]:
        return [(self._vocabulary, self._size)]

    def output_shape(self, inputs: int) -> Shape:
        return (inputs, self._size)

    def workspace_arrays(self, inputs: int) -> dict[str, ArraySpec]:
        return {"codes": ArraySpec((inputs,))}

    def forward(self, weight: Array, x: Array, workspace: Workspace) -> Array:
        lookup = self._lookup_of(x)
        y, codes = workspace["y"], workspace["codes"]
        np.copyto(codes, x)
        lookup.find(codes)
        weight.take(lookup.indices, None, y.reshape(lookup.indices.shape), "clip")
        return y

    def backward(self, dweight: Array, dy: Array, workspace: Workspace) -> Array:
        dx = workspace["dx"]
        self._lookup_of(dx).scatter_add(dy, dweight)
        if workspace.needs_dx:
            dx.fill(0.0)
        return dx

    def _lookup_of(self, x: Array) -> Lookup:
        """For batches of this shape; computed once."""
        if self._lookup is None:
            rows, inputs = x.shape
            highest = np.full(inputs, self._vocabulary - 1, x.dtype)
            lengths, firsts = np.full(inputs, self._size), np.zeros(inputs, np.intp)
            self._lookup = make_lookup(rows, highest, lengths, firsts)
        return self._lookup
