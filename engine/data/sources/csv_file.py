"""Any table of delimited text: CSV and its kin."""

import codecs
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from engine.data.column_settings import ColumnType
from engine.data.delimited.column_survey import ReadingOptions
from engine.data.delimited.columns import read_columns, read_fields
from engine.data.delimited.compression import members_of
from engine.data.delimited.csv_dialect import DELIMITER_TITLES, Layout, find_layout, start_of_line
from engine.data.delimited.csv_rows import lines_of_rows, read_rows
from engine.data.delimited.missing_marks import Marks, QuotedMarks
from engine.data.delimited.row_check import RowCheck, check_lines
from engine.data.delimited.text import Encoding, existing_file, find_encoding, lines_of_text
from engine.data.delimited.tidying import (
    Tidy,
    blanks_to_tabs,
    first_records,
    has_blanks_before_quotes,
    separator_line,
    tidied,
    tidy_quotes,
)
from engine.data.sources.table_file import RoleInFile, TableFile
from engine.data.table import Table, with_levels
from engine.errors import UserError
from engine.input_files import TABLE_FILE
from engine.progress import Progress
from engine.settings import hints
from engine.temporary_files import temporary_folder

SAMPLE_CHARACTERS = 2**18
SAMPLE_LINES = 20
"""What the layout is found out from is at least this long."""


class CSVFile(TableFile):
    """A table from a text file, plain or compressed, with a header and one row a line.

    What is not given (encoding, delimiter, header, lines above it, decimal mark) is found out and told in the
    table's notes. Empty fields are missing values; marks such as NA, null, ? and - are where the rest of the
    column makes them so, see `engine.data.delimited.missing_marks`. See `engine.data.delimited.columns` for
    what makes a column one of numbers, of yes and no, or of categories.

    `load` raises UserError with the line for every row that does not fit; no row is ever left out. One
    thing is tolerated: empty fields beyond the last column, as spreadsheets write them.
    """

    heading: ClassVar[str] = "Table from a file"
    suffixes: ClassVar[tuple[str, ...]] = (
        *(".csv", ".tsv", ".tab", ".txt", ".data"),
        *(".gz", ".zst", ".zip"),
    )
    part_field: ClassVar[str] = "member"
    kind: Literal["csv"] = "csv"

    path: str = Field(
        "",
        title="File",
        description="A table as text (CSV, TSV), also compressed: gzip, Zstandard, zip.",
        json_schema_extra=hints(
            path_filter="Tables (*.csv *.tsv *.tab *.txt *.data *.gz *.zst *.zip);;All files (*)"
        ),
    )
    delimiter: Literal[",", ";", "\t", "|", " "] | None = Field(
        None,
        title="Delimiter",
        description="What separates the fields of a row.",
        json_schema_extra=hints(
            none_title="Guessed",
            choices={",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar", " ": "Blanks"},
        ),
    )
    encoding: str | None = Field(
        None,
        title="Encoding",
        description="How letters are stored, such as utf-8 or latin-1; change it if names look wrong.",
        json_schema_extra=hints(none_title="Guessed"),
    )
    header: bool | None = Field(
        None,
        title="Header",
        description="Whether the first row holds the column names; guessed from it and the rows below it.",
        json_schema_extra=hints(none_title="Guessed"),
    )
    skip: int | None = Field(
        None,
        ge=0,
        le=1000,
        title="Skip lines before header",
        description="Lines above the table that do not belong to it.",
        json_schema_extra=hints(none_title="Guessed"),
    )

    decimal: Literal[".", ","] | None = Field(
        None,
        title="Decimal mark",
        description="What stands before the decimals of a number; the other mark then groups thousands.",
        json_schema_extra=hints(none_title="Guessed", choices={".": "Point", ",": "Comma"}),
    )
    missing: tuple[str, ...] | None = Field(
        None,
        title="Missing marks",
        description="Texts that stand for a missing value, beside empty fields; none means only these.",
        json_schema_extra=hints(none_title="Usual ones"),
    )

    member: str | None = Field(
        None,
        title="File in the archive",
        description="Of a zip archive with several files: the one that holds the table.",
        json_schema_extra=hints(none_title="The only one"),
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is None:
            return None
        expected = "the name of an encoding, such as utf-8, latin-1 or utf-16"
        try:
            text_encoding = codecs.lookup(name)._is_text_encoding
        except LookupError:
            text_encoding = False
        if not text_encoding:
            raise ValueError(expected)
        return name

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        return self.load_as(progress, types)[0]

    def load_as(
        self,
        progress: Progress,
        types: Mapping[str, ColumnType],
        categories: Mapping[str, Collection[str] | None] = MappingProxyType({}),
    ) -> tuple[Table, list[list[str]]]:
        """The table, and no fields. categories : columns that are no numbers, whatever they look like."""
        return self._read(progress, categories)

    def load_with_fields(
        self, categories: Mapping[str, Collection[str]], numbers: Collection[str] = ()
    ) -> tuple[Table, list[list[str]]]:
        return self._read(Progress(), categories, numbers, keep_fields=True)

    def parts(self) -> tuple[str, ...]:
        found = members_of(Path(self.path), TABLE_FILE)
        return found if len(found) > 1 else ()

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        path = existing_file(self.path, member=self.member)
        encoding = self._encoding_of(path, progress or Progress())
        _, layout = self._layout(path, lines_of_text(path, encoding, progress, self.member))
        found: dict[str, RoleInFile] = dict.fromkeys(layout.orange.ignored, "ignored")
        return found | ({layout.orange.target: "target"} if layout.orange.target else {})

    def lines_of(self, rows: Sequence[int]) -> list[int]:
        """The lines of the file, from 1, in which these rows of its table begin; rows from 0, rising.

        The file is read once more: for sentences on what is wrong with a table. Raises UserError.
        """
        path = existing_file(self.path, member=self.member)
        with temporary_folder() as folder:
            body = folder / "rows.csv"
            encoding = self._encoding_of(path, Progress())
            layout, _ = self._stage(path, encoding, body, Progress(), check=False)
            return lines_of_rows(body, layout, self.places_in_file(rows))

    def _encoding_of(self, path: Path, progress: Progress) -> Encoding:
        if self.encoding:
            return Encoding(self.encoding, guessed=False)
        progress.report(0.0, "Guessing the encoding")
        return find_encoding(path, progress, self.member)

    def _read(
        self,
        progress: Progress,
        categories: Mapping[str, Collection[str] | None] = MappingProxyType({}),
        numbers: Collection[str] = (),
        keep_fields: bool = False,
    ) -> tuple[Table, list[list[str]]]:
        path = existing_file(self.path, member=self.member)
        encoding = self._encoding_of(path, progress.part(0.0, 0.05))
        try:
            with temporary_folder() as folder:
                body = folder / "rows.csv"
                layout, cut = self._stage(path, encoding, body, progress.part(0.05, 0.2))
                if cut:
                    # Every row that does not fit is in what was staged, unless DuckDB has nothing against it.
                    with read_rows(path.name, body, layout, progress.part(0.2, 0.2)):
                        layout, _ = self._stage(path, encoding, body, progress.part(0.05, 0.2), check=False)
                progress.report(0.2, "Reading rows")
                reading = progress.part(0.2, 0.5)
                with read_rows(path.name, body, layout, reading, keep_fields) as connection:
                    declared = {name: None for name in layout.orange.levels} | dict(categories)
                    options = ReadingOptions(
                        layout.delimiter, self.decimal, Marks(self.missing), declared, numbers
                    )
                    columns, notes = read_columns(connection, layout.names, options, progress.part(0.5, 1.0))
                    fields = read_fields(connection, len(columns)) if keep_fields else []
        except OSError as error:
            raise UserError(
                path.name,
                expected="room for a temporary copy of the table",
                got=(error.strerror or str(error)).lower(),
                help="Free some disk space.",
            ) from None
        how = f"Read as {encoding.title}{' (guessed)' if encoding.guessed else ''}"
        separated = f"{how}, separated by {layout.separated_by}."
        columns = with_levels(columns, layout.orange.levels)
        table = Table(path.name, columns, (separated, *layout.notes, *notes))
        return self.with_chosen_rows(table, fields)

    def _layout(self, path: Path, pieces: Iterator[str]) -> tuple[str, Layout]:
        """The first pieces of a text, which are taken, and how they are laid out."""
        sample, whole, lines = "", True, SAMPLE_LINES + (self.skip or 0)
        for piece in pieces:
            sample += piece
            if len(sample) >= SAMPLE_CHARACTERS and sample.count("\n") >= lines:
                whole = False
                break
            check_lines(path.name, sample)
        named = separator_line(sample)
        skip = self.skip if named is None or self.skip else 1
        delimiter = self.delimiter or (named if named in DELIMITER_TITLES else None)
        return sample, find_layout(path.name, sample, whole, delimiter, self.header, skip)

    def _stage(
        self, path: Path, encoding: Encoding, body: Path, progress: Progress, check: bool = True
    ) -> tuple[Layout, bool]:
        """Write what is below the header as UTF-8 with plain newlines; the layout, and whether it was cut.

        check : end early where a great many rows do not fit, see `RowCheck`.

        DuckDB gets this copy and never the file itself: it would treat a name with a * as a pattern, needs an
        extension for most encodings, and refuses mixed line ends.
        """
        progress.report(0.0, "Copying the text")
        pieces, size = lines_of_text(path, encoding, member=self.member), path.stat().st_size
        sample, layout = self._layout(path, pieces)
        tidy: Tidy | None = blanks_to_tabs if layout.blanks else None
        if has_blanks_before_quotes(sample, layout.delimiter):
            tidy = tidy_quotes(layout.delimiter)
        below: Iterable[str] = chain([sample[start_of_line(sample, layout.header_lines) :]], pieces)
        quoted = QuotedMarks(layout.delimiter, Marks(self.missing))
        with body.open("w", encoding="utf-8", newline="") as stream:
            rows = RowCheck(path.name, layout)
            below = tidied(below, tidy) if tidy is not None else below
            if self.first_rows is not None:
                below = first_records(below, layout.delimiter, self.first_rows)
            for piece in rows.passed_on(below) if check else below:
                stream.write(quoted.signed(piece))
                progress.report(min(stream.tell() / size, 1.0))
        return layout, rows.cut
