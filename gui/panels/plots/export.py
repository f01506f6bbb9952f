"""Tables of the numbers of a plot on disk."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from engine.files.atomic import write_atomically
from engine.progress import Progress
from engine.training.history import History, Record
from gui.core.jobs import Writing

NUMBERS_AT_ONCE = 8192
"""Made into text at a time, some milliseconds: no other thread has the interpreter meanwhile."""


@dataclass(frozen=True)
class Table:
    """A table as CSV, in pieces of whole rows that any thread may take; `count` is how many there are."""

    pieces: Iterator[str]
    count: int


def table_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV. Numbers are written so that they read back exactly; None is an empty cell."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def history_table(history: History, steps: Sequence[str], epochs: Sequence[str]) -> Table:
    """Columns of the steps and of the epochs side by side.

    An epoch's numbers stand in the row of its last step, and only there. Without columns of the steps there
    is one row per epoch. What is recorded after the call is left out.
    """
    rows_at_once = max(NUMBERS_AT_ONCE // (2 + len(steps) + len(epochs)), 1)
    count = history.steps.count if steps else history.epochs.count
    slices = [(start, min(start + rows_at_once, count)) for start in range(0, count, rows_at_once)]
    if steps:
        pieces = _steps_table(history, steps, epochs, slices, history.epochs.count)
    else:
        pieces = _epochs_table(history, epochs, slices)
    return Table(pieces, 1 + len(slices))


def column_title(history: History, column: str) -> str:
    """Head of a column: a layer is called by its name ("gradient_norm/Dense 1")."""
    what, _, index = column.partition("/")
    return f"{what}/{history.layer_names[int(index)]}" if index else column


def _steps_table(
    history: History,
    steps: Sequence[str],
    epochs: Sequence[str],
    slices: Sequence[tuple[int, int]],
    epoch_count: int,
) -> Iterator[str]:
    yield table_text([["step", "epoch", *(column_title(history, column) for column in (*steps, *epochs))]])
    last_steps = history.epochs.read("step", 0, epoch_count)
    for start, stop in slices:
        rows = _rows(history.steps, ("epoch", *steps), start, stop)
        table: list[list[object]] = [
            [start + number, *row, *[None] * len(epochs)] for number, row in enumerate(rows, 1)
        ]
        first, last = np.searchsorted(last_steps, (start + 1, stop + 1))
        scores = _rows(history.epochs, epochs, int(first), int(last)) if epochs else []
        for step, values in zip(last_steps[first:last], scores, strict=False):
            table[int(step) - start - 1][-len(epochs) :] = values
        yield table_text(table)


def _epochs_table(
    history: History, columns: Sequence[str], slices: Sequence[tuple[int, int]]
) -> Iterator[str]:
    yield table_text([["epoch", "step", *columns]])
    for start, stop in slices:
        rows = _rows(history.epochs, ("epoch", "step", *columns), start, stop)
        yield table_text([[int(row[0]), int(row[1]), *row[2:]] for row in rows])


def _rows(record: Record, columns: Sequence[str], start: int, stop: int) -> list[list[float]]:
    """Rows start … stop of some columns, as Python numbers."""
    read = [record.read(column, start, stop).tolist() for column in columns]
    return [list(row) for row in zip(*read, strict=True)]


def table_writing(path: Path, table: Table) -> Writing:
    """Made into text and written piece by piece when called."""
    return lambda progress: _write(path, (piece.encode() for piece in table.pieces), table.count, progress)


def _write(path: Path, pieces: Iterable[bytes], count: int, progress: Progress) -> None:
    def write(stream: IO[bytes]) -> None:
        for number, piece in enumerate(pieces):
            progress.report(number / count)
            stream.write(piece)
        progress.check()

    progress.check()
    write_atomically(path, write)
