"""The cells of a small table as text: in the settings, and as spreadsheets copy them."""

import csv
import io
from collections.abc import Sequence
from itertools import islice

from engine.data.delimited.header import is_header
from engine.errors import UserError

Cells = list[list[str]]
"""Rows of equally many texts."""

MOST_CHARACTERS = 2_000_000
"""Of a table that is stored in an experiment."""

MOST_CELLS = 200_000
LONGEST_CELL = 10_000
"""Characters."""

TOO_LARGE = "Save it as a file, and open that: its size has no such limit."


def cells_of(text: str) -> Cells:
    """The cells of a stored table."""
    return _rectangle(list(csv.reader(io.StringIO(text, newline=""))))


def text_of(cells: Sequence[Sequence[str]]) -> str:
    """The text that stores these cells, without empty rows below and empty columns on the right of them.

    Raises UserError where they are too many.
    """
    stripped = [[cell.strip() for cell in row] for row in cells]
    used = [number for number, row in enumerate(stripped, 1) if any(row)]
    rows = used[-1] if used else 0
    columns = max((place for row in stripped for place, cell in enumerate(row, 1) if cell), default=0)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    for row in stripped[:rows]:
        writer.writerow([*row, *[""] * columns][:columns])
    text = stream.getvalue()
    if len(text) > MOST_CHARACTERS or rows * columns > MOST_CELLS:
        raise _too_large(rows * columns)
    return text


def pasted_cells(text: str) -> Cells:
    """The cells of a range copied from a spreadsheet: tabs between them, quotes around what needs them.

    Text without a tab is one column, unless a first line of names shows by its commas or semicolons that
    these separate the cells. Raises UserError where there are no cells, or too many.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        raise UserError(
            "Clipboard",
            expected="a range of cells copied from a spreadsheet, as text",
            got="no text",
            help="Select the cells there, names included, copy them, and try again.",
        )
    if len(text) > MOST_CHARACTERS:
        raise _too_large(None)
    delimiter = "\t" if "\t" in text else _delimiter_of_names(text)
    try:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), MOST_CELLS + 1))
    except csv.Error:
        rows = []
    if not rows or max(len(cell) for row in rows for cell in row or [""]) > LONGEST_CELL:
        # A quote that nobody closes swallows the rest: then quotes are letters like any other.
        rows = [line.split(delimiter) for line in text.split("\n")]
    cells = _rectangle(rows)
    if len(cells) * len(cells[0]) > MOST_CELLS:
        raise _too_large(len(cells) * len(cells[0]))
    return cells


def has_names(cells: Cells) -> bool:
    """Whether the first row holds names rather than values, by the rule of CSV files."""
    return is_header(
        [cell.strip() for cell in cells[0]], [[cell.strip() for cell in row] for row in cells[1:]]
    )


def _delimiter_of_names(text: str) -> str:
    first, *rest = text.split("\n", 20)[:20]
    for delimiter in ";,":
        names = first.split(delimiter)
        alike = all(line.count(delimiter) >= len(names) - 1 for line in rest)
        named = all(name.strip() and not any(letter.isdigit() for letter in name[:1]) for name in names)
        if len(names) > 1 and rest and alike and named:
            return delimiter
    return "\t"


def _rectangle(rows: list[list[str]]) -> Cells:
    width = max(map(len, rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _too_large(cells: int | None) -> UserError:
    return UserError(
        "Typed table",
        expected=f"at most {MOST_CELLS:,} cells and {MOST_CHARACTERS:,} characters",
        got=f"{cells:,} cells" if cells is not None and cells > MOST_CELLS else "more characters",
        help=TOO_LARGE,
    )
