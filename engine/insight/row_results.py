"""What a run makes of each row of its table: in which part it is, what is predicted for it, and its loss."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data.encoded_texts import EncodedTexts
from engine.data.table import Column, Table, TextColumn
from engine.network_assembly import linked
from engine.progress import Progress, blocks
from engine.training.trainer import Trainer

PARTS = ("training", "validation", "test")
PART, PREDICTION, LOSS = "part", "prediction", "loss"
"""Names of the columns that come to those of the table."""

ROWS_AT_ONCE = 4096
MOST_LOSSES = 100_000
"""Rows whose loss is computed, each by itself: some microseconds a row. Of others it is left out."""


@dataclass(frozen=True)
class RowResults:
    """Columns with a value for each row of the table, missing where it is in no part.

    step : of the run. part : its part. prediction : the class or the number; None for a reconstruction, and
    before the first step. loss : of the row alone, without penalty; None before the first step.
    losses_left_out : rows whose loss was not computed, as there are too many.
    places : (rows,) where each row stands in its part, −1 where it is in none.
    """

    step: int
    part: Column
    places: NDArray[np.intp]
    prediction: Column | None = None
    loss: Column | None = None
    losses_left_out: int = 0

    def beside(self, table: Table) -> Table:
        """The table with these columns before its own; its own columns of the same name win in a filter."""
        own = [column for column in (self.part, self.prediction, self.loss) if column is not None]
        return replace(table, columns=(*table.columns, *own))


def row_results(trainer: Trainer, rows: int, progress: Progress | None = None) -> RowResults:
    """Look at each row with the weights in use. rows : of the table.

    Raises Cancelled once `progress` is cancelled.
    """
    progress = progress or Progress()
    dataset = trainer.dataset
    part, places = np.full(rows, -1, np.int32), np.full(rows, -1, np.intp)
    for index, name in enumerate(PARTS):
        chosen = dataset.part(name).rows
        part[chosen], places[chosen] = index, np.arange(len(chosen))
    parts = TextColumn.of(PART, EncodedTexts.of_distinct(part, list(PARTS)))
    if not trainer.step:
        return RowResults(0, parts, places)
    regression = dataset.task == "regression"
    predicted = np.full(rows, np.nan) if regression else np.full(rows, None, object)
    losses, left_out = np.full(rows, np.nan), 0
    for name, step in zip(PARTS, progress.parts(len(PARTS)), strict=True):
        examples = dataset.part(name)
        for block in blocks(len(examples.rows), step, ROWS_AT_ONCE):
            targeted = examples.rows[block]
            outputs = _raw_outputs(trainer, examples.inputs[block])
            if dataset.task != "reconstruction":
                with np.errstate(all="ignore"):
                    values = dataset.preparation.predictions(linked(trainer.loss, outputs))
                predicted[targeted] = values
            room = max(MOST_LOSSES - int(np.isfinite(losses).sum()), 0)
            for number in range(min(len(targeted), room)):
                one = slice(number, number + 1)
                with np.errstate(all="ignore"):
                    loss, _ = trainer.evaluator.chunk_loss(outputs[one], examples.targets[block][one])
                losses[targeted[number]] = loss
            left_out += max(len(targeted) - room, 0)
    found = None if dataset.task == "reconstruction" else _prediction(predicted, regression)
    return RowResults(trainer.step, parts, places, found, Column(LOSS, "number", losses), left_out)


def _raw_outputs(trainer: Trainer, inputs: Array) -> Array:
    network = trainer.network
    out = np.empty((len(inputs), *network.output_shape), network.dtype)
    for _ in trainer.evaluator.fill_outputs(inputs, out):
        pass
    return out


def _prediction(predicted: NDArray[np.float64] | NDArray[np.object_], regression: bool) -> Column:
    if regression:
        return Column(PREDICTION, "number", predicted)
    return Column(PREDICTION, "category", predicted)
