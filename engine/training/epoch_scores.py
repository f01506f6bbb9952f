"""The scores after an epoch: validation, and as much of training as takes little of the time."""

import time
from collections.abc import Iterator

from engine.data import Dataset
from engine.experiment import Experiment
from engine.training.evaluation import Scores
from engine.training.evaluator import Evaluator
from engine.training.worker_pool import WorkerPool

SHARE_SCORED = 1 / 16
LEAST_ROWS_SCORED, MOST_ROWS_SCORED = 1024, 4096
"""Of the training examples a share is scored, which takes a few hundredths of the epoch; but all of few, and
no more of many than tell two accuracies apart. Scores after a run are from all."""


def rows_scored(rows: int) -> int:
    """How many of so many training examples are scored after each epoch."""
    return min(max(round(rows * SHARE_SCORED), LEAST_ROWS_SCORED), MOST_ROWS_SCORED, rows)


class EpochScores:
    """Iterates over pieces of work of some milliseconds.

    After the last, `training` and `validation` hold the scores, None where a part has no rows; and `seconds`
    the time that they took, without what was done between the pieces.
    training_loss : whether the loss on training examples is wanted too; NaN otherwise.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        experiment: Experiment,
        dataset: Dataset,
        pool: WorkerPool,
        training_loss: bool,
    ) -> None:
        self.seconds = 0.0
        limit = rows_scored(dataset.training.rows_count)
        self._training, self._validation = (
            evaluator.scoring(experiment, dataset, part, rows, samples=False, loss=with_loss, pool=pool)
            for part, rows, with_loss in (("training", limit, training_loss), ("validation", None, True))
        )

    @property
    def training(self) -> Scores | None:
        return self._training.result

    @property
    def validation(self) -> Scores | None:
        return self._validation.result

    def __iter__(self) -> Iterator[None]:
        for scoring in (self._training, self._validation):
            started = time.perf_counter()
            for _ in scoring:
                self.seconds += time.perf_counter() - started
                yield
                started = time.perf_counter()
            self.seconds += time.perf_counter() - started
