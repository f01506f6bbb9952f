"""Lines that do not fit a table, left out of its text and listed.

A row begins with each line, and may go on over further lines within quotes. A line that begins no row with
the cells that were expected is left out, and the next one is tried.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator

from engine.data.delimited.csv_dialect import Layout
from engine.data.table import Unreadable

MOST_LEFT_OUT = 1000
"""From so many lines on, a table is refused; nobody would look through the list."""

LARGEST_FRACTION = 0.1
"""Of the lines; where more do not fit, it is not they that are wrong."""

MOST_LINES_A_ROW = 1000
"""A quote that stays open for longer was not meant to."""

UNDECODED = re.compile("[\ud800-\udfff]")
"""How bytes that are no text are decoded with the error handler “surrogateescape”."""


class TooManyLeftOut(Exception):
    """More lines do not fit than are left out."""


class LineFilter:
    """Passes on the lines that fit a layout. unreadable : the others, so far."""

    def __init__(self, layout: Layout, encoding: str) -> None:
        self._fields, self._delimiter, self._encoding = len(layout.names), layout.delimiter, encoding
        self._line = layout.header_lines
        self._waiting = deque[str]()
        self._lines: Iterator[str] = iter(())
        self._rows = 0
        self.unreadable: list[Unreadable] = []

    def passed_on(self, pieces: Iterable[str]) -> Iterator[str]:
        """The text without those lines, in pieces of whole rows. Raises TooManyLeftOut."""
        self._lines = _lines(pieces)
        while (line := self._next()) is not None:
            self._line += 1
            if '"' in line:
                row = self._quoted(line)
                if row:
                    yield row
            elif (reason := self._wrong_with(line)) is None:
                self._rows += line != "\n"
                yield line
            else:
                self._leave_out(reason)
        if len(self.unreadable) > LARGEST_FRACTION * (self._rows + len(self.unreadable)):
            raise TooManyLeftOut

    def _next(self) -> str | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def _wrong_with(self, line: str) -> str | None:
        """What is wrong with a line without quotes; None where it fits."""
        if not line.isascii() and (found := UNDECODED.search(line)):
            byte = ord(found.group()) & 0xFF
            return f"The byte 0x{byte:02X}, which is no text in {self._encoding}."
        if "\0" in line:
            return "A NUL byte, which no text contains."
        cells = line.count(self._delimiter) + 1
        if cells == self._fields or line == "\n":
            return None
        return self._wrong_cells(line.rstrip("\n").split(self._delimiter))

    def _wrong_cells(self, row: list[str]) -> str | None:
        # Empty fields beyond the last column are tolerated.
        if len(row) >= self._fields and not any(row[self._fields :]):
            return None
        cells = "1 cell" if len(row) == 1 else f"{len(row):,} cells"
        verb = "was" if self._fields == 1 else "were"
        return f"{cells} where {self._fields:,} {verb} expected."

    def _quoted(self, line: str) -> str:
        """The row that begins with a line; empty where there is none."""
        lines, quotes = [line], line.count('"')
        while quotes % 2 and len(lines) < MOST_LINES_A_ROW and (more := self._next()) is not None:
            lines.append(more)
            quotes += more.count('"')
        text = "".join(lines)
        reason = self._wrong_with_quoted(text)
        if reason is None:
            self._line += len(lines) - 1
            self._rows += 1
            return text
        self._leave_out(reason)
        self._waiting.extendleft(reversed(lines[1:]))
        return ""

    def _wrong_with_quoted(self, text: str) -> str | None:
        if "\0" in text or (not text.isascii() and UNDECODED.search(text)):
            first = text[: text.index("\n") + 1 or None]
            return self._wrong_with(first) or "Bytes that are no text within its quotes."
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True))
        except csv.Error:
            return "A quote that is not closed at the end of its field."
        return self._wrong_cells(rows[0]) if len(rows) == 1 else None

    def _leave_out(self, reason: str) -> None:
        self.unreadable.append(Unreadable(self._line, None, reason))
        if len(self.unreadable) >= MOST_LEFT_OUT:
            raise TooManyLeftOut


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """The text line by line, each with its newline."""
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        for line in lines:
            yield line + "\n"
    if rest:
        yield rest
