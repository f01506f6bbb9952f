"""How well an autoencoder reconstructs: the error of each sample, and the variance explained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data import Column, Dataset
from engine.data.columns.texts import texts_of
from engine.metrics.regression import sample_errors

WORST_SAMPLES = 24
"""How many of the worst samples are reported in detail."""


@dataclass(frozen=True)
class ColumnPair:
    """A column's original and reconstructed value, in its own units; texts where it holds no numbers."""

    column: str
    before: float | str
    after: float | str


@dataclass(frozen=True)
class WorstSample:
    """A sample with a large reconstruction error.

    row : of the table, from 0. label : "" where none is known. original, reconstruction : of the sample's
    shape, prepared, read-only. furthest : the column with the largest error; None for images.
    """

    row: int
    error: float
    label: str
    original: Array
    reconstruction: Array
    furthest: ColumnPair | None


@dataclass(frozen=True)
class Reconstruction:
    """The reconstruction errors of the samples of one part.

    errors : (rows,), the mean over a sample's numbers of (reconstruction − original)², in prepared units.
    rows : (rows,), of the table, from 0. worst : the samples with the largest errors, the worst first.
    label : the name of the column that labels them, "" without one.
    """

    errors: NDArray[np.float64]
    rows: NDArray[np.intp]
    worst: tuple[WorstSample, ...]
    label: str = ""


def largest_errors(errors: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the largest errors, the largest first; NaN counts as larger than all."""
    known = np.where(np.isnan(errors), np.inf, errors)
    indices: NDArray[np.intp] = np.argsort(-known, kind="stable")[:WORST_SAMPLES]
    return indices


def worst_samples(
    dataset: Dataset, rows: NDArray[np.intp], inputs: Array, outputs: Array
) -> tuple[WorstSample, ...]:
    """Originals and reconstructions of some samples.

    rows : of the table. inputs : (rows, *input_shape). outputs : their reconstructions, (rows, numbers).
    """
    flat = inputs.reshape(outputs.shape)
    columns = (
        rows,
        sample_errors(flat, outputs),
        dataset.label_texts(rows),
        _changes(dataset, flat, outputs),
    )
    before, after = inputs.copy(), outputs.reshape(inputs.shape).copy()
    before.flags.writeable = after.flags.writeable = False
    return tuple(
        WorstSample(int(row), float(error), label, before[index], after[index], change)
        for index, (row, error, label, change) in enumerate(zip(*columns, strict=True))
    )


def _changes(dataset: Dataset, originals: Array, outputs: Array) -> list[ColumnPair | None]:
    """For each sample the column of the number with the largest error; prepared samples (rows, numbers)."""
    preparation = dataset.preparation
    if len(dataset.input_shape) > 1:
        return [None] * len(originals)
    owners = [index for index, fitted in enumerate(preparation.inputs) for _ in fitted.names]
    before, after = preparation.reconstruction(originals), preparation.reconstruction(outputs)
    found: list[ColumnPair | None] = []
    for row, number in enumerate(np.abs(outputs - originals).argmax(axis=1)):
        one, other = before[owners[number]], after[owners[number]]
        found.append(ColumnPair(one.name, _value(one, row), _value(other, row)))
    return found


def _value(column: Column, row: int) -> float | str:
    if column.kind == "number":
        return float(column.values[row])
    text = texts_of(column)[row]
    return "missing" if text is None else str(text)
