"""Cross-validation: an experiment is trained once for each fold, and its scores on the rows left out are
averaged.

Reference: Stone 1974, Cross-validatory choice and assessment of statistical predictions; the standard error
as in Hastie, Tibshirani & Friedman, The elements of statistical learning, section 7.10.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.data import DataSettings, Table, prepare
from engine.data.splitting.folds import folds, in_sequence
from engine.experiment import Experiment
from engine.progress import Progress
from engine.training.scoring import recorded_metrics
from engine.training.trainer import Trainer

FOLDS, REPEATS = 5, 1


@dataclass(frozen=True)
class FoldScores:
    """Scores of one model on the rows that it was neither trained nor validated on. repeat, fold : from 1."""

    repeat: int
    fold: int
    rows: int
    epochs: int
    values: Mapping[str, float]
    """The loss, and the usual metrics of the task by name; NaN where undefined."""


@dataclass(frozen=True)
class CrossValidationResult:
    """The scores of the folds, in order; of those that are done, where it was ended early."""

    folds: int
    repeats: int
    scores: tuple[FoldScores, ...]
    names: tuple[str, ...]
    """Of the scores: the loss first."""

    def mean(self, name: str) -> float:
        """The mean of a score over the folds; NaN without any."""
        values = self._values(name)
        return float(values.mean()) if len(values) else math.nan

    def standard_error(self, name: str) -> float:
        """Standard deviation over the folds divided by the root of their number; NaN for fewer than two.

        Folds share training rows, so that the true error is somewhat larger.
        """
        values = self._values(name)
        return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan

    def _values(self, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array([one.values[name] for one in self.scores], np.float64)


class CrossValidation:
    """Iterates over the steps of all trainings, giving how many of `steps` are done; `result` reads scores.

    The loop may be left after any step; iterating again goes on with the fold under way from its start.

    Parameters
    ----------
    experiment : what is trained; with early stopping, a fold stops by its own validation part.
    table : all rows; None to read it first from the source of the experiment.
    count, repeats : see `engine.data.splitting.folds`, which raises a UserError where they cannot be.
    """

    def __init__(
        self,
        experiment: Experiment,
        table: Table | None = None,
        *,
        count: int = FOLDS,
        repeats: int = REPEATS,
    ) -> None:
        self.experiment, self._table = experiment, table
        self.count, self.repeats = count, 1 if in_sequence(experiment.data) else repeats
        self.steps = 1000 * count * self.repeats
        """Thousandths of the epochs of all folds."""
        self._scores: list[FoldScores] = []
        self._names: tuple[str, ...] = ("loss",)

    @property
    def data(self) -> DataSettings:
        """Where the rows come from, and how they are split."""
        return self.experiment.data

    def __iter__(self) -> Iterator[int]:
        if self._table is None:
            self._table = self.data.load(Progress())
            yield 0
        done = len(self._scores)
        for number, fold in enumerate(folds(self.data, self._table, self.count, self.repeats)):
            if number < done:
                continue
            dataset = prepare(self.data, self._table, self.experiment.dtype, parts=fold.parts)
            training = self.experiment.training
            # Every repeat starts from other weights, too.
            seed = (training.seed + fold.repeat) % 2**32
            trial = Trainer(self.experiment.replace(training=training.replace(seed=seed)), dataset)
            for _ in trial.run():
                yield min(int(1000 * (number + trial.position / training.epochs)), self.steps)
            metrics = recorded_metrics(self.experiment, dataset.task)
            found = trial.evaluate("test")
            values = {"loss": found.loss} | {one.name: found.metrics[one.name] for one in metrics}
            self._names = tuple(values)
            rows = dataset.test.rows_count
            self._scores.append(FoldScores(fold.repeat + 1, fold.number + 1, rows, trial.epoch, values))
            yield 1000 * (number + 1)

    def result(self) -> CrossValidationResult:
        """What the folds so far tell."""
        return CrossValidationResult(self.count, self.repeats, tuple(self._scores), self._names)
