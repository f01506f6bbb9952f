"""Statistics of predictions, each gathered once and read by several metrics."""

import numpy as np
from numpy.typing import NDArray

from engine.metrics.base import Numbers, Statistic

SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)
"""Probabilities are taken to be at least this far from 0 and 1, as in scikit-learn's log_loss."""


UNDEFINED = -1
"""In place of the index of a predicted class, where nothing is predicted."""


def predicted_classes(outputs: NDArray[np.floating]) -> NDArray[np.intp]:
    """Class indices of probabilities (rows, classes); of the probability of yes, (rows, 1), 0 or 1.

    Of equal probabilities the first class counts; yes from .5 on; −1 where one is NaN, as of a network that
    has diverged.
    """
    if outputs.shape[1] == 1:
        largest: NDArray[np.intp] = (outputs[:, 0] >= 0.5).astype(np.intp)
    else:
        largest = outputs.argmax(axis=1)
    with np.errstate(all="ignore"):
        total = outputs.sum()
    # Without a NaN among them, or infinite ones of both signs, the sum is none.
    if np.isnan(total):
        largest[np.isnan(outputs).any(axis=1)] = UNDEFINED
    return largest


def class_indices(targets: NDArray[np.number]) -> NDArray[np.intp]:
    """Class indices (rows,) of targets: indices, (rows,) or (rows, 1), or probabilities (rows, classes)."""
    if targets.ndim == 2 and targets.shape[1] > 1:
        largest: NDArray[np.intp] = targets.argmax(axis=1)
        return largest
    return targets.reshape(-1).astype(np.intp)


class ConfusionCounts(Statistic):
    """The confusion matrix: `counts` (classes, classes), rows what is true, columns what is predicted.

    Weighted rows count as much as their weights. undefined : rows without a prediction, which are in no cell.
    """

    def __init__(self, outputs: int) -> None:
        super().__init__(outputs)
        classes = max(outputs, 2)
        self.counts = np.zeros((classes, classes))
        self.undefined = 0

    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None
    ) -> None:
        """Add rows of probabilities and class indices."""
        self.add_classes(predicted_classes(outputs), class_indices(targets), weights)

    def add_classes(
        self, predicted: NDArray[np.intp], actual: NDArray[np.intp], weights: Numbers | None = None
    ) -> None:
        """Add rows whose predicted classes are known already."""
        classes = len(self.counts)
        defined = predicted != UNDEFINED
        if not defined.all():
            self.undefined += len(defined) - int(defined.sum())
            predicted, actual = predicted[defined], actual[defined]
            weights = None if weights is None else weights[defined]
        pairs = actual * classes + predicted
        counts = np.bincount(pairs, weights, minlength=classes * classes)
        self.counts += counts.reshape(classes, classes)


class ProbabilityErrors(Statistic):
    """Sums of the log loss and of the squared errors of predicted probabilities."""

    def __init__(self, outputs: int) -> None:
        super().__init__(outputs)
        self.weight = self.log_loss = self.squares = 0.0

    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None
    ) -> None:
        """Add rows of probabilities and class indices."""
        actual = class_indices(targets)
        yes = outputs[:, 0] if outputs.shape[1] == 1 else None
        with np.errstate(all="ignore"):
            if yes is not None:
                certain = np.where(actual == 1, yes, 1 - yes)
                squares = (yes - actual) ** 2
            else:
                certain = outputs[np.arange(len(actual)), actual]
                # Σ (p − one-hot)² = Σ p² − 2 p of the true class + 1, without making the one-hot rows.
                squares = np.einsum("ij,ij->i", outputs, outputs) - 2 * certain + 1
            losses = -np.log(np.clip(certain, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY))
        self.weight += float(len(actual) if weights is None else weights.sum())
        self.log_loss += float(losses.sum() if weights is None else losses @ weights)
        self.squares += float(squares.sum() if weights is None else squares @ weights)


class RankCounts(Statistic):
    """How often the true class has the first, second, … largest probability: `counts` (classes,).

    Of equal probabilities the class with the larger index comes first, as in scikit-learn's
    top_k_accuracy_score. A true class whose probability is NaN comes last.
    """

    def __init__(self, outputs: int) -> None:
        super().__init__(outputs)
        self.counts = np.zeros(max(outputs, 2))

    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None
    ) -> None:
        """Add rows of probabilities and class indices."""
        actual = class_indices(targets)
        own = outputs[np.arange(len(actual)), actual][:, np.newaxis]
        behind = np.arange(outputs.shape[1]) > actual[:, np.newaxis]
        ranks = ((outputs > own) | ((outputs == own) & behind)).sum(axis=1)
        ranks[np.isnan(own[:, 0])] = outputs.shape[1] - 1
        self.counts += np.bincount(ranks, weights, minlength=len(self.counts))


class AllRows(Statistic):
    """All predictions and targets, for what cannot be computed from sums: 16 bytes or more a row."""

    def __init__(self, outputs: int) -> None:
        super().__init__(outputs)
        self._outputs: list[Numbers] = []
        self._targets: list[NDArray[np.number]] = []
        self._weights: list[Numbers | None] = []

    def update(
        self, outputs: NDArray[np.floating], targets: NDArray[np.number], weights: Numbers | None
    ) -> None:
        """Add rows."""
        self._outputs.append(np.asarray(outputs, np.float64))
        self._targets.append(targets)
        self._weights.append(weights)

    @property
    def predicted(self) -> Numbers:
        """Shape (rows, outputs)."""
        return np.concatenate(self._outputs) if self._outputs else np.empty((0, self.outputs))

    @property
    def actual(self) -> Numbers:
        """Numbers, shape (rows, outputs)."""
        if not self._targets:
            return np.empty((0, self.outputs))
        return np.concatenate(self._targets).astype(np.float64).reshape(-1, self.outputs)

    @property
    def classes(self) -> NDArray[np.intp]:
        """Class indices, shape (rows,)."""
        return class_indices(np.concatenate(self._targets)) if self._targets else np.empty(0, np.intp)

    @property
    def weights(self) -> Numbers | None:
        """Shape (rows,); None where no row has one."""
        if all(one is None for one in self._weights):
            return None
        pairs = zip(self._weights, self._outputs, strict=True)
        return np.concatenate([np.ones(len(rows)) if one is None else one for one, rows in pairs])
