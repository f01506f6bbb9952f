"""Metrics of predicted classes, computed from the confusion matrix or from the rank of the true class.

Averages over classes are named: macro (each class counts the same), weighted (each class counts as often as
it occurs), binary (of "yes" alone). As in scikit-learn, classes that neither occur nor are predicted are left
out, and a ratio without a denominator is 0.
"""

import math
import re
from abc import abstractmethod
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from engine.metrics.base import Format, Metric, Numbers
from engine.metrics.statistics import ConfusionCounts, RankCounts
from engine.tasks import Task

Averaging = Literal["macro", "weighted", "binary"]
MOST_CLASSES_AHEAD = 1000
"""The largest k of the top-k accuracy."""

AVERAGES: tuple[Averaging, ...] = ("macro", "weighted", "binary")


class ClassMetric(Metric):
    """A metric of predicted classes."""

    statistic = ConfusionCounts

    def suits(self, task: Task) -> bool:
        """For classes, and for yes or no."""
        return task in ("classification", "binary")

    def result(self, statistic: ConfusionCounts) -> float:
        """From the confusion matrix; NaN where there is no row, or one without a prediction."""
        counts = statistic.counts
        return self.of_counts(counts) if counts.sum() > 0 and not statistic.undefined else math.nan

    @abstractmethod
    def of_counts(self, counts: Numbers) -> float:
        """From a confusion matrix (classes, classes) with something in it; rows are what is true."""


class Accuracy(ClassMetric):
    """Fraction of the rows whose class is predicted right."""

    heading: ClassVar[str] = "Accuracy"
    explanation: ClassVar[str] = "Fraction of the rows whose class is predicted right."
    format: ClassVar[Format] = "percent"
    kind: Literal["accuracy"] = "accuracy"

    def of_counts(self, counts: Numbers) -> float:
        """Trace over sum."""
        return float(np.trace(counts) / counts.sum())


class BalancedAccuracy(ClassMetric):
    """Mean recall of the classes that occur: rare classes count as much as frequent ones."""

    heading: ClassVar[str] = "Balanced accuracy"
    explanation: ClassVar[str] = (
        "Mean of the recall of all classes: rare ones count as much as frequent ones."
    )
    format: ClassVar[Format] = "percent"
    kind: Literal["balanced_accuracy"] = "balanced_accuracy"

    def of_counts(self, counts: Numbers) -> float:
        """Mean over the classes that occur."""
        actual = counts.sum(axis=1)
        occurs = actual > 0
        return float((np.diag(counts)[occurs] / actual[occurs]).mean())


class AveragedMetric(ClassMetric):
    """A quantity of each class, averaged over classes."""

    averaging: Averaging = Field(
        "macro",
        title="Averaging",
        description="Macro: each class counts the same. Weighted: as often as it occurs. Binary: only yes.",
    )

    @classmethod
    def variants(cls) -> tuple[Self, ...]:
        """With each averaging."""
        return tuple(cls(averaging=averaging) for averaging in AVERAGES)

    @property
    def title(self) -> str:
        """With the averaging."""
        return f"{self.heading} ({self.averaging})"

    @property
    def name(self) -> str:
        """With the averaging: "f1_macro"."""
        return f"{super().name}_{self.averaging}"

    def suits(self, task: Task) -> bool:
        """Binary averaging for yes or no alone."""
        return task == "binary" or (task == "classification" and self.averaging != "binary")

    @abstractmethod
    def of_classes(self, hits: Numbers, actual: Numbers, predicted: Numbers) -> tuple[Numbers, Numbers]:
        """Numerator and denominator of each class: how often it is right, occurs, is predicted."""

    def of_counts(self, counts: Numbers) -> float:
        """The average over classes."""
        hits, actual, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
        numerator, denominator = self.of_classes(hits, actual, predicted)
        known = denominator > 0
        each = np.divide(numerator, denominator, out=np.zeros(len(hits)), where=known)
        if self.averaging == "binary":
            return float(each[1])
        if self.averaging == "weighted":
            return float((each * actual).sum() / actual.sum())
        return float(each[(actual + predicted) > 0].mean())


class Precision(AveragedMetric):
    """Of the rows predicted as a class, the fraction that are of it."""

    heading: ClassVar[str] = "Precision"
    explanation: ClassVar[str] = "Of the rows that are predicted as a class, the fraction that are of it."
    kind: Literal["precision"] = "precision"

    def of_classes(self, hits: Numbers, actual: Numbers, predicted: Numbers) -> tuple[Numbers, Numbers]:
        """Right over predicted."""
        return hits, predicted


class Recall(AveragedMetric):
    """Of the rows of a class, the fraction that are predicted as it."""

    heading: ClassVar[str] = "Recall"
    explanation: ClassVar[str] = "Of the rows of a class, the fraction that are predicted as it."
    kind: Literal["recall"] = "recall"

    def of_classes(self, hits: Numbers, actual: Numbers, predicted: Numbers) -> tuple[Numbers, Numbers]:
        """Right over occurring."""
        return hits, actual


class F1(AveragedMetric):
    """Harmonic mean of precision and recall."""

    heading: ClassVar[str] = "F1"
    explanation: ClassVar[str] = "Harmonic mean of precision and recall."
    kind: Literal["f1"] = "f1"

    def of_classes(self, hits: Numbers, actual: Numbers, predicted: Numbers) -> tuple[Numbers, Numbers]:
        """2 TP over 2 TP + FP + FN."""
        return 2 * hits, actual + predicted


class CohenKappa(ClassMetric):
    """Agreement beyond chance, 1 − observed over expected disagreement.

    NaN where all rows are of one class and predicted as it. Reference: Cohen 1960.
    """

    heading: ClassVar[str] = "Cohen's kappa"
    explanation: ClassVar[str] = "Agreement of prediction and truth beyond chance: 1 at best, 0 by chance."
    kind: Literal["cohen_kappa"] = "cohen_kappa"

    def of_counts(self, counts: Numbers) -> float:
        """From observed and expected disagreement."""
        expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
        disagrees = 1 - np.eye(len(counts))
        by_chance = float((disagrees * expected).sum())
        return 1 - float((disagrees * counts).sum()) / by_chance if by_chance > 0 else math.nan


class MatthewsCorrelation(ClassMetric):
    """Correlation of prediction and truth, also for several classes.

    0 where one of them does not vary. Reference: Gorodkin 2004.
    """

    heading: ClassVar[str] = "Matthews correlation"
    explanation: ClassVar[str] = "Correlation of prediction and truth: 1 at best, 0 by chance."
    kind: Literal["matthews_correlation"] = "matthews_correlation"

    def of_counts(self, counts: Numbers) -> float:
        """From the covariances of the one-hot classes."""
        total, actual, predicted = float(counts.sum()), counts.sum(axis=1), counts.sum(axis=0)
        together = float(np.trace(counts)) * total - float(actual @ predicted)
        spread = (total**2 - float(predicted @ predicted)) * (total**2 - float(actual @ actual))
        return together / math.sqrt(spread) if spread > 0 else 0.0


class TopKAccuracy(Metric):
    """Fraction of the rows whose class is among the k most probable ones."""

    heading: ClassVar[str] = "Top-k accuracy"
    explanation: ClassVar[str] = "Fraction of the rows whose class is among the k most probable ones."
    format: ClassVar[Format] = "percent"
    statistic = RankCounts
    kind: Literal["top_k_accuracy"] = "top_k_accuracy"
    k: int = Field(
        5, ge=2, le=MOST_CLASSES_AHEAD, title="k", description="How many of the most probable classes count."
    )

    @property
    def title(self) -> str:
        """With k: "Top-5 accuracy"."""
        return f"Top-{self.k} accuracy"

    @property
    def name(self) -> str:
        """With k: "top_5_accuracy"."""
        return f"top_{self.k}_accuracy"

    @classmethod
    def named(cls, name: str) -> Self | None:
        """Of any k."""
        found = re.fullmatch(r"top_(\d{1,4})_accuracy", name)
        k = int(found[1]) if found else 0
        return cls(k=k) if 2 <= k <= MOST_CLASSES_AHEAD else None

    def suits(self, task: Task) -> bool:
        """For several classes."""
        return task == "classification"

    def result(self, statistic: RankCounts) -> float:
        """Rows whose true class is among the first k; NaN without rows."""
        total = statistic.counts.sum()
        return float(statistic.counts[: self.k].sum() / total) if total > 0 else math.nan
