"""Runs a network over whole parts of the data, in chunks, and scores it."""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.assembly import predictions
from engine.data import Dataset
from engine.experiment import Experiment
from engine.losses import Loss
from engine.network import Network
from engine.training.evaluation import (
    Scores,
    classes_of,
    classification_metrics,
    confusion_matrix,
    regression_metrics,
)

CHUNK_ROWS = 512
"""Rows at a time: enough for the matrix products, small enough for the cache."""

SECONDS_A_PIECE = 0.005
"""How long scoring goes on before it lets its driver look up."""


class Evaluator:
    """Forward passes without training: outputs, loss and scores on any rows. Owns its workspaces."""

    def __init__(self, network: Network, loss: Loss) -> None:
        self._network, self._loss = network, loss
        self._workspaces = network.workspaces(CHUNK_ROWS)
        self._scratch = {
            name: np.empty((CHUNK_ROWS, *shape), network.dtype)
            for name, shape in loss.buffers(network.output_shape).items()
        }

    def outputs(self, inputs: Array) -> Array:
        """The network's outputs (rows, outputs) for prepared inputs (rows, *input_shape)."""
        out = np.empty((len(inputs), *self._network.output_shape), self._network.dtype)
        for _ in self.fill_outputs(inputs, out):
            pass
        return out

    def fill_outputs(self, inputs: Array, out: Array) -> Iterator[None]:
        """Write the outputs for all inputs into `out`, a chunk at a time."""
        for start in range(0, len(inputs), CHUNK_ROWS):
            x = inputs[start : start + CHUNK_ROWS]
            with np.errstate(all="ignore"):
                out[start : start + len(x)] = self._network.forward(x, self._workspaces.rows(len(x)))
            yield

    def all_activations(self, inputs: Array, wanted: dict[int, Array]) -> dict[int, Array]:
        """Fill, for each wanted layer, its outputs for all rows."""
        network = self._network
        for start in range(0, len(inputs), CHUNK_ROWS):
            x = inputs[start : start + CHUNK_ROWS]
            rows = len(x)
            layers = zip(network.layers, network.parameter_views, self._workspaces.rows(rows), strict=True)
            for index, (layer, parameters, workspace) in enumerate(layers):
                x = layer.forward(parameters, x, workspace, False)
                if index in wanted:
                    wanted[index][start : start + rows] = x
        return wanted

    def loss(self, outputs: Array, targets: Array) -> float:
        """The mean loss, without penalty."""
        total = total_weight = 0.0
        for start in range(0, len(outputs), CHUNK_ROWS):
            output, target = outputs[start : start + CHUNK_ROWS], targets[start : start + CHUNK_ROWS]
            scratch = {name: array[: len(output)] for name, array in self._scratch.items()}
            weight = self._loss.weight(target)
            total += self._loss.forward(output, target, scratch) * weight
            total_weight += weight
        return total / total_weight if len(outputs) else float("nan")

    def scoring(
        self, experiment: Experiment, dataset: Dataset, part: str, limit: int | None = None
    ) -> "Scoring":
        """Scores on a part of the data (on `limit` evenly spaced rows of it where given), piece by piece."""
        return Scoring(self, experiment, dataset, part, limit)


class Scoring:
    """Iterates over pieces of work of some milliseconds; after the last, `result` holds the scores.

    `result` stays None where the part has no rows.
    """

    def __init__(
        self, evaluator: Evaluator, experiment: Experiment, dataset: Dataset, part: str, limit: int | None
    ) -> None:
        self._evaluator, self._experiment, self._dataset = evaluator, experiment, dataset
        self._part = part
        chosen = dataset.part(part)
        self._inputs, self._targets = chosen.inputs, chosen.targets
        if limit is not None and len(self._inputs) > limit:
            rows: NDArray[np.intp] = np.linspace(0, len(self._inputs) - 1, limit).astype(np.intp)
            self._inputs, self._targets = self._inputs[rows], self._targets[rows]
        self.result: Scores | None = None

    def __iter__(self) -> Iterator[None]:
        if not len(self._inputs):
            return
        outputs = np.empty_like(self._targets)
        last = time.perf_counter()
        for _ in self._evaluator.fill_outputs(self._inputs, outputs):
            now = time.perf_counter()
            if now - last > SECONDS_A_PIECE:
                yield
                last = time.perf_counter()
        with np.errstate(all="ignore"):
            self.result = self._score(outputs)

    def _score(self, outputs: Array) -> Scores:
        dataset, targets, rows = self._dataset, self._targets, len(self._targets)
        loss = self._evaluator.loss(outputs, targets)
        if dataset.task == "regression":
            actual, predicted = dataset.in_target_units(targets), dataset.in_target_units(outputs)
            metrics = regression_metrics(actual, predicted)
            return Scores(self._part, rows, loss, metrics, actual=actual, predicted=predicted)
        confusion = confusion_matrix(
            classes_of(targets, dataset.task),
            classes_of(predictions(self._experiment, dataset.task, outputs), dataset.task),
            max(len(dataset.classes), 2),
        )
        metrics = classification_metrics(confusion, dataset.task == "binary")
        return Scores(self._part, rows, loss, metrics, confusion=confusion)
