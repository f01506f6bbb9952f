"""Small tables made by hand, for the tests of this package."""

from collections.abc import Sequence

import numpy as np

from engine.data.table import Column, Table


def numbers(name: str, values: Sequence[float | None]) -> Column:
    """A number column; None is missing."""
    return Column(name, "number", np.array([np.nan if v is None else v for v in values], dtype=np.float64))


def texts(name: str, values: Sequence[str | None]) -> Column:
    """A category column; None is missing."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return Column(name, "category", found)


def flags(name: str, values: Sequence[float | None], labels: tuple[str, str] = ("no", "yes")) -> Column:
    """A yes/no column of 0 and 1; None is missing."""
    return Column(name, "boolean", numbers(name, values).values, labels)


def images(name: str, rows: int, side: int = 2, seed: int = 0) -> Column:
    """Random images of one channel with values 0 … 16."""
    values = np.random.default_rng(seed).uniform(0, 16, (rows, side, side, 1))
    return Column(name, "image", values.astype(np.float32))


def table(*columns: Column) -> Table:
    """A table called “table”."""
    return Table("table", columns)
