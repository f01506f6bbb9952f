"""Sequences of codes, with one table of vectors for all their steps."""

import numpy as np

from engine.arrays import Array, Shape
from engine.layers.base import Buffer, Workspace
from engine.layers.tables import Locations, Tables, fitting_size, locations


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

    def buffers(self, inputs: int) -> dict[str, Buffer]:
        return {"codes": Buffer((inputs,))}

    def forward(self, weight: Array, x: Array, workspace: Workspace) -> Array:
        found = self._planned(x)
        y, codes = workspace["y"], workspace["codes"]
        np.copyto(codes, x)
        found.find(codes)
        weight.take(found.places, None, y.reshape(found.places.shape), "clip")
        return y

    def backward(self, dweight: Array, dy: Array, workspace: Workspace) -> Array:
        dx = workspace["dx"]
        self._planned(dx).add_up(dy, dweight)
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
