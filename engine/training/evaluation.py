"""Scores of outputs against what is true: accuracy, F1 and their kin, R² and errors in target units."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.arrays import ClassIndices, Targets
from engine.losses.class_indices import are_class_indices
from engine.tasks import Task
from engine.training.reconstruction import Reconstruction

METRICS: dict[Task, tuple[str, ...]] = {
    "classification": ("accuracy", "balanced_accuracy", "f1"),
    "binary": ("accuracy", "balanced_accuracy", "f1"),
    "regression": ("r2", "rmse", "mae"),
    "reconstruction": ("explained_variance", "mse"),
}
"""Names of the scores for each kind of task; the first is the one shown large."""


@dataclass(frozen=True)
class Scores:
    """How good a model is on one part of the data.

    loss : mean loss without penalty. metrics : by name, NaN where undefined.
    confusion : (classes, classes) counts, rows what is true, columns what is predicted; None for numbers.
    actual, predicted : (rows, outputs) in the target's own units; None for classes and for reconstruction.
    reconstruction : the samples one by one, where the input itself is learned; None for other tasks, and
    where they were not asked for.
    """

    part: str
    rows: int
    loss: float
    metrics: dict[str, float] = field(default_factory=dict)
    confusion: NDArray[np.int64] | None = None
    actual: NDArray[np.float64] | None = None
    predicted: NDArray[np.float64] | None = None
    reconstruction: Reconstruction | None = None


def confusion_matrix(
    actual: NDArray[np.intp], predicted: NDArray[np.intp], classes: int
) -> NDArray[np.int64]:
    """Counts (classes, classes): row = true class, column = predicted class."""
    pairs = actual * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def classification_metrics(confusion: NDArray[np.int64], binary: bool) -> dict[str, float]:
    """Accuracy; balanced accuracy (mean recall over classes that occur); F1 (of "yes", else macro mean).

    As in scikit-learn: macro F1 is over all classes that occur or are predicted, 0 where nothing is right.
    """
    hits = np.diag(confusion).astype(np.float64)
    actual, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    total = confusion.sum()
    if total == 0:
        return dict.fromkeys(("accuracy", "balanced_accuracy", "f1"), float("nan"))
    occurs = actual > 0
    recall = hits[occurs] / actual[occurs]
    f1 = 2 * hits / np.maximum(actual + predicted, 1)
    return {
        "accuracy": float(hits.sum() / total),
        "balanced_accuracy": float(recall.mean()),
        "f1": float(f1[1] if binary else f1[(actual + predicted) > 0].mean()),
    }


def regression_metrics(actual: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    """R², root mean squared error and mean absolute error, over (rows, outputs); R² is the mean over outputs.

    R² is NaN for fewer than two rows or a target that does not vary.
    """
    if len(actual) == 0:
        return dict.fromkeys(("r2", "rmse", "mae"), float("nan"))
    residual = predicted - actual
    spread = ((actual - actual.mean(axis=0)) ** 2).sum(axis=0)
    squares = (residual**2).sum(axis=0)
    # Rounding may give a target that does not vary a mean beside it, and so a spread.
    defined = (actual.max(axis=0) > actual.min(axis=0)) & (spread > 0)
    r2 = float((1 - squares[defined] / spread[defined]).mean()) if defined.any() else float("nan")
    return {
        "r2": r2,
        "rmse": float(np.sqrt((residual**2).mean())),
        "mae": float(np.abs(residual).mean()),
    }


def classes_of(values: Targets, task: Task) -> ClassIndices:
    """Class numbers from probabilities (n, k), or as they are; yes/no: one column, yes from .5 on."""
    if task == "binary":
        return (values[:, 0] >= 0.5).astype(np.intp)
    classes: ClassIndices = values if are_class_indices(values) else values.argmax(axis=1)
    return classes
