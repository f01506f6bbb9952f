"""What a check has found: a kind for programs, a sentence with its evidence for people, and remedies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.checks.remedies import IgnoreColumns, LeaveRowsOut, Remedy
from engine.errors import excerpt

Severity = Literal["serious", "warning", "hint"]
"""serious : scores will be wrong. warning : something is likely to be mended. hint : worth a look."""

SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "hint")

MOST_ROWS = 500
"""So many rows of a finding are listed; `count` says how many there are."""

MOST_LEFT_OUT = 10_000
"""A remedy leaves out at most so many rows: each is listed in the experiment."""


@dataclass(frozen=True)
class Finding:
    """Something about the data that a person should know before training.

    kind : what was found, for programs: "constant", "dates". title : the same in a few words, for the head
    of a card. sentence : the evidence, with numbers. columns : what it is about, all of them. rows : where,
    from 0, at most `MOST_ROWS` of `count`. remedies : what can be done, the best first. put_first : the kind
    of layer that would solve it as the first layer.
    """

    kind: str
    sentence: str
    columns: tuple[str, ...] = ()
    title: str = ""
    severity: Severity = "warning"
    rows: tuple[int, ...] = ()
    count: int = 0
    remedies: tuple[Remedy, ...] = ()
    put_first: str | None = None

    @property
    def ignorable(self) -> tuple[str, ...]:
        """The columns that would be ignored to solve it."""
        return next((one.columns for one in self.remedies if isinstance(one, IgnoreColumns)), ())


def ignoring(*columns: str) -> tuple[Remedy, ...]:
    """The remedy of columns that are better no inputs."""
    return (IgnoreColumns(columns),)


def leaving_out(rows: NDArray[np.intp]) -> tuple[Remedy, ...]:
    """The remedy of rows that are better not used, where there are not too many to list."""
    return (LeaveRowsOut(tuple(rows.tolist())),) if 0 < len(rows) <= MOST_LEFT_OUT else ()


def first_row_numbers(rows: NDArray[np.intp]) -> tuple[int, ...]:
    """So many of them as a finding lists."""
    return tuple(rows[:MOST_ROWS].tolist())


def each(items: Sequence[tuple[str, str]], most: int = 5) -> str:
    """Columns with something about each, for a sentence: “a” (3 rows), “b” (1 row) and 2 more."""
    shown = ", ".join(f"“{excerpt(name)}” ({fact})" for name, fact in items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most:,} more"


def short(value: float) -> str:
    """A number as a sentence needs it: "1.75", "−999", "70,510"."""
    text = f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.3g}"
    return text.replace("-", "−")


def counted(number: int, one: str, several: str = "") -> str:
    """A number and what it counts: "1 row", "1,234 rows"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
