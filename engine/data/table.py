"""A table: named columns of equal length, as they came from their source, before any preparation."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

ColumnKind = Literal["number", "category", "boolean", "image"]


@dataclass(frozen=True)
class Column:
    """One column.

    values: number → float64 (rows,) with NaN where missing; boolean → float64 0/1 with NaN where missing;
    category → object array of str, None where missing; image → float32 or uint8 (rows, height, width,
    channels).
    labels: for a boolean, how (false, true) were spelt.
    infinite: how many of the missing numbers stand in the source as infinite; 0 for a part of a column.
    """

    name: str
    kind: ColumnKind
    values: NDArray[Any]
    labels: tuple[str, str] = ("no", "yes")
    infinite: int = 0

    @cached_property
    def missing(self) -> int:
        """How many rows have no value."""
        if self.kind == "category":
            return sum(value is None for value in self.values)
        if self.kind == "image":
            return 0
        return int(np.isnan(self.values).sum())

    @cached_property
    def distinct(self) -> int:
        """How many different values there are, missing ones not counted."""
        if self.kind == "image":
            return len(self.values)
        if self.kind == "category":
            return len({value for value in self.values if value is not None})
        return len(np.unique(self.values[~np.isnan(self.values)]))

    def take(self, rows: NDArray[np.intp]) -> "Column":
        """The same column with some of its rows."""
        return replace(self, values=self.values[rows], infinite=0)


@dataclass(frozen=True)
class Table:
    """Columns, and in sentences what was understood when they were read (encoding, delimiter, bad rows)."""

    name: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = field(default=())
    test_rows: int = 0
    """How many rows at the end are a test part that the data was published with; 0 where there is none."""

    @property
    def rows(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def take(self, rows: NDArray[np.intp]) -> "Table":
        """The same table with some of its rows."""
        return replace(self, columns=tuple(column.take(rows) for column in self.columns), test_rows=0)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names, kinds, labels, values: tells whether a saved run meets the same data again."""
        digest = hashlib.sha256()
        for column in self.columns:
            shape = "×".join(map(str, column.values.shape))
            labels = "/".join(column.labels) if column.kind == "boolean" else ""
            digest.update(f"{column.name}\0{column.kind}\0{labels}\0{shape}\0".encode())
            if column.kind == "category":
                digest.update("\0".join("\1" if v is None else v for v in column.values).encode())
            else:
                digest.update(np.ascontiguousarray(column.values).reshape(-1).data)
        return digest.hexdigest()
