"""What a run makes of each row of its table: in which part it is, what is predicted for it, and its loss."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data.columns.encoded_texts import EncodedTexts
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

    step : of the run. part : its part. predictions : the class or the number, a column for each target; none
    for a reconstruction, and before the first step. loss : of the row alone, without penalty; None before
    the first step.
    losses_left_out : rows whose loss was not computed, as there are too many.
    places : (rows,) where each row stands in its part, −1 where it is in none.
    """

    step: int
    part: Column
    places: NDArray[np.intp]
    predictions: tuple[Column, ...] = ()
    loss: Column | None = None
    losses_left_out: int = 0

    def beside(self, table: Table) -> Table:
        """The table with these columns behind its own."""
        own = [self.part, *self.predictions, *([] if self.loss is None else [self.loss])]
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
    predicted: dict[str, NDArray[Any]] = {}
    losses, looked_at = np.full(rows, np.nan), 0
    for name, step in zip(PARTS, progress.parts(len(PARTS)), strict=True):
        examples = dataset.part(name)
        for block in blocks(len(examples.rows), step, ROWS_AT_ONCE):
            targeted, targets = examples.rows[block], examples.targets[block]
            outputs = _raw_outputs(trainer, examples.inputs[block])
            for target, values in _predictions(trainer, outputs):
                if target not in predicted:
                    nothing = np.nan if values.dtype.kind == "f" else None
                    predicted[target] = np.full(rows, nothing, values.dtype)
                predicted[target][targeted] = values
            for number in range(min(len(targeted), MOST_LOSSES - looked_at)):
                one = slice(number, number + 1)
                with np.errstate(all="ignore"):
                    losses[targeted[number]], _ = trainer.evaluator.chunk_loss(outputs[one], targets[one])
            looked_at += min(len(targeted), MOST_LOSSES - looked_at)
    known = sum(len(dataset.part(name).rows) for name in PARTS)
    found = tuple(_column(name, values) for name, values in predicted.items())
    return RowResults(
        trainer.step, parts, places, found, Column(LOSS, "number", losses), losses_left_out=known - looked_at
    )


def _raw_outputs(trainer: Trainer, inputs: Array) -> Array:
    network = trainer.network
    out = np.empty((len(inputs), *network.output_shape), network.dtype)
    for _ in trainer.evaluator.fill_outputs(inputs, out):
        pass
    return out


def _predictions(trainer: Trainer, outputs: Array) -> Iterator[tuple[str, NDArray[Any]]]:
    """The name of the column, and its values (rows,): one for each target, none for a reconstruction."""
    dataset = trainer.dataset
    if dataset.task == "reconstruction":
        return
    with np.errstate(all="ignore"):
        values = dataset.preparation.predictions(linked(trainer.loss, outputs))
    if values.ndim == 1:
        yield PREDICTION, values
        return
    for number, target in enumerate(dataset.targets):
        yield f"{PREDICTION} {target}", values[:, number]


def _column(name: str, values: NDArray[Any]) -> Column:
    return Column(name, "number" if values.dtype.kind == "f" else "category", values)
