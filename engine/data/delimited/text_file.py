"""A file of delimited text, read as columns: as it lies on the disk where possible, else from a copy."""

import codecs
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from engine.data.delimited.chosen_types import Unread, declared_texts
from engine.data.delimited.column_survey import ReadingOptions
from engine.data.delimited.column_values import read_fields
from engine.data.delimited.csv_body import Body
from engine.data.delimited.csv_dialect import DELIMITER_TITLES, Layout, find_layout, start_of_line
from engine.data.delimited.csv_rows import (
    MOST_NUMBERS,
    check_size,
    connected,
    lines_of_rows,
    read_rows,
    row_count,
)
from engine.data.delimited.header import OrangeHeader
from engine.data.delimited.line_filter import UNDECODED, LineFilter, TooManyLeftOut
from engine.data.delimited.missing_marks import QuotedMarks
from engine.data.delimited.number_columns import NumberColumns, read_numbers
from engine.data.delimited.number_format import DecimalMark
from engine.data.delimited.plain_file import PlainFile, inspect_file
from engine.data.delimited.row_check import RowCheck, check_lines
from engine.data.delimited.text import Encoding, UnreadableLine, find_encoding, is_compressed, lines_of_text
from engine.data.delimited.tidying import (
    Tidy,
    blanks_to_tabs,
    first_records,
    has_blanks_before_quotes,
    separator_line,
    tidied,
    tidy_quotes,
)
from engine.data.delimited.typed_columns import DecimalMarkUnclear, read_columns
from engine.data.delimited.unreadable_values import line_before, places_of_unread, rows_of_unread
from engine.data.table import Column, Unreadable, with_levels
from engine.errors import UserError
from engine.progress import Progress

SAMPLE_CHARACTERS = 2**18
SAMPLE_LINES = 20
"""What the layout is found out from is at least this long."""


@dataclass(frozen=True)
class TextRead:
    """What was read. fields : each column as it stands in the file, where that was asked for.

    unread : values that are not of the type that was chosen. decimal : the decimal mark that the texts show.
    """

    encoding: Encoding
    layout: Layout
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    fields: list[list[str]]
    unreadable: tuple[Unreadable, ...] = ()
    unread: tuple[Unread, ...] = ()
    decimal: DecimalMark | None = None


@dataclass(frozen=True)
class TextFile:
    """A file of delimited text, and what is known of it; None is found out.

    options : but for the delimiter, which is `delimiter`. member : of an archive, the file in it.
    first_rows : how many rows are read; None for all.
    """

    path: Path
    options: ReadingOptions
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    skip: int | None = None
    member: str | None = None
    first_rows: int | None = None

    def orange(self, progress: Progress) -> OrangeHeader:
        """What header rows of Orange say of the columns; only the beginning of the file is read."""
        sample, _, whole = self._sample(self._encoding(progress, tolerant=True), tolerant=True)
        return self._layout(sample, whole).orange

    def read(
        self, folder: Path, progress: Progress, keep_fields: bool = False, every_line: bool = False
    ) -> TextRead:
        """The columns, with the help of copies in a folder.

        keep_fields : the fields, too. every_line : every line has to be a row, and none is left out.
        Raises UserError at the first line that does not fit, or if too many do not.
        """
        if not keep_fields and (body := self._as_it_lies(folder, progress.part(0.0, 0.2))) is not None:
            # Whatever is wrong with it is said of the copy, below.
            with suppress(UserError):
                utf8 = Encoding("utf-8", guessed=False)
                return self._placed(self._columns(utf8, body, folder, progress.part(0.2, 1.0)), folder)
        try:
            encoding = self._encoding(progress.part(0.0, 0.05))
            body = self._copied(encoding, folder, progress)
            read = self._columns(encoding, body, folder, progress.part(0.25, 1.0), keep_fields)
            return self._placed(read, folder)
        except UnreadableLine:
            found = None if every_line else self._sifted(folder, progress, keep_fields)
            if found is None:
                raise
            return found

    def lines_of(self, folder: Path, rows: Sequence[int]) -> list[int]:
        """The lines of the file, from 1, in which these rows begin; rows from 0, rising."""
        copied = folder / "rows.csv"
        layout, _ = self._stage(self._encoding(Progress()), copied, Progress(), check=False)
        return lines_of_rows(copied, layout, rows)

    def _encoding(self, progress: Progress, tolerant: bool = False) -> Encoding:
        if self.encoding:
            return Encoding(self.encoding, guessed=False)
        progress.report(0.0, "Guessing the encoding")
        return find_encoding(self.path, progress, tolerant, self.member)

    def _as_it_lies(self, folder: Path, progress: Progress) -> Body | None:
        """The file itself, where it can be read without a copy: UTF-8 with one kind of line end, and no more
        above the table than its header.
        """
        if self.first_rows is not None:
            return None
        if (self.encoding and codecs.lookup(self.encoding).name != "utf-8") or is_compressed(self.path):
            return None
        progress.report(0.0, "Looking through the file")
        try:
            sample, _, whole = self._sample(Encoding("utf-8", guessed=False))
            layout = self._layout(sample, whole)
        except UserError:
            return None
        head = sample[: start_of_line(sample, layout.header_lines)]
        if (
            layout.blanks
            or layout.header_lines > 1
            or head.strip("\n").count("\n")
            or has_blanks_before_quotes(sample, layout.delimiter)
        ):
            return None
        inspected = inspect_file(self.path, self.options.marks, progress)
        if inspected is None or inspected.marks:
            return None
        # DuckDB takes a name with a * for a pattern, so it gets another one.
        link = folder / "table.csv"
        try:
            link.symlink_to(self.path.absolute())
        except OSError:
            return None
        return Body(link, layout, layout.header_lines, inspected.crlf, inspected.lines, inspected.odd_numbers)

    def _copied(self, encoding: Encoding, folder: Path, progress: Progress) -> Body:
        copied = folder / "rows.csv"
        layout, cut = self._stage(encoding, copied, progress.part(0.05, 0.2))
        if cut:
            # Every row that does not fit is in what was staged, unless DuckDB has nothing against it.
            with connected(folder, progress.part(0.2, 0.2)) as connection:
                read_rows(connection, self.path.name, Body(copied, layout), progress.part(0.2, 0.2))
            layout, _ = self._stage(encoding, copied, progress.part(0.05, 0.2), check=False)
        return self._seen(copied, layout, progress.part(0.2, 0.25))

    def _seen(self, copied: Path, layout: Layout, progress: Progress) -> Body:
        inspected = inspect_file(copied, self.options.marks, progress) or PlainFile()
        return Body(copied, layout, 0, False, inspected.lines, inspected.odd_numbers)

    def _sifted(self, folder: Path, progress: Progress, keep_fields: bool) -> TextRead | None:
        """The columns without the lines that do not fit; None where these are too many, or not the reason."""
        copied = folder / "sifted.csv"
        try:
            encoding = self._encoding(progress.part(0.0, 0.05), tolerant=True)
            sample, pieces, whole = self._sample(encoding, tolerant=True)
            layout = self._layout(sample, whole)
            start = start_of_line(sample, layout.header_lines)
            if UNDECODED.search(sample, 0, start) or "\0" in sample[:start]:
                return None
            line_filter = LineFilter(layout, encoding.title)
            below = self._tidied(sample, layout, chain([sample[start:]], pieces))
            self._write(copied, layout, line_filter.passed_on(below), progress.part(0.05, 0.2))
            if not line_filter.unreadable:
                return None
            body = self._seen(copied, layout, progress.part(0.2, 0.25))
            reading = self._columns(encoding, body, folder, progress.part(0.25, 1.0), keep_fields)
        except (UserError, TooManyLeftOut):
            return None
        left_out = sorted(place.line for place in line_filter.unreadable)
        rows = rows_of_unread(reading.unread)
        lines = [line_before(left_out, line) for line in lines_of_rows(copied, layout, rows)] if rows else []
        places = (
            *line_filter.unreadable,
            *places_of_unread(reading.unread, dict(zip(rows, lines, strict=True))),
        )
        return replace(reading, unreadable=tuple(sorted(places, key=lambda place: place.line)))

    def _placed(self, read: TextRead, folder: Path) -> TextRead:
        """What was read, with the lines of the values that are not of the type that was chosen."""
        rows = rows_of_unread(read.unread)
        lines = dict(zip(rows, self.lines_of(folder, rows), strict=True)) if rows else {}
        return replace(read, unreadable=places_of_unread(read.unread, lines))

    def _columns(
        self, encoding: Encoding, body: Body, folder: Path, progress: Progress, keep_fields: bool = False
    ) -> TextRead:
        options = replace(
            self.options, delimiter=body.layout.delimiter, categories=self._categories(body.layout.orange)
        )
        file, names = self.path.name, body.layout.names
        with connected(folder, progress) as connection:
            progress.report(0.0, "Reading rows")
            found = None
            if not keep_fields:
                found = read_numbers(connection, body, folder, options, progress.part(0.0, 0.4))
            numbers = found or NumberColumns()
            if found is not None:
                check_size(file, numbers.rows, len(names), MOST_NUMBERS if numbers.values else None)
            rest = [place for place in range(len(names)) if place not in numbers.values]
            reading = progress.part(0.4 if numbers.values else 0.0, 0.5)
            if rest:
                read_rows(connection, file, numbers.others or body, reading, rest, keep_fields)
            try:
                if rest and numbers.values and row_count(connection) != numbers.rows:
                    raise DecimalMarkUnclear
                read = read_columns(connection, names, options, progress.part(0.5, 1.0), numbers.values)
            except DecimalMarkUnclear:
                read_rows(connection, file, body, reading)
                read = read_columns(connection, names, options, progress.part(0.5, 1.0))
            fields = read_fields(connection, len(names)) if keep_fields else []
        columns = with_levels(read.columns, body.layout.orange.levels)
        return TextRead(
            encoding, body.layout, columns, read.notes, fields, unread=read.unread, decimal=read.decimal
        )

    def _categories(self, orange: OrangeHeader) -> Mapping[str, Collection[str] | None]:
        """Columns of texts, also those of a header of Orange; what is known of the table comes first."""
        declared = declared_texts(orange.levels, self.options.types)
        numbers = self.options.numbers
        return {name: None for name in declared if name not in numbers} | dict(self.options.categories)

    def _stage(
        self, encoding: Encoding, copied: Path, progress: Progress, check: bool = True
    ) -> tuple[Layout, bool]:
        """Write what is below the header as UTF-8 with plain newlines; the layout, and whether it was cut.

        check : end early where a great many rows do not fit, see `RowCheck`.

        DuckDB needs an extension for most encodings, and refuses mixed line ends.
        """
        progress.report(0.0, "Copying the text")
        sample, pieces, whole = self._sample(encoding)
        layout = self._layout(sample, whole)
        start = start_of_line(sample, layout.header_lines)
        below = self._tidied(sample, layout, chain([sample[start:]], pieces))
        rows = RowCheck(self.path.name, layout)
        self._write(copied, layout, rows.passed_on(below) if check else below, progress)
        return layout, rows.cut

    def _sample(self, encoding: Encoding, tolerant: bool = False) -> tuple[str, Iterator[str], bool]:
        """The beginning of the text, what comes behind it, and whether that is nothing."""
        pieces = lines_of_text(self.path, encoding, tolerant=tolerant, member=self.member)
        sample, lines = "", SAMPLE_LINES + (self.skip or 0)
        for piece in pieces:
            sample += piece
            if len(sample) >= SAMPLE_CHARACTERS and sample.count("\n") >= lines:
                return sample, pieces, False
            check_lines(self.path.name, sample)
        return sample, pieces, True

    def _layout(self, sample: str, whole: bool) -> Layout:
        named = separator_line(sample)
        skip = self.skip if named is None or self.skip else 1
        delimiter = self.delimiter or (named if named in DELIMITER_TITLES else None)
        return find_layout(self.path.name, sample, whole, delimiter, self.header, skip)

    def _tidied(self, sample: str, layout: Layout, pieces: Iterable[str]) -> Iterable[str]:
        tidy: Tidy | None = blanks_to_tabs if layout.blanks else None
        if has_blanks_before_quotes(sample, layout.delimiter):
            tidy = tidy_quotes(layout.delimiter)
        pieces = tidied(pieces, tidy) if tidy is not None else pieces
        return pieces if self.first_rows is None else first_records(pieces, layout.delimiter, self.first_rows)

    def _write(self, copied: Path, layout: Layout, pieces: Iterable[str], progress: Progress) -> None:
        quoted = QuotedMarks(layout.delimiter, self.options.marks)
        size = self.path.stat().st_size
        with copied.open("w", encoding="utf-8", newline="") as stream:
            for piece in pieces:
                stream.write(quoted.signed(piece))
                progress.report(min(stream.tell() / size, 1.0))
