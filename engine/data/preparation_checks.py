"""What a preparation refuses: tables without its columns, inputs that cannot be reconstructed, overflows."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Array
from engine.data.columns.texts import listed
from engine.data.encoders.category_inputs import IntegerInput
from engine.data.encoders.inputs import AnyInput
from engine.data.table import Column, Table, misfit
from engine.errors import UserError, excerpt
from engine.progress import Progress, blocks


def check_restorable(inputs: Sequence[AnyInput]) -> None:
    """Raise UserError where an input cannot be reconstructed."""
    for fitted in inputs:
        if isinstance(fitted, IntegerInput):
            raise codes_to_reconstruct(fitted.column)
        if not fitted.restorable:
            raise UserError(
                f"Column “{excerpt(fitted.column)}”",
                expected="inputs that can be turned back, where the input itself is to be learned",
                got="a preparation that cannot be undone",
                help="Choose another preparation for the column, or ignore it.",
            )


def codes_to_reconstruct(column: str) -> UserError:
    """What is said where a column comes in as codes, and the input itself is to be learned."""
    return UserError(
        f"Column “{excerpt(column)}”",
        expected="one input per category, where the input itself is to be learned",
        got="codes, which are no quantities that could be reconstructed",
        help="Set Categories to one input per category in the data panel.",
    )


def lacking_columns(table: Table, names: tuple[str, ...]) -> UserError:
    """A table without columns that the model needs."""
    found = [column.name for column in table.columns]
    columns = "columns" if len(names) > 1 else "column"
    return UserError(
        table.name,
        expected=f"the {columns} {listed(names, 12)} that the model was trained with",
        got=f"only {listed(found, 12)}",
        help="Rename or add columns: the names have to be those of the training.",
    )


def check_finite(part: Array, column: Column) -> None:
    """Raise UserError where a prepared column holds what the precision of the network cannot."""
    if all(np.isfinite(part[block]).all() for block in blocks(len(part), Progress())):
        return
    largest = float(np.nanmax(np.abs(column.values)))
    raise misfit(
        column,
        "numbers that the network's precision can hold",
        f"{largest:g}",
        "Correct these values, or ignore the column.",
    )
