"""Samples from columns, and columns from samples: what inputs write side by side, and how it is read back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data.encoders.base import TargetValues
from engine.data.encoders.inputs import AnyInput, ImageInput
from engine.data.preparation_checks import check_finite
from engine.data.table import Column
from engine.progress import Progress


def write_inputs(
    inputs: Sequence[AnyInput],
    columns: Sequence[Column],
    out: Array,
    progress: Progress,
    training: bool = False,
    values: TargetValues | None = None,
) -> None:
    """Fill samples (rows, *shape) from columns in the order of the inputs; raises UserError, and Cancelled.

    training, values : whether these are the rows of the training, and their targets, where inputs take means
    of them.
    """
    start = 0
    for fitted, column, step in zip(inputs, columns, progress.parts(len(columns)), strict=True):
        part = out
        if not isinstance(fitted, ImageInput):
            part = out[:, start : start + len(fitted.names)]
            start += len(fitted.names)
        with np.errstate(over="ignore", invalid="ignore"):
            if training:
                fitted.write_training(column, values, part, step)
            else:
                fitted.write(column, part, step)
        check_finite(part, column)


def reconstructed(inputs: Sequence[AnyInput], outputs: NDArray[np.floating[Any]]) -> tuple[Column, ...]:
    """The columns, in their own units, that prepared samples (rows, numbers) stand for."""
    columns, start = [], 0
    for fitted in inputs:
        width = len(fitted.names)
        columns.append(fitted.restored(outputs[:, start : start + width].astype(np.float64)))
        start += width
    return tuple(columns)
