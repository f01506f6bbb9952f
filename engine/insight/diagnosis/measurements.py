"""What findings are drawn from: the record of a run, and measurements of it on a fixed sample of rows."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.experiment import Experiment
from engine.insight.layer_statistics import LayerStatisticsQuery, NetworkStatistics
from engine.insight.overfit_findings import LossBounds
from engine.layers import Layer
from engine.losses import Loss
from engine.losses.base import are_class_indices, probability_rows
from engine.tasks import Task
from engine.training.stopping import StopReason
from engine.training.trainer import Trainer

RECENT_STEPS = 200
MOST_ROWS, MOST_NUMBERS = 1024, 200_000
"""Of the sample of targets, which has all rows of small data."""
MOST_INPUTS = 500_000
MOST_NETWORK_ROWS = 256

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Classes:
    """Of a task with classes, over a sample of training rows: the share of each class among the targets and
    among the predictions, (classes,), and of the rows that are predicted right."""

    targets: Numbers
    predicted: Numbers
    accuracy: float


@dataclass(frozen=True, eq=False)
class Measurements:
    """A run at one step boundary.

    training, validation : losses of all epochs. steps : columns of the last 200 steps, see History.
    first_loss : of the first batch; NaN before it. guess : loss of the best answer that is the same for
    all rows; NaN where it is not known. inputs : (values,) standard deviation and largest magnitude of
    each input over a sample, where inputs are numbers. batch_rows : rows in a batch.
    """

    experiment: Experiment
    task: Task
    loss: Loss
    layers: tuple[Layer, ...]
    names: tuple[str, ...]
    trained: tuple[int, ...]
    step: int
    epoch: int
    steps_per_epoch: int
    stop: StopReason | None
    training: Numbers
    validation: Numbers
    steps: dict[str, Numbers]
    first_loss: float
    guess: float
    target_range: tuple[float, float]
    statistics: NetworkStatistics
    classes: Classes | None
    inputs: tuple[Numbers, Numbers] | None
    batch_rows: int
    bad_rows: tuple[int, ...]
    """Rows of the table, from 0, in the batch that the run stopped at."""

    @property
    def rate(self) -> float:
        """The learning rate of the last step; before the first, the one that is set."""
        taken = self.steps["learning_rate"]
        return float(taken[-1]) if len(taken) else self.experiment.training.optimizer.learning_rate

    @property
    def current_loss(self) -> float:
        """Mean of the last three epochs' training losses, or of the last steps within the first epochs."""
        if len(self.training) >= 3:
            return float(self.training[-3:].mean())
        return float(self.steps["loss"][-20:].mean()) if self.step else math.nan

    def gradient(self, layer: int) -> float:
        """Median norm of a layer's gradient over the recent steps; NaN before the first."""
        return median(self.steps[f"gradient_norm/{layer}"])

    def update_ratio(self, layer: int) -> float:
        """Median of ‖change‖ / ‖weights‖ over the recent steps; NaN where there is none."""
        return median(self.steps[f"update_ratio/{layer}"])

    @property
    def largest_ratio(self) -> float:
        """Of all layers; 0 where none is known."""
        found = [self.update_ratio(layer) for layer in self.trained]
        return max([ratio for ratio in found if not math.isnan(ratio)], default=0.0)


def median(values: Numbers) -> float:
    """Of the finite ones; NaN where there are none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else math.nan


def measure(trainer: Trainer) -> Measurements:
    """Measure a run; changes nothing of it. A few forward passes over at most 256 rows, and less for large
    networks."""
    network, history, part = trainer.network, trainer.history, trainer.dataset.training
    count = history.steps.count
    columns = [name for name in history.steps.columns if name not in ("zero_weights", "epoch")]
    steps = {name: history.steps.read(name, count - RECENT_STEPS, count) for name in columns}
    epochs = history.epochs.count
    chosen = _evenly(part.rows_count, min(MOST_ROWS, MOST_NUMBERS // max(trainer.dataset.outputs, 1)))
    targets = np.empty((len(chosen), trainer.dataset.outputs), network.dtype)
    picked = part.targets[chosen]
    targets = probability_rows(picked, targets)
    with np.errstate(all="ignore"):
        guess = LossBounds.of(trainer.loss, targets).constant if len(chosen) else math.nan
    lowest, highest = (float(targets.min()), float(targets.max())) if targets.size else (0.0, 0.0)
    stop = trainer.stop_reason
    failed = stop is not None and stop.kind == "not finite"
    return Measurements(
        trainer.experiment,
        trainer.dataset.task,
        trainer.loss,
        tuple(network.layers),
        tuple(network.names),
        tuple(network.trained_layers),
        trainer.step,
        trainer.epoch,
        trainer.steps_per_epoch,
        stop,
        history.epochs.read("training_loss", 0, epochs),
        history.epochs.read("validation_loss", 0, epochs),
        steps,
        float(history.steps.read("loss", 0, 1)[0]) if count else math.nan,
        guess,
        (lowest, highest),
        LayerStatisticsQuery().answer(trainer),
        _classes(trainer),
        _inputs(trainer),
        min(trainer.experiment.training.batch_size, part.rows_count),
        tuple(part.rows[list(trainer.batches.upcoming_rows())].tolist()) if failed else (),
    )


def _evenly(rows: int, most: int) -> NDArray[np.intp]:
    return np.linspace(0, max(rows - 1, 0), min(max(most, 1), rows)).astype(np.intp)


def _classes(trainer: Trainer) -> Classes | None:
    part, task = trainer.dataset.training, trainer.dataset.task
    several = len(trainer.dataset.targets) > 1
    if task not in ("classification", "binary") or several or not part.rows_count:
        return None
    rows = _evenly(part.rows_count, MOST_NETWORK_ROWS)
    targets = part.targets[rows]
    with np.errstate(all="ignore"):
        answers = trainer.predict(part.inputs[rows])
    if task == "binary":
        predicted = (answers.reshape(len(rows)) > 0.5).astype(np.intp)
        true = (targets.reshape(len(rows)) > 0.5).astype(np.intp)
        count = 2
    else:
        count = trainer.dataset.outputs
        predicted = answers.argmax(axis=1)
        true = targets.reshape(-1).astype(np.intp) if are_class_indices(targets) else targets.argmax(axis=1)
    shares = [np.bincount(values, minlength=count) / len(rows) for values in (true, predicted)]
    return Classes(shares[0], shares[1], float((predicted == true).mean()))


def _inputs(trainer: Trainer) -> tuple[Numbers, Numbers] | None:
    """Standard deviation and largest magnitude of each input; None where inputs are codes or images."""
    part, shape = trainer.dataset.training, trainer.network.shapes[0]
    if len(shape) != 1 or trainer.dataset.preparation.encoded_columns or not part.rows_count:
        return None
    x = part.inputs[_evenly(part.rows_count, min(MOST_ROWS, MOST_INPUTS // max(shape[0], 1)))]
    x = x.astype(np.float64)
    return x.std(axis=0), np.abs(x).max(axis=0)
