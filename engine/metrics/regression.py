"""Metrics of predicted numbers, in the target's own unit, and of reconstructed inputs, in prepared units."""

import math
from abc import abstractmethod
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.metrics.base import Direction, Format, Metric, Numbers, Statistic
from engine.metrics.statistics import AllRows
from engine.tasks import Task


class RegressionMetric(Metric):
    """A metric of predicted numbers; of several outputs the mean over outputs unless it says otherwise."""

    statistic = AllRows

    def suits(self, task: Task) -> bool:
        """For numbers."""
        return task == "regression"

    def result(self, statistic: AllRows) -> float:
        """NaN without rows."""
        actual, predicted = statistic.actual, statistic.predicted
        if not len(actual):
            return math.nan
        with np.errstate(all="ignore"):
            return self.of_numbers(actual, predicted, statistic.weights)

    @abstractmethod
    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """From at least one row of numbers (rows, outputs)."""


class ErrorMetric(RegressionMetric):
    """A regression metric of which less is better."""

    in_target_unit: ClassVar[bool] = True
    better: ClassVar[Direction] = "down"
    format: ClassVar[Format] = "number"


def varies(values: Numbers) -> NDArray[np.bool_]:
    """Which columns hold different numbers: rounding may give a constant column a mean beside it."""
    different: NDArray[np.bool_] = values.max(axis=0) > values.min(axis=0)
    return different


def mean_of(values: Numbers, weights: Numbers | None) -> Numbers:
    """The weighted mean of each column of (rows, outputs)."""
    return values.mean(axis=0) if weights is None else np.average(values, axis=0, weights=weights)


def sum_of(values: Numbers, weights: Numbers | None) -> Numbers:
    """The weighted sum of each column of (rows, outputs)."""
    return values.sum(axis=0) if weights is None else weights @ values


class R2(RegressionMetric):
    """Coefficient of determination, 1 − Σ (y − ŷ)² / Σ (y − mean)².

    NaN for a target that does not vary.
    """

    heading: ClassVar[str] = "R²"
    explanation: ClassVar[str] = (
        "Fraction of the target's variance that is predicted: 1 at best, 0 for the mean."
    )
    kind: Literal["r2"] = "r2"

    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """The mean over the outputs that vary."""
        spread = sum_of((actual - mean_of(actual, weights)) ** 2, weights)
        squares = sum_of((predicted - actual) ** 2, weights)
        defined = varies(actual) & (spread > 0)
        return float((1 - squares[defined] / spread[defined]).mean()) if defined.any() else math.nan


class ExplainedVariance(RegressionMetric):
    """Explained variance, 1 − var(y − ŷ) / var(y): as R², but a constant error does not count.

    As scikit-learn's explained_variance_score. NaN for a target that does not vary.
    """

    heading: ClassVar[str] = "Explained variance"
    explanation: ClassVar[str] = "As R², but an error that is the same for all rows does not count."
    kind: Literal["explained_variance_score"] = "explained_variance_score"

    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """The mean over the outputs that vary."""
        error = actual - predicted
        left = mean_of((error - mean_of(error, weights)) ** 2, weights)
        spread = mean_of((actual - mean_of(actual, weights)) ** 2, weights)
        defined = varies(actual) & (spread > 0)
        return float((1 - left[defined] / spread[defined]).mean()) if defined.any() else math.nan


class RootMeanSquaredError(ErrorMetric):
    """Root of the mean squared error, in the target's unit."""

    heading: ClassVar[str] = "RMSE"
    explanation: ClassVar[str] = "Root of the mean squared error, in the unit of the target."
    kind: Literal["rmse"] = "rmse"

    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """The mean over outputs of the root of each."""
        return float(np.sqrt(mean_of((predicted - actual) ** 2, weights)).mean())


class MeanAbsoluteError(ErrorMetric):
    """Mean absolute error, in the target's unit."""

    heading: ClassVar[str] = "MAE"
    explanation: ClassVar[str] = "Mean absolute error, in the unit of the target."
    kind: Literal["mae"] = "mae"

    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """Over all rows and outputs together."""
        sizes = np.abs(predicted - actual)
        return float(sizes.mean() if weights is None else mean_of(sizes, weights).mean())


class MedianAbsoluteError(ErrorMetric):
    """Median absolute error, in the target's unit: a few large errors do not change it.

    With weights, the mean of the two middle values where half of the weight lies at or below the lower one.
    """

    heading: ClassVar[str] = "Median absolute error"
    explanation: ClassVar[str] = "Half of the errors are at most this large, in the unit of the target."
    kind: Literal["median_absolute_error"] = "median_absolute_error"

    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """The mean over outputs of the median of each."""
        sizes = np.abs(predicted - actual)
        if weights is None:
            return float(np.median(sizes, axis=0).mean())
        return float(np.mean([weighted_median(column, weights) for column in sizes.T]))


def weighted_median(values: Numbers, weights: Numbers) -> float:
    """The value with half of the weight below it; the mean of two where the half falls between them."""
    counts = weights > 0
    values, weights = values[counts], weights[counts]
    if not len(values) or np.isnan(values).any():
        return math.nan
    order = np.argsort(values, kind="stable")
    values, below = values[order], np.cumsum(weights[order])
    half = below[-1] / 2
    first = int(np.searchsorted(below, half))
    if below[first] == half and first + 1 < len(values):
        return float((values[first] + values[first + 1]) / 2)
    return float(values[first])


class MeanAbsolutePercentageError(ErrorMetric):
    """Mean of |y − ŷ| / |y|; where y is 0, it is divided by 2⁻⁵² instead."""

    heading: ClassVar[str] = "MAPE"
    explanation: ClassVar[str] = (
        "Mean absolute error as a fraction of the true value; huge where that is near 0."
    )
    format: ClassVar[Format] = "percent"
    in_target_unit: ClassVar[bool] = False
    kind: Literal["mape"] = "mape"

    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """Over all rows and outputs together."""
        fractions = np.abs(predicted - actual) / np.maximum(np.abs(actual), np.finfo(np.float64).eps)
        return float(mean_of(fractions, weights).mean())


class MaximumError(ErrorMetric):
    """The largest absolute error, in the target's unit; weights do not matter."""

    heading: ClassVar[str] = "Maximum error"
    explanation: ClassVar[str] = "The largest absolute error, in the unit of the target."
    kind: Literal["max_error"] = "max_error"

    def of_numbers(self, actual: Numbers, predicted: Numbers, weights: Numbers | None) -> float:
        """Over all rows and outputs."""
        return float(np.abs(predicted - actual).max())


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
