"""Rows counted while a text is staged, so that what is refused in the end is refused soon.

DuckDB says of every row whether it fits; but it keeps what it says of each bad row, and ten million bad rows
take it minutes and gigabytes.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from engine.data.delimited.csv_body import LONGEST_LINE_BYTES
from engine.data.delimited.csv_dialect import DELIMITER_TITLES, Layout, start_of_line
from engine.data.delimited.csv_rows import MOST_VALUES
from engine.errors import UserError

MOST_BAD_ROWS = 1000
"""After so many, nobody wants to see how many more there are."""

MOST_FIELDS_OFF = 1000
"""DuckDB remembers the whole row for each field too many or too few in it."""

LONGEST_FIELD = 2**31 - 1
"""The csv module's own limit, of a hundred thousand characters, would end the counting."""

MOST_BLANK_LINES = 10_000_000
"""They are no rows, but each takes its time to be passed over."""


class RowCheck:
    """Passes a table's text on piece by piece, up to where it is clear that the table is refused.

    That many rows do not fit is only suspected: quotes can be read in more than one way. So the text then
    ends early, and `cut` says so; the reader finds the first bad row, or reads the whole text.
    """

    def __init__(self, file: str, layout: Layout) -> None:
        self._file, self._layout, self._fields = file, layout, len(layout.names)
        self._rows = self._bad_rows = self._fields_off = self._blank_lines = 0
        self._lines = layout.header_lines
        self.cut = False
        """Whether the text was ended early."""

    def passed_on(self, pieces: Iterable[str]) -> Iterator[str]:
        """The pieces, in pieces of whole rows. Raises UserError where there are too many values."""
        waiting = ""
        for piece in pieces:
            waiting += piece
            check_lines(self._file, waiting, self._lines)
            end = waiting.rfind("\n") + 1
            if end and waiting.count('"', 0, end) % 2 == 0:
                yield self._checked(waiting[:end])
                waiting = waiting[end:]
            elif len(waiting) > LONGEST_LINE_BYTES:
                start = _start_of_last_row(waiting, self._layout.delimiter)
                yield self._checked(waiting[:start])
                waiting = waiting[start:]
                if len(waiting) > LONGEST_LINE_BYTES and not self.cut:
                    yield self._beginning(waiting)
            if self.cut:
                return
        paired = waiting.count('"') % 2 == 0
        start = len(waiting) if paired else _start_of_last_row(waiting, self._layout.delimiter)
        yield self._checked(waiting[:start])
        if not self.cut:
            yield self._beginning(waiting[start:])

    def _beginning(self, row: str) -> str:
        """A row, or of one that is too long or does not end, its first lines.

        They are enough to say what is wrong with it: a quote that is not closed, as a rule, and DuckDB calls
        each line below that a bad row.
        """
        beginning = row[: start_of_line(row, MOST_BAD_ROWS)]
        self.cut = len(beginning) < len(row)
        return beginning

    def _checked(self, text: str) -> str:
        """The text, or its beginning if too many of its rows do not fit."""
        outside = "".join(text.split('"')[::2]) if '"' in text else text
        rows, delimiters = outside.count("\n"), outside.count(self._layout.delimiter)
        if delimiters != rows * (self._fields - 1):
            # Blank lines, or rows that do not fit: counted one by one, which takes ten times as long.
            rows, text = self._counted(text)
            self._blank_lines += outside.count("\n\n")
            if self._blank_lines > MOST_BLANK_LINES:
                raise UserError(
                    self._file,
                    expected="a table",
                    got=f"more than {MOST_BLANK_LINES:,} blank lines",
                    help="Remove them.",
                )
        self._rows += rows
        self._lines += text.count("\n")
        if self._rows * self._fields > MOST_VALUES:
            raise UserError(
                self._file,
                expected=f"at most {MOST_VALUES:,} values",
                got=f"{self._rows:,} rows or more, of {self._fields:,} columns",
                help="Keep a part of its rows or columns.",
            )
        return text

    def _counted(self, text: str) -> tuple[int, str]:
        rows, first_line = 0, self._lines + 1
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._layout.delimiter)
        with _fields_of_any_length():
            for row in reader:
                rows += bool(row)
                # Empty fields beyond the last column are tolerated.
                if row and (len(row) < self._fields or any(row[self._fields :])):
                    off = abs(len(row) - self._fields)
                    if off > MOST_FIELDS_OFF:
                        self._refuse_row(first_line, len(row))
                    self._bad_rows += 1
                    self._fields_off += off
                    if self._bad_rows >= MOST_BAD_ROWS or self._fields_off >= 10 * MOST_BAD_ROWS:
                        self.cut = True
                        return rows, text[: start_of_line(text, reader.line_num)]
                first_line = self._lines + reader.line_num + 1
        return rows, text

    def _refuse_row(self, line: int, fields: int) -> NoReturn:
        separator = DELIMITER_TITLES.get(self._layout.delimiter, repr(self._layout.delimiter))
        raise UserError(
            f"{self._file}, line {line}",
            expected=f"{self._fields} field{'s' if self._fields > 1 else ''}, as in the header",
            got=f"{fields:,}",
            help=f"Correct the line; fields are separated by {separator}.",
        )


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    usual = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(usual)


def _start_of_last_row(text: str, delimiter: str) -> int:
    """Where the last row of a text begins, which may be a row that does not end in it."""
    before = end = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with _fields_of_any_length():
        for _ in reader:
            before, end = end, reader.line_num
    return start_of_line(text, before)


def check_lines(file: str, text: str, above: int = 0) -> None:
    """Raise UserError where a line is longer than any that is read. above : lines above the text."""
    if len(text) <= LONGEST_LINE_BYTES:
        return
    lines = text.split("\n")
    longest = max(range(len(lines)), key=lambda number: len(lines[number]))
    if len(lines[longest]) > LONGEST_LINE_BYTES:
        raise UserError(
            f"{file}, line {above + longest + 1}",
            expected=f"a row of at most {LONGEST_LINE_BYTES // 2**20} MB",
            got="a longer one",
            help="Look for a quote that is not closed.",
        )
