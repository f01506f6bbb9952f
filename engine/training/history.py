"""The lossless record of a run: every scalar of every step, every epoch's scores, every mark.

Single writer (the worker), any number of readers (the window): a reader sees rows up to a published count,
and rows below that count never change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK_ROWS = 8192


class Record:
    """A table of float64 that grows in preallocated chunks; appending never moves what was written."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._index = {name: position for position, name in enumerate(self.columns)}
        self._chunks: list[NDArray[np.float64]] = []
        self._room = 0
        self.count = 0
        """Published number of rows. Read it once, then read rows below it."""

    def append(self, row: Sequence[float]) -> None:
        """Write one row, then publish it."""
        position = self.count % CHUNK_ROWS
        if self.count == self._room:
            self._chunks.append(np.empty((CHUNK_ROWS, len(self.columns))))
            self._room += CHUNK_ROWS
        self._chunks[-1][position] = row
        self.count += 1

    def extend(self, columns: Sequence[NDArray[np.float64]]) -> None:
        """Write many rows, given column by column, all of one length; then publish them."""
        written, total = 0, len(columns[0])
        while written < total:
            position = (self.count + written) % CHUNK_ROWS
            if self.count + written == self._room:
                self._chunks.append(np.empty((CHUNK_ROWS, len(self.columns))))
                self._room += CHUNK_ROWS
            rows = min(CHUNK_ROWS - position, total - written)
            chunk = self._chunks[-1][position : position + rows]
            for place, column in enumerate(columns):
                chunk[:, place] = column[written : written + rows]
            written += rows
        self.count += total

    def read(self, column: str, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """A copy of rows start … stop of one column; KeyError where there is no such column."""
        place = self._index[column]
        stop = self.count if stop is None else min(stop, self.count)
        start = max(start, 0)
        if stop <= start:
            return np.empty(0)
        out = np.empty(stop - start)
        for number in range(start // CHUNK_ROWS, (stop - 1) // CHUNK_ROWS + 1):
            first, last = number * CHUNK_ROWS, (number + 1) * CHUNK_ROWS
            low, high = max(start, first), min(stop, last)
            out[low - start : high - start] = self._chunks[number][low - first : high - first, place]
        return out

    def blocks(self, start: int, stop: int) -> Iterator[NDArray[np.float64]]:
        """Rows start … stop as they lie in memory, (rows, columns), in pieces; nothing is copied."""
        for number in range(start // CHUNK_ROWS, -(-stop // CHUNK_ROWS)):
            first = number * CHUNK_ROWS
            yield self._chunks[number][max(start - first, 0) : stop - first]

    def __contains__(self, column: str) -> bool:
        return column in self._index


@dataclass(frozen=True)
class Mark:
    """Something that happened between two steps: a changed setting, a stop, a warning."""

    step: int
    epoch: float
    """Position in epochs, 2.5 is the middle of the third."""
    text: str


class History:
    """What a run recorded.

    steps : one row per optimizer step. Columns: "epoch" (position after the step, in epochs), "loss" (mean
    loss of its batch or batches, without penalty), "penalty" (L1 and L2 terms), "learning_rate",
    "gradient_norm" (global, before clipping), "zero_weights" (how many of the weights that L1 acts on are
    exactly 0 after the step, of the trained ones where an average is in use; NaN without L1), and for each
    layer with parameters, by its index, "gradient_norm/2" and "update_ratio/2" (‖change‖ / ‖weights‖; NaN
    where the weights are 0, or a square is beyond the largest number).
    epochs : one row per finished epoch. Columns: "epoch", "step", "seconds" (training time so far),
    "training_loss" (mean over the epoch's batches), "validation_loss" (NaN without validation data), and
    for each metric "training_accuracy", "validation_accuracy", … Those of validation are of all its rows,
    those of training of a share of them, 4,096 evenly spaced ones at most (see `rows_scored`). Scores after a
    run are of all rows, and so may differ a little from the last ones here.
    """

    def __init__(self, layer_names: dict[int, str], metrics: Sequence[str]) -> None:
        self.layer_names = layer_names
        """For each layer with parameters: index in the network → name ("Dense 1")."""
        self.metrics = tuple(metrics)
        per_layer = [f"{what}/{i}" for what in ("gradient_norm", "update_ratio") for i in layer_names]
        scalars = ["epoch", "loss", "penalty", "learning_rate", "gradient_norm", "zero_weights"]
        self.steps = Record([*scalars, *per_layer])
        scores = [f"{part}_{metric}" for part in ("training", "validation") for metric in metrics]
        self.epochs = Record(["epoch", "step", "seconds", "training_loss", "validation_loss", *scores])
        self.marks: list[Mark] = []
        """Append-only; readers may slice it at any time."""
        self.reached = 0.0
        """The largest position, in epochs, of the steps."""

    def add_step(self, row: Sequence[float]) -> None:
        """Add the row of a step. Where a run was rewound, positions stand still until it is there again.

        Readers look up rows by their position.
        """
        if row[0] < self.reached:
            row = (self.reached, *row[1:])
        self.reached = row[0]
        self.steps.append(row)

    @staticmethod
    def metrics_in(arrays: Iterable[str]) -> tuple[str, ...]:
        """The metrics that a saved history holds, from the names of its arrays, in their order."""
        start = "epochs/training_"
        names = [name.removeprefix(start) for name in arrays if name.startswith(start)]
        return tuple(name for name in names if name != "loss")

    def mark(self, step: int, epoch: float, text: str) -> None:
        """Note what happened between two steps."""
        self.marks.append(Mark(step, epoch, text))


@dataclass(frozen=True, eq=False)
class HistoryRows:
    """The rows that a history had at one moment: they never change, so nothing is copied before `arrays`."""

    history: History
    steps: int
    epochs: int
    marks: tuple[Mark, ...]

    @classmethod
    def of(cls, history: History) -> "HistoryRows":
        """All that there are now."""
        return cls(history, history.steps.count, history.epochs.count, tuple(history.marks))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The record as plain arrays, one per column: "steps/loss", "epochs/seconds", "marks/text"."""
        steps, epochs = self.history.steps, self.history.epochs
        arrays: dict[str, NDArray[Any]] = {
            f"steps/{column}": steps.read(column, 0, self.steps) for column in steps.columns
        }
        arrays |= {f"epochs/{column}": epochs.read(column, 0, self.epochs) for column in epochs.columns}
        arrays["marks/step"] = np.array([mark.step for mark in self.marks], dtype=np.int64)
        arrays["marks/epoch"] = np.array([mark.epoch for mark in self.marks], dtype=np.float64)
        arrays["marks/text"] = np.array([mark.text for mark in self.marks], dtype=np.str_)
        return arrays
