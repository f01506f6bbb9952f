"""From the network's numbers back to columns: what an autoencoder makes of the inputs, in their own units."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.categorical_encoders import CategoryInput, IntegerInput
from engine.data.input_encoders import AnyInput, BooleanInput, ImageInput
from engine.data.table import Column

Outputs = NDArray[np.floating[Any]]


def reconstructed(inputs: Sequence[AnyInput], outputs: Outputs) -> tuple[Column, ...]:
    """The columns, in their own units, that prepared samples (rows, numbers) stand for."""
    columns, start = [], 0
    for fitted in inputs:
        width = len(fitted.names)
        columns.append(_column(fitted, outputs[:, start : start + width].astype(np.float64)))
        start += width
    return tuple(columns)


def _column(fitted: AnyInput, values: NDArray[np.float64]) -> Column:
    """One column from its part (rows, width) of the samples."""
    if isinstance(fitted, IntegerInput):
        raise ValueError("codes are no quantities that could be reconstructed")
    if isinstance(fitted, CategoryInput):
        # A missing value has the last input, if it has one.
        names = np.array([*fitted.categories, None], dtype=object)
        return Column(fitted.column, "category", names[values.argmax(axis=1)])
    if isinstance(fitted, BooleanInput):
        yes = (values[:, 0] >= 0.5).astype(np.float64)
        return Column(fitted.column, "boolean", yes, fitted.labels)
    with np.errstate(over="ignore", invalid="ignore"):
        own = values * fitted.scale + fitted.offset
    if isinstance(fitted, ImageInput):
        return Column(fitted.column, "image", own.reshape(-1, *fitted.shape).astype(np.float32))
    return Column(fitted.column, "number", own[:, 0])
