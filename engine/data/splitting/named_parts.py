"""Reads a column that names the part of each row: train, validation, test, or values that were chosen."""

import numpy as np

from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.texts import encoded, listed
from engine.data.splitting.settings import Split
from engine.data.splitting.split import FREE, TEST, TRAINING, VALIDATION, Assigned
from engine.data.table import Column
from engine.errors import UserError, excerpt
from engine.progress import Progress

USUAL = {
    TRAINING: ("train", "training", "trn", "learn", "learning", "fit"),
    VALIDATION: ("validation", "validate", "valid", "val", "dev", "development"),
    TEST: ("test", "testing", "tst", "holdout", "hold-out", "hold out", "held out", "held-out"),
}
"""Usual spellings, in small letters: "Train" and "TRAIN" count, too."""

LEFT_OUT = -2
"""Of a row that is in no part."""


def named_parts(column: Column, split: Split, notes: list[str]) -> Assigned:
    """The part of each row, (rows,); LEFT_OUT where the column names none, which a note says.

    Raises UserError where values are neither chosen nor called as usual.
    """
    if column.kind == "image":
        raise _faulty(column, "images")
    texts = encoded(column)
    names = list(texts.all_different(Progress()))
    found = np.full(len(texts.bounds), LEFT_OUT, np.int8)
    if split.values_chosen:
        assigned = [_chosen(name, split) for name in names]
    else:
        assigned = [_usual(name) for name in names]
        unknown = [name for name, part in zip(names, assigned, strict=True) if part == FREE]
        if unknown:
            raise _faulty(column, listed(unknown, 3))
    found[texts.occurring] = assigned
    # The last entry, at index −1.
    found[MISSING] = LEFT_OUT
    parts: Assigned = found[texts.indices]
    left_out = int((parts == LEFT_OUT).sum())
    if left_out:
        rows = "1 row was" if left_out == 1 else f"{left_out:,} rows were"
        notes.append(f"{rows} left out, because “{excerpt(column.name)}” names no part there.")
    return parts


def _usual(name: str) -> int:
    small = name.strip().lower()
    return next((part for part, spellings in USUAL.items() if small in spellings), FREE)


def _chosen(name: str, split: Split) -> int:
    for part, values in (
        (TRAINING, split.training_values),
        (VALIDATION, split.validation_values),
        (TEST, split.test_values),
    ):
        if name in values:
            return part
    return LEFT_OUT if split.training_values else TRAINING


def _faulty(column: Column, got: str) -> UserError:
    return UserError(
        f"Column “{excerpt(column.name)}”",
        expected="train, validation or test in every row, to split by",
        got=got,
        help="Say under “Split” which of its values are for training, validation and test.",
        place=("data", "split", "training_values"),
    )
