"""The table as the checks see it: what is an input, what is predicted, and what several checks need."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns.encoded_texts import Indices
from engine.data.columns.texts import value_indices
from engine.data.columns.types import rows_without_number
from engine.data.settings import DataSettings
from engine.data.splitting.partition import partition
from engine.data.splitting.split import Rows
from engine.data.table import Column, Table
from engine.data.task_inference import targets_and_task
from engine.errors import UserError
from engine.progress import Progress
from engine.tasks import Task

SAMPLE_ROWS = 50_000
"""Where a check needs not all rows, it looks at so many, drawn once with seed 0 and in the table's order."""

SAMPLE_CELLS = 20_000_000
"""And at so many numbers in all columns together; but never at fewer than `LEAST_SAMPLE` rows."""

LEAST_SAMPLE = 1_000

TRAINING, VALIDATION, TEST, UNUSED = 0, 1, 2, 3


@dataclass(frozen=True)
class CheckedTable:
    """A table, without the rows that a person left out, and how it will be used.

    table, kept : the table without those rows, and where its rows stand in `whole`.
    target : what is predicted, or for reconstruction, what labels the samples. Images are no inputs here.
    """

    whole: Table
    table: Table
    kept: Rows | None
    settings: DataSettings
    target: Column | None
    task: Task | None
    inputs: tuple[Column, ...]
    progress: Progress = field(default_factory=Progress)

    @property
    def rows(self) -> int:
        return self.table.rows

    @property
    def here(self) -> Progress:
        """For steps of a check: cancelled as `progress` is, and reports the fraction reached already."""
        reached = self.progress.fraction or 0.0
        return self.progress.part(reached, reached)

    @property
    def predicted(self) -> Column | None:
        """The target, where it is no image and no mere label."""
        if self.task == "reconstruction" or self.target is None or self.target.kind == "image":
            return None
        return self.target

    @property
    def classifies(self) -> bool:
        return self.task in ("classification", "binary")

    @cached_property
    def numbers(self) -> tuple[Column, ...]:
        """The inputs that are numbers and have any."""
        return tuple(one for one in self.inputs if one.kind == "number" and one.missing < one.rows)

    @cached_property
    def no_numbers(self) -> Mapping[str, Rows]:
        """Inputs and the target of texts that are nearly all numbers: the rows that are none.

        A column whose type a person chose is meant to be what it is.
        """
        predicted = () if self.predicted is None else (self.predicted,)
        columns = [one for one in (*self.inputs, *predicted) if self.settings.column(one.name).type is None]
        found = {one.name: rows_without_number(one, self.here) for one in columns}
        return {name: rows for name, rows in found.items() if len(rows)}

    @cached_property
    def sample(self) -> Rows | slice:
        """The rows that are looked at where not all are needed, in the order of the table."""
        most = int(np.clip(SAMPLE_CELLS // max(len(self.inputs), 1), LEAST_SAMPLE, SAMPLE_ROWS))
        if self.rows <= most:
            return slice(None)
        return np.sort(np.random.default_rng(0).choice(self.rows, most, replace=False)).astype(np.intp)

    @cached_property
    def sampled(self) -> NDArray[np.float64]:
        """(sampled rows, numbers): the values of `numbers` in those rows, NaN where missing."""
        rows = len(np.arange(self.rows)[self.sample])
        matrix = np.empty((rows, len(self.numbers)), order="F")
        for number, column in enumerate(self.numbers):
            self.progress.check()
            matrix[:, number] = column.values[self.sample]
        return matrix

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        """`sampled`, each column in rising order, NaN last."""
        ordered = np.empty_like(self.sampled)
        for start in range(0, ordered.shape[1], 256):
            self.progress.check()
            ordered[:, start : start + 256] = np.sort(self.sampled[:, start : start + 256], axis=0)
        return ordered

    @cached_property
    def present(self) -> NDArray[np.intp]:
        """(numbers,) how many of the sampled rows have a value."""
        present: NDArray[np.intp] = (~np.isnan(self.sampled)).sum(axis=0)
        return present

    def quantile(self, fraction: float) -> NDArray[np.float64]:
        """(numbers,) a value of each column below which that fraction of its sampled values lies."""
        at = np.clip(np.round(fraction * (self.present - 1)), 0, None).astype(np.intp)
        found: NDArray[np.float64] = self.ordered[at, np.arange(len(at))]
        return found

    @cached_property
    def limits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(numbers,) each: the least and the largest of all rows."""
        lows, highs = np.empty(len(self.numbers)), np.empty(len(self.numbers))
        for number, column in enumerate(self.numbers):
            self.progress.check()
            lows[number], highs[number] = np.fmin.reduce(column.values), np.fmax.reduce(column.values)
        return lows, highs

    @cached_property
    def classes(self) -> Indices:
        """(rows,) the class of each row by its index, −1 where it is missing; of a target that has some."""
        if self.predicted is None:
            return np.full(self.rows, -1, np.int32)
        return value_indices(self.predicted, self.here)

    @cached_property
    def part_of_rows(self) -> NDArray[np.int8]:
        """(rows,) whether a row is for training, validation, test, or none of them."""
        parts = np.full(self.whole.rows, UNUSED, np.int8)
        with suppress(UserError):
            targets, task = targets_and_task(self.settings, self.whole)
            split = partition(self.settings, self.whole, targets, task, [], self.here)
            for number, rows in enumerate((split.training, split.validation, split.test)):
                parts[rows] = number
        return parts if self.kept is None else parts[self.kept]

    def original(self, rows: NDArray[Any]) -> Rows:
        """These rows by their place in the whole table."""
        rows = rows.astype(np.intp)
        return rows if self.kept is None else self.kept[rows]
