"""Parameters of a layer as tables of numbers: a row for each input, a column for each unit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape
from engine.insight.query import Query
from engine.insight.run_queries import frozen
from engine.training.trainer import Trainer


def as_table(array: Array) -> Array:
    """A parameter as a table (rows, units), a view: the last axis counts the units, all others the rows."""
    return array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)


def table_shape(shapes: Sequence[Shape]) -> tuple[int, int]:
    """Rows and columns of several parameters of these shapes, one under the other."""
    rows = sum(int(np.prod(shape[:-1], dtype=np.int64)) for shape in shapes)
    return rows, (shapes[0][-1] if shapes and shapes[0] else 1)


@dataclass(frozen=True)
class ParameterBlockQuery(Query[Array | None]):
    """A part of the table of some parameters, one under the other, with the weights in use.

    layer : index in the network. names : of arrays with the same number of units.
    rows, columns : from where to where. None where the network has no such parameters.
    """

    layer: int
    names: tuple[str, ...]
    rows: tuple[int, int]
    columns: tuple[int, int]

    def answer(self, trainer: Trainer) -> Array | None:
        layers = trainer.network.parameter_views
        views = layers[self.layer] if self.layer < len(layers) else {}
        if any(name not in views for name in self.names):
            return None
        pieces, start = [], 0
        for name in self.names:
            table = as_table(views[name])
            top, bottom = (min(max(row - start, 0), len(table)) for row in self.rows)
            pieces.append(table[top:bottom, slice(*self.columns)])
            start += len(table)
        if len({piece.shape[1] for piece in pieces}) != 1:
            return None
        return frozen(np.concatenate(pieces))
