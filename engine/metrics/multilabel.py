"""Metrics of several yes/no targets, each of which is predicted yes from the probability one half on."""

import math
from abc import abstractmethod
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.metrics.base import Format, Metric, Numbers, Statistic
from engine.tasks import Task

LabelAveraging = Literal["macro", "micro"]


class LabelCounts(Statistic):
    """How often each label is predicted right and wrong: arrays (labels,), weighted rows by their weights.

    hits : yes, and predicted so. predicted, actual : predicted yes, and truly yes. right : predicted right,
    yes or no. rows, all_right : all rows, and those with every label right.
    """

    def __init__(self, outputs: int) -> None:
        super().__init__(outputs)
        self.hits, self.predicted, self.actual, self.right = np.zeros((4, outputs))
        self.rows = self.all_right = 0.0

    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None
    ) -> None:
        """Add rows of probabilities and of targets 0 and 1, both (rows, labels)."""
        counted = np.ones(len(targets)) if weights is None else weights
        predicted, actual = outputs >= 0.5, targets >= 0.5
        right = predicted == actual
        self.hits += counted @ (predicted & actual)
        self.predicted += counted @ predicted
        self.actual += counted @ actual
        self.right += counted @ right
        self.rows += float(counted.sum())
        self.all_right += float(counted @ right.all(axis=1))


class LabelMetric(Metric):
    """A metric of several yes/no targets."""

    statistic = LabelCounts

    def suits(self, task: Task) -> bool:
        """For several times yes or no."""
        return task == "multilabel"

    def result(self, statistic: LabelCounts) -> float:
        """NaN without rows."""
        return self.of_counts(statistic) if statistic.rows > 0 else math.nan

    @abstractmethod
    def of_counts(self, counts: LabelCounts) -> float:
        """From the counts of at least one row."""


class LabelAccuracy(LabelMetric):
    """Fraction of all labels of all rows that are predicted right: 1 − Hamming loss (scikit-learn)."""

    heading: ClassVar[str] = "Label accuracy"
    explanation: ClassVar[str] = "Fraction of the yes/no answers that are right, all targets taken together."
    format: ClassVar[Format] = "percent"
    kind: Literal["label_accuracy"] = "label_accuracy"

    def of_counts(self, counts: LabelCounts) -> float:
        """The mean over the labels."""
        return float(counts.right.mean() / counts.rows)


class SubsetAccuracy(LabelMetric):
    """Fraction of the rows with every label right: scikit-learn's accuracy_score of several labels."""

    heading: ClassVar[str] = "Subset accuracy"
    explanation: ClassVar[str] = "Fraction of the rows in which the answers to all targets are right."
    format: ClassVar[Format] = "percent"
    kind: Literal["subset_accuracy"] = "subset_accuracy"

    def of_counts(self, counts: LabelCounts) -> float:
        """Rows with all right over rows."""
        return counts.all_right / counts.rows


class LabelF1(LabelMetric):
    """F1 = 2 · hits / (predicted + actual) of yes; a ratio without a denominator is 0.

    Macro: the mean of the labels' F1. Micro: from the counts of all labels together.
    """

    heading: ClassVar[str] = "Label F1"
    explanation: ClassVar[str] = "Mean of precision and recall of yes, averaged over the targets."
    kind: Literal["label_f1"] = "label_f1"

    averaging: LabelAveraging = Field(
        "macro",
        title="Averaging",
        description="Macro: each target counts the same. Micro: as often as it is yes.",
    )

    @classmethod
    def variants(cls) -> tuple[Self, ...]:
        """With each averaging."""
        return cls(averaging="macro"), cls(averaging="micro")

    @property
    def title(self) -> str:
        """With the averaging."""
        return f"{self.heading} ({self.averaging})"

    @property
    def name(self) -> str:
        """With the averaging: "label_f1_macro"."""
        return f"{super().name}_{self.averaging}"

    def of_counts(self, counts: LabelCounts) -> float:
        """The average over labels."""
        hits, either = 2 * counts.hits, counts.predicted + counts.actual
        if self.averaging == "micro":
            hits, either = hits.sum(keepdims=True), either.sum(keepdims=True)
        ratios = np.divide(hits, either, out=np.zeros_like(hits), where=either > 0)
        return float(ratios.mean())
