"""Metrics of predicted probabilities."""

import math
from abc import abstractmethod
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.metrics.base import Direction, Format, Metric, Numbers
from engine.metrics.statistics import AllRows, ProbabilityErrors
from engine.tasks import Task


class ProbabilityMetric(Metric):
    """A metric of the probabilities of classes, or of yes."""

    def suits(self, task: Task) -> bool:
        """For classes, and for yes or no."""
        return task in ("classification", "binary")


class LogLoss(ProbabilityMetric):
    """Mean of −ln of the probability that the true class was given."""

    heading: ClassVar[str] = "Log loss"
    explanation: ClassVar[str] = "Mean of −ln of the probability that the true class was given."
    better: ClassVar[Direction] = "down"
    format: ClassVar[Format] = "number"
    statistic = ProbabilityErrors
    kind: Literal["log_loss"] = "log_loss"

    def result(self, statistic: ProbabilityErrors) -> float:
        """NaN without rows."""
        return statistic.log_loss / statistic.weight if statistic.weight > 0 else math.nan


class BrierScore(ProbabilityMetric):
    """Mean squared error of the probabilities.

    Of yes or no: (p − y)², between 0 and 1. Of several classes: the sum over classes, between 0 and 2, as
    scikit-learn's brier_score_loss has it from version 1.7 on. Reference: Brier 1950.
    """

    heading: ClassVar[str] = "Brier score"
    explanation: ClassVar[str] = "Mean squared error of the predicted probabilities."
    better: ClassVar[Direction] = "down"
    format: ClassVar[Format] = "number"
    statistic = ProbabilityErrors
    kind: Literal["brier_score"] = "brier_score"

    def result(self, statistic: ProbabilityErrors) -> float:
        """NaN without rows."""
        return statistic.squares / statistic.weight if statistic.weight > 0 else math.nan


class RankingMetric(ProbabilityMetric):
    """A metric of the order in which the probability of a class puts the rows.

    Of several classes: each against all others, and the mean over the classes that occur (macro, one against
    the rest). Keeps all rows, since they have to be sorted.
    """

    keeps_rows: ClassVar[bool] = True
    statistic = AllRows

    def result(self, statistic: AllRows) -> float:
        """NaN where no class has rows both of it and not of it, or a probability is not finite."""
        outputs, classes, weights = statistic.predicted, statistic.classes, statistic.weights
        if not len(classes) or not np.isfinite(outputs).all():
            return math.nan
        columns = [(1, 0)] if outputs.shape[1] == 1 else [(index, index) for index in range(outputs.shape[1])]
        found = [
            self.of_ranking(*ranking(outputs[:, column], classes == label, weights))
            for label, column in columns
            if 0 < np.count_nonzero(classes == label) < len(classes)
        ]
        return float(np.mean(found)) if found else math.nan

    @abstractmethod
    def of_ranking(self, hits: Numbers, misses: Numbers) -> float:
        """From the cumulative weights of rows of the class and of others, at each threshold from above."""


def ranking(scores: Numbers, belongs: NDArray[np.bool_], weights: Numbers | None) -> tuple[Numbers, Numbers]:
    """Weights of the rows at or above each threshold: those that belong to the class, and the others.

    Returns two arrays with one entry for each different score, from the largest on.
    """
    order = np.argsort(-scores, kind="stable")
    scores, mine = scores[order], belongs[order].astype(np.float64)
    each = np.ones(len(order)) if weights is None else weights[order]
    last = np.r_[np.flatnonzero(np.diff(scores)), len(scores) - 1]
    return np.cumsum(mine * each)[last], np.cumsum((1 - mine) * each)[last]


class RocAuc(RankingMetric):
    """Area under the ROC curve: how often a row of a class gets a larger probability of it than another row.

    Equal probabilities count one half.
    """

    heading: ClassVar[str] = "ROC AUC (one vs. rest, macro)"
    explanation: ClassVar[str] = (
        "How often a row of a class gets a larger probability of it than another row; .5 by chance."
    )
    kind: Literal["roc_auc"] = "roc_auc"

    def of_ranking(self, hits: Numbers, misses: Numbers) -> float:
        """Trapezoids under the curve."""
        if hits[-1] <= 0 or misses[-1] <= 0:
            return math.nan
        return float(np.trapezoid(np.r_[0.0, hits], np.r_[0.0, misses]) / (hits[-1] * misses[-1]))


class AveragePrecision(RankingMetric):
    """Area under the precision-recall curve, as the mean of the precisions weighted by the rise of recall."""

    heading: ClassVar[str] = "Average precision (one vs. rest, macro)"
    explanation: ClassVar[str] = (
        "Mean precision over all thresholds: the area under precision against recall."
    )
    kind: Literal["average_precision"] = "average_precision"

    def of_ranking(self, hits: Numbers, misses: Numbers) -> float:
        """Σ (recall's rise) × precision."""
        if hits[-1] <= 0:
            return math.nan
        total = hits + misses
        precision = np.divide(hits, total, out=np.zeros(len(hits)), where=total > 0)
        return float(np.diff(np.r_[0.0, hits]) @ precision / hits[-1])
