"""Any table of delimited text: CSV and its kin."""

import codecs
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator

from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import listed
from engine.data.delimited.column_survey import ReadingOptions
from engine.data.delimited.compression import chosen_member, members_of
from engine.data.delimited.missing_marks import Marks
from engine.data.delimited.text import existing_file
from engine.data.delimited.text_file import TextFile
from engine.data.sources.base import AS_FOUND, ReadingRules
from engine.data.sources.table_file import RoleInFile, TableFile
from engine.data.table import Table
from engine.errors import UserError, excerpt
from engine.input_files import TABLE_FILE
from engine.progress import Progress
from engine.settings import hints
from engine.temporary_files import temporary_folder


class CSVFile(TableFile):
    """A table from a text file, plain or compressed, with a header and one row a line.

    What is not given (encoding, delimiter, header, lines above it, decimal mark) is found out and told in the
    table's notes. Empty fields are missing values; marks such as NA, null, ? and - are where the rest of the
    column makes them so, see `engine.data.delimited.missing_marks`; for what makes a column one of numbers,
    of yes and no, or of categories, see `engine.data.delimited.typed_columns`.

    Where nearly all lines have the same number of cells, those that have not, or that hold bytes that are no
    text, are left out and listed in the table; see `engine.data.delimited.line_filter` for how many at most.
    Beyond that, `load` raises UserError with the first such line; `load_with_fields` does so at any, as there
    is a prediction for every row. Empty fields beyond the last column are tolerated, as spreadsheets write
    them.
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
        json_schema_extra=hints(none_title="The first table"),
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
        return self._read(progress, categories, reading=ReadingRules(types=types))

    def load_with_fields(
        self,
        categories: Mapping[str, Collection[str]],
        numbers: Collection[str] = (),
        reading: ReadingRules | None = None,
    ) -> tuple[Table, list[list[str]]]:

        return self._read(
            Progress(), categories, numbers, reading or AS_FOUND, keep_fields=True, every_line=True
        )

    def fields_as_written(self, progress: Progress) -> list[list[str]]:
        """Each column as its fields stand in the file, without the lines that do not fit; see `load`."""
        return self._read(progress, keep_fields=True)[1]

    def parts(self) -> tuple[str, ...]:
        found = members_of(Path(self.path), TABLE_FILE)
        return found if len(found) > 1 else ()

    def with_part(self, name: str) -> Self:
        if not members_of(Path(self.path), TABLE_FILE):
            self._refuse_part()
        return self.replace(member=name)

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        orange = self._file(ReadingOptions("")).orange(progress or Progress())
        found: dict[str, RoleInFile] = dict.fromkeys(orange.ignored, "ignored")
        return found | ({orange.target: "target"} if orange.target else {})

    def lines_of(self, rows: Sequence[int]) -> list[int]:
        """The lines of the file, from 1, in which these rows of its table begin; rows from 0, rising.

        The file is read once more: for sentences on what is wrong with a table. Raises UserError.
        """
        with temporary_folder() as folder:
            return self._file(ReadingOptions("")).lines_of(folder, self.places_in_file(rows))

    def _read(
        self,
        progress: Progress,
        categories: Mapping[str, Collection[str] | None] = MappingProxyType({}),
        numbers: Collection[str] = (),
        reading: ReadingRules = AS_FOUND,
        keep_fields: bool = False,
        every_line: bool = False,
    ) -> tuple[Table, list[list[str]]]:
        marks = Marks(self.missing)
        decimal = self.decimal or reading.decimal
        file = self._file(
            ReadingOptions("", decimal, marks, categories, numbers, reading.types, reading.day_first)
        )
        try:
            with temporary_folder() as folder:
                read = file.read(folder, progress, keep_fields, every_line)
        except OSError as error:
            raise UserError(
                file.path.name,
                expected="room for a temporary copy of the table",
                got=(error.strerror or str(error)).lower(),
                help="Free some disk space.",
            ) from None
        how = f"Read as {read.encoding.title}{' (guessed)' if read.encoding.guessed else ''}"
        notes = [f"{how}, separated by {read.layout.separated_by}.", *read.layout.notes, *read.notes]
        members = self.parts() if self.member is None else ()
        if (member := chosen_member(members)) is not None:
            others = [name for name in members if name != member]
            notes.insert(0, f"Read from “{excerpt(member)}”; the archive holds {listed(others)}, too.")
        lines = [place for place in read.unreadable if place.column is None]
        if lines:
            counted = "1 line" if len(lines) == 1 else f"{len(lines):,} lines"
            verb, first = "does" if len(lines) == 1 else "do", lines[0]
            notes.append(f"{counted} that {verb} not fit left out, first line {first.line:,}: {first.reason}")
        table = Table(
            file.path.name, read.columns, tuple(notes), unreadable=read.unreadable, decimal=read.decimal
        )
        return self.with_chosen_rows(table, read.fields)

    def _file(self, options: ReadingOptions) -> TextFile:
        path = existing_file(self.path, member=self.member)
        return TextFile(
            path,
            options,
            self.encoding,
            self.delimiter,
            self.header,
            self.skip,
            self.member,
            self.first_rows,
        )
