"""Runs a network over whole parts of the data, in chunks, and scores it."""

import math
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, ClassIndices, Targets, even_slices
from engine.data import Dataset
from engine.experiment import Experiment
from engine.losses import Loss
from engine.losses.class_indices import real_rows
from engine.network import Network
from engine.network_assembly import predictions
from engine.training.evaluation import (
    Scores,
    classes_of,
    classification_metrics,
    confusion_matrix,
    regression_metrics,
)
from engine.training.memory_estimate import numbers_per_sample
from engine.training.parallelism import batch_worker_pool, limited_to
from engine.training.reconstruction import Reconstruction, Tally, largest_errors, worst_samples
from engine.training.running_loss import RunningLoss, mean_loss
from engine.training.worker_pool import WorkerPool

MOST_ROWS_AT_ONCE = 512
"""Enough for the matrix products, small enough for the cache."""

NUMBERS_AT_ONCE = 4_000_000
"""Fewer rows where layers keep many numbers of each: 16 MB in float32, and some milliseconds of work."""

SECONDS_A_PIECE = 0.005
"""How long scoring goes on before it lets its driver look up."""


def rows_at_once(numbers: int) -> int:
    """How many rows are scored at a time, of a network that keeps so many numbers of each."""
    return max(min(MOST_ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(numbers, 1)), 1)


class Evaluator:
    """Forward passes without training: outputs, loss and scores on any rows. Owns its workspaces."""

    def __init__(self, network: Network, loss: Loss) -> None:
        self._network, self._loss = network, loss
        self._rows = rows_at_once(numbers_per_sample(network.layers, network.shapes))
        self._workspaces = [network.workspaces(self._rows)]
        self._scratch = {
            name: np.empty((self._rows, *shape), network.dtype)
            for name, shape in loss.workspace_arrays(network.output_shape).items()
        }
        self.rows_done = 0
        """How many rows of the part at hand have gone through the network."""

    def outputs(self, inputs: Array) -> Array:
        """The network's outputs (rows, outputs) for prepared inputs (rows, *input_shape).

        Where there are many, on as many threads as training would use.
        """
        network = self._network
        out = np.empty((len(inputs), *network.output_shape), network.dtype)
        if len(inputs) <= self._rows:
            for _ in self.fill_outputs(inputs, out):
                pass
            return out
        pool = batch_worker_pool(network, self._rows)
        try:
            with limited_to(1):
                for _ in self.fill_outputs(inputs, out, pool):
                    pass
        finally:
            pool.shutdown()
        return out

    def fill_outputs(self, inputs: Array, out: Array, pool: WorkerPool | None = None) -> Iterator[None]:
        """Write the outputs for all inputs into `out`, a chunk at a time."""
        for found in self.chunks(inputs, pool):
            for rows, output in found:
                out[rows] = output
            yield

    def chunks(self, inputs: Array, pool: WorkerPool | None = None) -> Iterator[list[tuple[slice, Array]]]:
        """Rows, and the outputs for them, of the chunks that are worked on at the same time.

        The outputs are views that live until the next are asked for, or anything else of this evaluator:
        whoever lets others look up has to have read them all before.
        pool : those who work on several chunks at the same time.
        """
        size = pool.size if pool is not None else 1
        # As many chunks as members can work on at the same time, all of about one size.
        count = -(-len(inputs) // self._rows)
        count = -(-count // size) * size if count > 1 else count
        places = even_slices(len(inputs), count)
        while len(self._workspaces) < size:
            self._workspaces.append(self._network.workspaces(self._rows))
        for first in range(0, len(places), size):
            now = places[first : first + size]
            outputs = [np.empty(0, self._network.dtype)] * len(now)

            def work(number: int, rows: slice, outputs: list[Array] = outputs) -> None:
                x = inputs[rows]
                outputs[number] = self._network.forward(x, self._workspaces[number].rows(len(x)))

            with np.errstate(all="ignore"):
                if pool is not None and len(now) == size > 1:
                    pool.run([partial(work, number, rows) for number, rows in enumerate(now)])
                else:
                    for number, rows in enumerate(now):
                        work(number, rows)
            self.rows_done = now[-1].stop
            yield list(zip(now, outputs, strict=True))

    def all_activations(self, inputs: Array, wanted: dict[int, Array]) -> dict[int, Array]:
        """Fill, for each wanted layer, its outputs for all rows."""
        network = self._network
        for start in range(0, len(inputs), self._rows):
            x = inputs[start : start + self._rows]
            rows = len(x)
            spaces = self._workspaces[0].rows(rows)
            layers = zip(network.layers, network.parameter_views, spaces, strict=True)
            for index, (layer, parameters, workspace) in enumerate(layers):
                x = layer.forward(parameters, x, workspace, False)
                if index in wanted:
                    wanted[index][start : start + rows] = x
        return wanted

    def loss(self, outputs: Array, targets: Targets) -> float:
        """The mean loss, without penalty; NaN where there is no example, or none that counts."""
        found = self.running_loss(targets)
        found.add(outputs)
        return found.mean()

    def running_loss(self, targets: Targets) -> RunningLoss:
        """The mean loss for these targets, of outputs that are added piece by piece."""
        return RunningLoss(self.chunk_loss, targets, self._rows)

    def chunk_loss(self, output: Array, target: Targets) -> tuple[float, float]:
        """The mean loss of one chunk, and what it counts in a mean over several."""
        scratch = {name: array[: len(output)] for name, array in self._scratch.items()}
        if self._loss.inverse_link == "sigmoid":
            # Inputs to be reconstructed, scaled to the training's range, may lie beyond it where they are
            # held out: they are no shares of yes then, and the loss of them would have no lower bound.
            target = target.clip(0.0, 1.0)
        return self._loss.forward(output, target, scratch), self._loss.weight(target, output.dtype)

    def scoring(
        self,
        experiment: Experiment,
        dataset: Dataset,
        part: str,
        limit: int | None = None,
        samples: bool = True,
        loss: bool = True,
        pool: WorkerPool | None = None,
    ) -> "Scoring":
        """Scores on a part of the data (on `limit` evenly spaced rows of it where given), piece by piece.

        samples : where inputs are reconstructed, the scores say of each sample how it comes back, too.
        loss : False where nobody asks for it; it is NaN then. pool : those who share the work.
        """
        return Scoring(self, experiment, dataset, part, limit, samples, loss, pool)


class Scoring:
    """Iterates over pieces of work of some milliseconds; after the last, `result` holds the scores.

    `result` stays None where the part has no rows.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        experiment: Experiment,
        dataset: Dataset,
        part: str,
        limit: int | None,
        samples: bool,
        loss: bool,
        pool: WorkerPool | None,
    ) -> None:
        self._evaluator, self._experiment, self._dataset = evaluator, experiment, dataset
        self._part, self._one_by_one, self._with_loss, self._pool = part, samples, loss, pool
        chosen = dataset.part(part)
        self._inputs, self._targets, self._rows = chosen.inputs, chosen.targets, chosen.rows
        if limit is not None and len(self._inputs) > limit:
            rows: NDArray[np.intp] = np.linspace(0, len(self._inputs) - 1, limit).astype(np.intp)
            self._inputs, self._rows = self._inputs[rows], self._rows[rows]
            self._targets = self._targets[rows]
        self.result: Scores | None = None

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
        """Score predictions of several classes; of the outputs only the predicted class numbers are kept."""
        loss = self._evaluator.running_loss(self._targets)
        predicted = np.empty(len(self._targets), np.intp)
        for found in self._evaluator.chunks(self._inputs, self._pool):
            for rows, output in found:
                # The class with the largest score has the largest probability.
                predicted[rows] = classes_of(output, "classification")
                if self._with_loss:
                    with np.errstate(all="ignore"):
                        loss.add(output)
            yield
        with np.errstate(all="ignore"):
            mean = loss.mean() if self._with_loss else math.nan
        self.result = self._score_of_classes(predicted, mean)

    def _predict(self) -> Iterator[None]:
        """Score predictions of a number, or of yes or no."""
        outputs = np.empty_like(real_rows(self._targets))
        yield from self._evaluator.fill_outputs(self._inputs, outputs, self._pool)
        with np.errstate(all="ignore"):
            self.result = self._score(outputs)

    def _reconstruct(self) -> Iterator[None]:
        """Score reconstructions of the inputs; there may be too many numbers in them to keep all outputs."""
        evaluator, total, total_weight = self._evaluator, 0.0, 0.0
        all_targets = real_rows(self._targets)
        tally = Tally(all_targets[0], len(all_targets))
        for found in evaluator.chunks(self._inputs, self._pool):
            for rows, output in found:
                targets = all_targets[rows]
                with np.errstate(all="ignore"):
                    loss, weight = evaluator.chunk_loss(output, targets)
                    tally.add(targets, predictions(self._experiment, self._dataset.task, output))
                total, total_weight = total + loss * weight, total_weight + weight
            yield
        with np.errstate(all="ignore"):
            metrics = tally.metrics()
            samples = self._samples(tally.errors) if self._one_by_one else None
        loss = mean_loss(total, total_weight)
        self.result = Scores(self._part, len(self._rows), loss, metrics, reconstruction=samples)

    def _samples(self, errors: NDArray[np.float64]) -> Reconstruction:
        dataset, places = self._dataset, largest_errors(errors)
        inputs, rows = self._inputs[places], self._rows[places]
        outputs = predictions(self._experiment, dataset.task, self._evaluator.outputs(inputs))
        worst = worst_samples(dataset, rows, inputs, outputs)
        label = dataset.label.name if dataset.label is not None else ""
        return Reconstruction(errors, self._rows, worst, label)

    def _score(self, outputs: Array) -> Scores:
        dataset, targets, rows = self._dataset, self._targets, len(self._targets)
        loss = self._evaluator.loss(outputs, targets) if self._with_loss else math.nan
        if dataset.task == "regression":
            actual = dataset.in_target_units(real_rows(targets))
            predicted = dataset.in_target_units(outputs)
            metrics = regression_metrics(actual, predicted)
            return Scores(self._part, rows, loss, metrics, actual=actual, predicted=predicted)
        outputs = predictions(self._experiment, dataset.task, outputs)
        return self._score_of_classes(classes_of(outputs, dataset.task), loss)

    def _score_of_classes(self, predicted: ClassIndices, loss: float) -> Scores:
        dataset, rows = self._dataset, len(self._targets)
        actual = classes_of(self._targets, dataset.task)
        confusion = confusion_matrix(actual, predicted, max(len(dataset.classes), 2))
        metrics = classification_metrics(confusion, dataset.task == "binary")
        return Scores(self._part, rows, loss, metrics, confusion=confusion)
