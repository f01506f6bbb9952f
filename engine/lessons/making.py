"""A lesson made from what a person has: its data and its weights are put into the lesson."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from engine.data.sources.base import FileSource
from engine.data.sources.typed_cells import text_of
from engine.data.sources.typed_table import TypedTable
from engine.data.table import Column, Table
from engine.errors import UserError
from engine.experiment import Experiment
from engine.network import Network
from engine.progress import Progress

MOST_ROWS = 5000
"""Of a table from a file that is put into a lesson: a class is to open it at once."""

MOST_WEIGHTS = 100_000
"""That are put into a lesson: about 2 MB of text."""


def with_data_inside(experiment: Experiment, progress: Progress | None = None) -> Experiment:
    """The experiment with its table in it, where it came from a file; any other data is as it was.

    Raises UserError where the table is too large, holds images, or would not be read again as it is now.
    """
    data = experiment.data
    if not isinstance(data.source, FileSource):
        return experiment
    table = data.load(progress or Progress())
    if table.rows > MOST_ROWS:
        raise _not_inside(f"a table of {MOST_ROWS:,} rows at most", f"{table.rows:,} rows")
    if any(column.values.ndim > 1 for column in table.columns):
        raise _not_inside("a table of numbers and texts", "images")
    if table.test_rows or table.validation_rows:
        raise _not_inside("data of one table", "parts for validation or test from files of their own")
    cells = [[column.name for column in table.columns]]
    cells += [list(row) for row in zip(*(_texts(column) for column in table.columns), strict=True)]
    source = TypedTable(text=text_of(cells), header=True, decimal=".", missing=())
    inside = experiment.replace(data=data.replace(source=source))
    if not _alike(table, inside.data.load(Progress())):
        raise _not_inside("values that can be typed", "columns that would be read otherwise from text")
    return inside


def weights_of(network: Network) -> dict[str, dict[str, Any]]:
    """All parameters of a network as lessons have them; raises UserError where they are too many."""
    views = network.parameter_views
    count = sum(int(np.size(array)) for arrays in views for array in arrays.values())
    if count > MOST_WEIGHTS:
        raise UserError(
            "Initial weights",
            expected=f"a network of {MOST_WEIGHTS:,} parameters at most",
            got=f"{count:,}",
            help="Make the lesson without its weights: they are then drawn by the seed.",
        )
    return {
        name: {key: np.asarray(array, dtype=np.float64).tolist() for key, array in arrays.items()}
        for name, arrays in zip(network.names, views, strict=True)
        if arrays
    }


def _texts(column: Column) -> list[str]:
    if column.kind == "boolean":
        return ["" if np.isnan(value) else column.labels[int(value)] for value in column.values]
    if column.kind == "date":
        return [
            "" if np.isnan(value) else datetime.fromtimestamp(float(value), UTC).strftime("%Y-%m-%d %H:%M:%S")
            for value in column.values
        ]
    if column.values.dtype == object:
        return ["" if value is None else str(value) for value in column.values]
    return ["" if np.isnan(value) else repr(float(value)).removesuffix(".0") for value in column.values]


def _alike(one: Table, other: Table) -> bool:
    if [c.name for c in one.columns] != [c.name for c in other.columns] or one.rows != other.rows:
        return False
    return all(
        a.kind == b.kind and _texts(a) == _texts(b) for a, b in zip(one.columns, other.columns, strict=True)
    )


def _not_inside(expected: str, got: str) -> UserError:
    return UserError(
        "Data of the lesson",
        expected=expected,
        got=got,
        help="Choose fewer rows, a ready data set or a typed table, and make the lesson from that.",
    )
