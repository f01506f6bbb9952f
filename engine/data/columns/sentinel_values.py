"""Numbers that stand for a missing value in a column, such as −999, are taken out of a table."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.data.stored_arrays import filled_in_blocks, is_stored
from engine.data.table import Column, Table
from engine.progress import Progress


def without_numbers(table: Table, marks: Mapping[str, Collection[float]]) -> Table:
    """The same table, where some numbers of a column are missing values. marks : them, by column."""
    columns = tuple(
        _without(column, list(marks[column.name]))
        if column.name in marks and column.kind == "number"
        else column
        for column in table.columns
    )
    return replace(table, columns=columns)


def _without(column: Column, marks: list[float]) -> Column:
    values: NDArray[np.float64] = column.values
    if not is_stored(values):
        return column.with_values(np.where(np.isin(values, marks), np.nan, values), column.infinite)

    def fill(rows: NDArray[np.intp], out: NDArray[np.float64]) -> None:
        out[:] = values[rows[0] : rows[-1] + 1]
        out[np.isin(out, marks)] = np.nan

    return column.with_values(filled_in_blocks(values.shape, np.float64, fill, Progress()), column.infinite)
