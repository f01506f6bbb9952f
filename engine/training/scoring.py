"""Scores of a network on parts of the data: the loss, and the metrics of `engine.metrics`."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.data import Dataset
from engine.data.stored_arrays import rows_of
from engine.errors import UserError
from engine.experiment import Experiment
from engine.losses.base import real_rows
from engine.metrics import USUAL, Measurement, Metric, metrics_for
from engine.metrics.regression import ReconstructionSums
from engine.metrics.statistics import ConfusionCounts, class_indices, predicted_classes
from engine.network_assembly import predictions
from engine.tasks import TASK_TITLES, Task
from engine.training.evaluator import Evaluator, mean_loss
from engine.training.reconstruction import Reconstruction, largest_errors, worst_samples
from engine.training.worker_pool import WorkerPool

SECONDS_A_PIECE = 0.005
"""How long scoring goes on before it lets its driver look up."""

MOST_NUMBERS_KEPT = 4_000_000
"""Metrics for which all probabilities have to be kept are left out where there are more of them (32 MB),
unless they are asked for."""

FRACTION_SCORED = 1 / 16
LEAST_ROWS_SCORED, MOST_ROWS_SCORED = 1024, 4096
"""Of the training examples a fraction is scored after each epoch, which takes a few hundredths of it; but all
of few, and no more of many than tell two accuracies apart. Scores after a run are from all."""


@dataclass(frozen=True)
class Scores:
    """How good a model is on one part of the data.

    loss : mean loss without penalty. metrics : by name, NaN where undefined.
    confusion : (classes, classes) counts, rows what is true, columns what is predicted; None for numbers.
        Each example is counted once, whatever its sample weight, which metrics and loss take into account.
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


def recorded_metrics(experiment: Experiment, task: Task) -> tuple[Metric, ...]:
    """What a run measures after each epoch: the usual metrics of its task, and those that it asks for.

    Raises UserError where one does not suit the task.
    """
    training, names = experiment.training, dict.fromkeys(USUAL[task])
    for place, metric in [("metrics", one) for one in training.metrics] + monitors(experiment):
        if not metric.suits(task):
            fitting = ", ".join(one.title for one in metrics_for(task))
            raise UserError(
                f"Training, {place}",
                expected=f"a metric for {TASK_TITLES[task]}",
                got=metric.title,
                help=f"Choose one of these: {fitting}.",
            )
        names[metric] = None
    return tuple(names)


def monitors(experiment: Experiment) -> list[tuple[str, Metric]]:
    """The metrics that decide on something in a run, each with the setting that names it."""
    training = experiment.training
    rule, schedule = training.early_stopping, training.schedule
    found = [
        ("early stopping, monitor", rule.monitor if rule is not None else None),
        ("schedule, monitor", schedule.monitored),
    ]
    return [(place, metric) for place, metric in found if metric is not None]


class Scoring:
    """Iterates over pieces of work of some milliseconds; after the last, `result` holds the scores.

    `result` stays None where the part has no rows.

    Parameters
    ----------
    part : of the data. limit : score so many evenly spaced rows of it; None for all.
    metrics : what is measured; None for all metrics of the task.
    samples : where inputs are reconstructed, the scores say of each sample how it comes back, too.
    loss : False where nobody asks for it; it is NaN then. pool : the workers that share the work.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        experiment: Experiment,
        dataset: Dataset,
        part: str,
        limit: int | None = None,
        *,
        metrics: Sequence[Metric] | None = None,
        samples: bool = True,
        loss: bool = True,
        pool: WorkerPool | None = None,
    ) -> None:
        self._evaluator, self._experiment, self._dataset = evaluator, experiment, dataset
        self._part, self._one_by_one, self._with_loss, self._pool = part, samples, loss, pool
        chosen = dataset.part(part)
        self._inputs, self._targets, self._rows = chosen.inputs, chosen.targets, chosen.rows
        self._weights = chosen.weights
        if limit is not None and len(self._inputs) > limit:
            rows: NDArray[np.intp] = np.linspace(0, len(self._inputs) - 1, limit).astype(np.intp)
            self._inputs, self._rows = rows_of(self._inputs, rows), self._rows[rows]
            self._targets = self._targets[rows]
            self._weights = None if self._weights is None else self._weights[rows]
        self._measurement = Measurement(self._affordable() if metrics is None else metrics, self._outputs)
        self._unweighted: ConfusionCounts | None = None
        """Counts of examples, where those that metrics read are sums of weights."""
        if self._weights is not None and ConfusionCounts in self._measurement.statistics:
            self._unweighted = ConfusionCounts(self._outputs)
        self.result: Scores | None = None

    def _affordable(self) -> list[Metric]:
        """All metrics of the task, but for those that would need much memory."""
        dear = self._outputs > 1 and len(self._rows) * self._outputs > MOST_NUMBERS_KEPT
        return [metric for metric in metrics_for(self._dataset.task) if not (dear and metric.keeps_rows)]

    @property
    def _outputs(self) -> int:
        """Columns of the predictions."""
        dataset = self._dataset
        return math.prod(dataset.input_shape) if dataset.task == "reconstruction" else dataset.outputs

    def __iter__(self) -> Iterator[None]:
        if not len(self._inputs):
            return
        ways = {"reconstruction": self._reconstruct, "classification": self._classify}
        work = ways.get(self._dataset.task, self._predict)()
        last = time.perf_counter()
        for _ in work:
            now = time.perf_counter()
            if now - last > SECONDS_A_PIECE:
                yield
                last = time.perf_counter()

    def _classify(self) -> Iterator[None]:
        """Score predictions of several classes; probabilities are computed only where a metric needs them."""
        loss, statistics = (
            self._evaluator.running_loss(self._targets, self._weights),
            self._measurement.statistics,
        )
        others = [one for one in statistics.values() if not isinstance(one, ConfusionCounts)]
        predicted = np.empty(len(self._targets), np.intp)
        for found in self._evaluator.chunks(self._inputs, self._pool):
            for rows, output in found:
                # The class with the largest score has the largest probability.
                predicted[rows] = predicted_classes(output)
                with np.errstate(all="ignore"):
                    if others:
                        shares = predictions(self._experiment, self._dataset.task, output).astype(np.float64)
                        for statistic in others:
                            statistic.update(shares, self._targets[rows], self._weights_of(rows))
                    if self._with_loss:
                        loss.add(output)
            yield
        with np.errstate(all="ignore"):
            mean = loss.mean() if self._with_loss else math.nan
        confusion = statistics.get(ConfusionCounts)
        if confusion is not None:
            confusion.add_classes(predicted, class_indices(self._targets), self._weights)
        if self._unweighted is not None:
            self._unweighted.add_classes(predicted, class_indices(self._targets))
        self.result = self._scores(mean)

    def _predict(self) -> Iterator[None]:
        """Score predictions of a number, or of yes or no."""
        dataset, targets, weights = self._dataset, self._targets, self._weights
        outputs = np.empty_like(real_rows(targets))
        yield from self._evaluator.fill_outputs(self._inputs, outputs, self._pool)
        with np.errstate(all="ignore"):
            loss = self._evaluator.loss(outputs, targets, weights) if self._with_loss else math.nan
            if dataset.task == "regression":
                actual = dataset.in_target_units(real_rows(targets))
                predicted = dataset.in_target_units(outputs)
                self._measurement.update(predicted, actual, weights)
                self.result = self._scores(loss, actual, predicted)
            else:
                answers = predictions(self._experiment, dataset.task, outputs)
                self._measurement.update(answers, targets, weights)
                if self._unweighted is not None:
                    self._unweighted.update(answers, targets, None)
                self.result = self._scores(loss)

    def _reconstruct(self) -> Iterator[None]:
        """Score reconstructions of the inputs; there may be too many numbers in them to keep all outputs."""
        evaluator, total, total_weight = self._evaluator, 0.0, 0.0
        all_targets = real_rows(self._targets)
        for found in evaluator.chunks(self._inputs, self._pool):
            for rows, output in found:
                targets = all_targets[rows]
                with np.errstate(all="ignore"):
                    loss, weight = evaluator.chunk_loss(output, targets, self._weights_of(rows))
                    reconstructed = predictions(self._experiment, self._dataset.task, output)
                    self._measurement.add(reconstructed, targets, self._weights_of(rows))
                total, total_weight = total + loss * weight, total_weight + weight
            yield
        sums = self._measurement.statistics.get(ReconstructionSums)
        with np.errstate(all="ignore"):
            samples = self._samples(sums.errors) if self._one_by_one and sums is not None else None
            self.result = self._scores(mean_loss(total, total_weight), samples=samples)

    def _weights_of(self, rows: slice) -> NDArray[np.float64] | None:
        return None if self._weights is None else self._weights[rows]

    def _samples(self, errors: NDArray[np.float64]) -> Reconstruction:
        dataset, places = self._dataset, largest_errors(errors)
        inputs, rows = self._inputs[places], self._rows[places]
        outputs = predictions(self._experiment, dataset.task, self._evaluator.outputs(inputs))
        worst = worst_samples(dataset, rows, inputs, outputs)
        label = dataset.label.name if dataset.label is not None else ""
        return Reconstruction(errors, self._rows, worst, label)

    def _scores(
        self,
        loss: float,
        actual: NDArray[np.float64] | None = None,
        predicted: NDArray[np.float64] | None = None,
        samples: Reconstruction | None = None,
    ) -> Scores:
        confusion = self._unweighted or self._measurement.statistics.get(ConfusionCounts)
        counts = confusion.counts.astype(np.int64) if confusion is not None else None
        values = self._measurement.result()
        return Scores(self._part, len(self._rows), loss, values, counts, actual, predicted, samples)


def rows_scored(rows: int) -> int:
    """How many of so many training examples are scored after each epoch."""
    return min(max(round(rows * FRACTION_SCORED), LEAST_ROWS_SCORED), MOST_ROWS_SCORED, rows)


class EpochScores:
    """The scores after an epoch: iterates over pieces of work of some milliseconds.

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
        metrics = recorded_metrics(experiment, dataset.task)
        limit = rows_scored(dataset.training.rows_count)
        self._training, self._validation = (
            Scoring(
                evaluator,
                experiment,
                dataset,
                part,
                rows,
                metrics=metrics,
                samples=False,
                loss=loss,
                pool=pool,
            )
            for part, rows, loss in (("training", limit, training_loss), ("validation", None, True))
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
