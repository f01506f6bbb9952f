"""Coded columns among plain numbers, each with a table of vectors of its own."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array, CodedColumn, Shape, constant
from engine.layers.base import Buffer, Workspace
from engine.layers.tables import Locations, Places, Tables, fitting_size, locations


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

    def __init__(self, columns: Sequence[CodedColumn], size: int | None) -> None:
        self._columns, self._size = columns, size
        self._plan: _Plan | None = None

    @property
    def shapes(self) -> list[Shape]:
        categories = [column.codes - 1 for column in self._columns]
        return [(number, self._size or fitting_size(number)) for number in categories]

    def output_shape(self, inputs: int) -> Shape:
        return (sum(self._lengths()) + inputs - len(self._columns),)

    def buffers(self, inputs: int) -> dict[str, Buffer]:
        codes, numbers = Buffer((len(self._columns),)), Buffer((sum(self._lengths()),))
        return {
            **dict.fromkeys(("codes", "known"), codes),
            **dict.fromkeys(("mask", "vectors"), numbers),
            "plain": Buffer((inputs - len(self._columns),)),
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
        plan.found.add_up(dvectors, dweight)
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
        coded = np.array([column.place for column in self._columns], np.intp)
        highest = np.array([categories for categories, _ in shapes]).astype(dtype)
        # A table begins with the vector of code 1.
        firsts = np.cumsum([0, *map(math.prod, shapes[:-1])]) - lengths
        plain = np.setdiff1d(np.arange(inputs), coded)
        return _Plan(coded, plain, locations(rows, highest, lengths, firsts))
