"""Cells that are no use to the model that predicts their rows: those missing, and those that are wrong."""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.cli.rows import Rows
from engine.data.categories import TextInput
from engine.data.delimited.columns import DECIMAL_COMMAS, THOUSANDS_COMMAS
from engine.data.fitted import ColumnError
from engine.data.inputs import AnyInput, BooleanInput, ImageInput, NumberInput
from engine.data.preparation import Preparation
from engine.data.table import Column
from engine.data.texts import listed, texts_of
from engine.errors import UserError, excerpt

Mask = NDArray[np.bool_]


def notes_on_missing(preparation: Preparation, rows: Rows) -> Iterator[str]:
    """Sentences on rows that are predicted although the table does not say all that the model goes by."""
    table = rows.table
    gone = {one.column: _stood_in(one, table.column(one.column)) for one in preparation.inputs_fitted}
    gaps = [name for name, missing in gone.items() if missing.any()]
    if not gaps:
        return
    every = np.array(list(gone.values()))
    some = np.flatnonzero(every.any(axis=0)).tolist()
    verb = "lacks" if len(some) == 1 else "lack"
    yield (
        f"{_count(len(some))} {verb} values in {listed(gaps)}, for which usual ones of the training stand in"
        f"{_at(rows.lines(some))}."
    )
    empty = np.flatnonzero(every.all(axis=0)).tolist()
    if empty:
        verb, they = ("has", "it") if len(empty) == 1 else ("have", "them")
        yield (
            f"{_count(len(empty))} {verb} no value that the model goes by{_at(rows.lines(empty))}: what is "
            f"predicted for {they} says nothing."
        )


def located(error: ColumnError, preparation: Preparation, rows: Rows) -> UserError:
    """The error with the file and the line of the first cell that is wrong."""
    fitted = next(one for one in preparation.inputs_fitted if one.column == error.column)
    faulty = _faulty(fitted, rows.table.column(error.column)).tolist()
    line, got = rows.lines(faulty[:1]), error.got
    if line and rows.table.column(error.column).kind != "number":
        got = f"“{excerpt(texts_of(rows.table.column(error.column))[faulty[0]])}”"
    more = len(faulty) - 1
    also = f" {more:,} more {'row is' if more == 1 else 'rows are'} like it." if line and more else ""
    where = ", ".join(part for part in (rows.table.name, line, f"column “{excerpt(error.column)}”") if part)
    return UserError(where, expected=error.expected, got=got, help=error.help + also)


def _stood_in(fitted: AnyInput, column: Column) -> Mask:
    """In which rows something usual takes the place of a missing value: (rows,)."""
    if isinstance(fitted, ImageInput) or (isinstance(fitted, TextInput) and fitted.own_missing):
        return np.zeros(len(column.values), bool)
    if column.kind == "category":
        return np.array([value is None for value in column.values], bool)
    missing: Mask = np.isnan(column.values)
    return missing


def _faulty(fitted: AnyInput, column: Column) -> NDArray[np.intp]:
    """The rows whose cells make the column unfit, in rising order."""
    if isinstance(fitted, NumberInput) and column.kind == "number":
        with np.errstate(over="ignore"):
            scaled = np.abs(column.values - fitted.offset) / fitted.scale
        return np.flatnonzero(scaled > np.finfo(np.float32).max)
    if isinstance(fitted, NumberInput) and column.kind != "image":
        texts = texts_of(column)
        found = [row for row, text in enumerate(texts) if text and not (_plain(text) or _with_commas(text))]
        # Where all are numbers of some kind, it is the mixture that cannot be read.
        return np.array(
            found or [row for row, text in enumerate(texts) if text and not _plain(text)], np.intp
        )
    if isinstance(fitted, BooleanInput) and column.kind != "image":
        known = {"0", "1", *(label.lower() for label in fitted.labels)}
        return np.flatnonzero([bool(text) and text.lower() not in known for text in texts_of(column)])
    return np.empty(0, np.intp)


def _plain(text: str) -> bool:
    try:
        return "_" not in text and bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _with_commas(text: str) -> bool:
    return any(re.fullmatch(pattern, text) for pattern, _ in (DECIMAL_COMMAS, THOUSANDS_COMMAS))


def _count(rows: int) -> str:
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


def _at(lines: str) -> str:
    return f" ({lines})" if lines else ""
