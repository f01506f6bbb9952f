"""How well an autoencoder reconstructs: the error of each sample, and the variance explained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data import Column, Dataset
from engine.data.column_text import texts_of

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


def sample_errors(originals: Array, reconstructions: Array) -> NDArray[np.float64]:
    """Mean squared difference over the numbers of each sample: (rows,), from two arrays (rows, numbers)."""
    difference = np.subtract(reconstructions, originals, dtype=np.float64)
    errors: NDArray[np.float64] = np.einsum("ij,ij->i", difference, difference) / originals.shape[1]
    return errors


def largest_errors(errors: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the largest errors, the largest first; NaN counts as larger than all."""
    known = np.where(np.isnan(errors), np.inf, errors)
    indices: NDArray[np.intp] = np.argsort(-known, kind="stable")[:WORST_SAMPLES]
    return indices


class Tally:
    """Accumulates the metrics of a reconstruction, a chunk at a time.

    Parameters
    ----------
    first : any of the samples that will be added, (numbers,). rows : how many will be added.
    """

    def __init__(self, first: Array, rows: int) -> None:
        # Distances from one of the samples: a number that does not vary gives exactly 0, and the sums below
        # lose no digits that matter, as no sample is further than √rows standard deviations from the mean.
        self._first = first.astype(np.float64)
        self._sums = np.zeros(len(first))
        self._squares = np.zeros(len(first))
        self._rows = 0
        self.errors = np.empty(rows)

    def add(self, originals: Array, reconstructions: Array) -> None:
        """Add the next chunk, two arrays (rows, numbers)."""
        rows = len(originals)
        self.errors[self._rows : self._rows + rows] = sample_errors(originals, reconstructions)
        self._rows += rows
        distances = originals - self._first
        self._sums += distances.sum(axis=0)
        self._squares += np.einsum("ij,ij->j", distances, distances)

    def metrics(self) -> dict[str, float]:
        """Explained variance and mean squared error, of all that was added.

        explained_variance : 1 − Σ (reconstruction − original)² / Σ (original − mean)² over all numbers of all
        samples, each number having a mean of its own: 1 at best, 0 for a network that always answers with
        the means. It is R² of all outputs together (scikit-learn, r2_score, "variance_weighted"), and for
        the first k principal components their fraction of the variance. NaN where nothing varies.
        mse : the mean of the samples' errors, in prepared units.
        """
        if not self._rows:
            return dict.fromkeys(("explained_variance", "mse"), float("nan"))
        spread = float((self._squares - self._sums**2 / self._rows).sum())
        mean = float(self.errors[: self._rows].mean())
        left = mean * self._rows * len(self._first)
        explained = 1 - left / spread if spread > 0 else float("nan")
        return {"explained_variance": explained, "mse": mean}


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
    owners = [index for index, fitted in enumerate(preparation.inputs_fitted) for _ in fitted.names]
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
