"""Metrics of reconstructed inputs, in prepared units."""

import math
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.metrics.base import Direction, Format, Metric, Numbers, Statistic
from engine.tasks import Task


class ReconstructionSums(Statistic):
    """Mean squared error of each sample, and how far the numbers of the samples are from their means."""

    def __init__(self, outputs: int) -> None:
        super().__init__(outputs)
        self._first: Numbers | None = None
        self._sums, self._squares, self._weight = np.zeros(outputs), np.zeros(outputs), 0.0
        self._errors: list[Numbers] = []
        self._weighted = 0.0

    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None
    ) -> None:
        """Add reconstructions and originals, both (rows, numbers)."""
        if not len(targets):
            return
        errors = sample_errors(targets, outputs)
        self._errors.append(errors)
        if self._first is None:
            # Distances from one of the samples: a number that does not vary gives exactly 0, and the sums
            # lose no digits that matter: no sample is further from the mean than √rows times
            # the standard deviation.
            self._first = targets[0].astype(np.float64)
        distances: Numbers = np.subtract(targets, self._first, dtype=np.float64)
        if weights is None:
            self._sums += distances.sum(axis=0)
            self._squares += np.einsum("ij,ij->j", distances, distances)
        else:
            self._sums += weights @ distances
            self._squares += np.einsum("i,ij,ij->j", weights, distances, distances)
        self._weight += float(len(targets) if weights is None else weights.sum())
        self._weighted += float(errors.sum() if weights is None else errors @ weights)

    @property
    def errors(self) -> Numbers:
        """Mean squared error of each sample so far, (rows,)."""
        return np.concatenate(self._errors) if self._errors else np.empty(0)

    @property
    def mean_error(self) -> float:
        """The weighted mean of the samples' errors; NaN without rows."""
        return self._weighted / self._weight if self._weight > 0 else math.nan

    @property
    def left(self) -> float:
        """Σ (reconstruction − original)² over all numbers of all samples."""
        return self._weighted * self.outputs

    @property
    def spread(self) -> float:
        """Σ (original − mean)² over all numbers of all samples, each number having a mean of its own."""
        if not self._weight > 0:
            return 0.0
        return float((self._squares - self._sums**2 / self._weight).sum())


def sample_errors(originals: NDArray[np.number], reconstructions: NDArray[np.number]) -> Numbers:
    """Mean squared difference over the numbers of each sample: (rows,), from two arrays (rows, numbers)."""
    difference = np.subtract(reconstructions, originals, dtype=np.float64)
    errors: Numbers = np.einsum("ij,ij->i", difference, difference) / originals.shape[1]
    return errors


class ReconstructionMetric(Metric):
    """A metric of how well the input comes back."""

    statistic = ReconstructionSums

    def suits(self, task: Task) -> bool:
        """Where the input itself is learned."""
        return task == "reconstruction"


class VarianceExplained(ReconstructionMetric):
    """1 − Σ (reconstruction − original)² / Σ (original − mean)² over all numbers of all samples.

    1 at best, 0 for a network that always answers with the means: the variance-weighted R² of all outputs
    (scikit-learn, r2_score with "variance_weighted"), and for the first k principal components the fraction
    of the variance that they hold. NaN where nothing varies.
    """

    heading: ClassVar[str] = "Variance explained"
    explanation: ClassVar[str] = "Fraction of the inputs' variance that comes back: the variance-weighted R²."
    format: ClassVar[Format] = "percent"
    kind: Literal["variance_explained"] = "variance_explained"

    def result(self, statistic: ReconstructionSums) -> float:
        """NaN without rows."""
        return 1 - statistic.left / statistic.spread if statistic.spread > 0 else math.nan


class ReconstructionError(ReconstructionMetric):
    """Mean squared error of the reconstructions."""

    heading: ClassVar[str] = "Reconstruction error"
    explanation: ClassVar[str] = "Mean squared error over all numbers of all samples, in prepared units."
    better: ClassVar[Direction] = "down"
    format: ClassVar[Format] = "number"
    kind: Literal["mse"] = "mse"

    def result(self, statistic: ReconstructionSums) -> float:
        """NaN without rows."""
        return statistic.mean_error
