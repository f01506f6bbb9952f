"""Sample weights: how much each row counts in the loss and in the scores, from a column of the table."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.texts import texts_of
from engine.data.settings import DataSettings
from engine.data.table import Column, Table
from engine.errors import UserError, excerpt

USUAL_MEANS = (1e-3, 1e6)
"""Weights of a mean outside are scaled: a float32 could lose the smallest or the sum of the largest."""

SPARE_BITS = 64
LARGEST_SUMMED = 2.0 ** (1024 - SPARE_BITS)
"""Larger weights are scaled first: the sum of a few could be infinite, and all weights would become 0."""


def sample_weights(settings: DataSettings, table: Table) -> NDArray[np.float64] | None:
    """The weight of each row, (rows,); None where rows count alike.

    Weights are compared with each other only: where their mean is far from 1, they come multiplied by a power
    of 2, which changes no digit of any ratio. Raises UserError where the column is not there, or its values
    are not numbers of at least 0.
    """
    if settings.weight is None:
        return None
    column = named_column(table, settings.weight, "weight")
    if column.kind not in ("number", "boolean"):
        got = "images" if column.kind == "image" else f"text such as “{excerpt(_first_text(column))}”"
        raise _faulty(column, got)
    values = column.values.astype(np.float64)
    bad = np.flatnonzero(~(values >= 0) | np.isinf(values))
    if len(bad):
        row, value = int(bad[0]), float(values[bad[0]])
        infinite = column.infinite and math.isnan(value)
        what = "none, or an infinite one," if infinite else "none" if math.isnan(value) else f"{value:g}"
        others = f", and {len(bad) - 1:,} more rows like it" if len(bad) > 1 else ""
        raise _faulty(column, f"{what} in row {row + 1:,}{others}")
    if len(values) and values.max() > LARGEST_SUMMED:
        values = np.ldexp(values, -SPARE_BITS)
    mean = float(values.mean()) if len(values) else 1.0
    if mean > 0 and not USUAL_MEANS[0] <= mean <= USUAL_MEANS[1]:
        values = np.ldexp(values, -round(math.log2(mean)))
    return values


def check_weights(settings: DataSettings, weights: NDArray[np.float64]) -> None:
    """Raise UserError where no row of the training part counts; weights : of this part."""
    if not (weights > 0).any():
        raise UserError(
            f"Column “{excerpt(settings.weight or '')}”",
            expected="a weight above 0 in a row of the training part",
            got="0 in all of them",
            help="Choose another column for the weights, or none.",
            place=("data", "weight"),
        )


def named_column(table: Table, name: str, role: str) -> Column:
    """The column that has a role; raises UserError where the table has none of that name."""
    try:
        return table.column(name)
    except KeyError:
        raise UserError(
            f"{table.name}, {role}",
            expected=f"a column called “{excerpt(name)}”",
            got="none",
            help=f"Choose another column as the {role}, or none.",
            place=("data", role),
        ) from None


def _first_text(column: Column) -> str:
    return next((text for text in texts_of(column) if text is not None), "")


def _faulty(column: Column, got: str) -> UserError:
    return UserError(
        f"Column “{excerpt(column.name)}”",
        expected="a number of at least 0 in every row, to weight the rows by",
        got=got,
        help="Choose another column for the weights, or mend these rows.",
        place=("data", "weight"),
    )
