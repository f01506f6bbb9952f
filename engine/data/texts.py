"""Values of a column as texts: how classes and categories are called, whatever kind of column they are in."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Column
from engine.errors import excerpt

EXACT_INTEGERS = 2.0**53
"""Up to here every whole float64 is written without losing a digit."""


def value_text(value: float) -> str:
    """A number as a name: 3.0 → "3", 0.5 → "0.5"; reading it back gives the same number."""
    return str(int(value)) if value.is_integer() and abs(value) < EXACT_INTEGERS else repr(value)


def texts_of(column: Column) -> NDArray[Any]:
    """Every value as a text, None where it is missing: (rows,), object. Not for images."""
    if column.kind == "category":
        return column.values
    different, places = np.unique(column.values, return_inverse=True)
    names = [_name(column, float(value)) for value in different]
    found: NDArray[Any] = np.array([*names, None], dtype=object)[places]
    return found


def _name(column: Column, value: float) -> str | None:
    if np.isnan(value):
        return None
    return column.labels[int(value)] if column.kind == "boolean" else value_text(value)


def different_texts(column: Column) -> list[str]:
    """The names of all values that occur, in the order people expect (see `in_order`)."""
    if column.kind == "boolean":
        present = set(column.values[~np.isnan(column.values)])
        return [label for value, label in enumerate(column.labels) if float(value) in present]
    return in_order({text for text in texts_of(column) if text is not None})


def in_order(texts: Iterable[str]) -> list[str]:
    """Numbers by value before words by letter: "2", "10", "a"."""

    def place(text: str) -> tuple[bool, float, str]:
        try:
            value = float(text)
        except ValueError:
            return True, 0.0, text
        return (True, 0.0, text) if np.isnan(value) else (False, value, text)

    return sorted(texts, key=place)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names for a sentence: “a”, “b” and 3 more."""
    shown = ", ".join(f"“{excerpt(name)}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def absence(column: Column) -> str:
    """What a column is where it has no value: "missing", "infinite", or "missing or infinite"."""
    if not column.infinite:
        return "missing"
    return "infinite" if column.infinite == column.missing else "missing or infinite"
