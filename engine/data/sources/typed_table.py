"""A small table that a person types in or pastes, stored in the settings and read as a CSV file is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from engine.data.columns.settings import ColumnType
from engine.data.sources.base import HandMade
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.typed_cells import MOST_CHARACTERS
from engine.data.table import Table
from engine.errors import NoDataYet
from engine.progress import Progress
from engine.settings import hints
from engine.temporary_files import temporary_folder


class TypedTable(HandMade):
    """A table of some rows, typed in or pasted from a spreadsheet.

    Its cells are read by the rules of CSV files, see `CSVFile`. `load` raises UserError where there are none,
    and where CSV files of the same text would be refused.
    """

    heading: ClassVar[str] = "Typed table"
    icon: ClassVar[str] = "keyboard"
    kind: Literal["typed_table"] = "typed_table"

    text: str = Field(
        "",
        max_length=MOST_CHARACTERS,
        title="Table",
        description="One row a line, with commas between the cells, and quotes where they are needed.",
        json_schema_extra=hints(hidden=True),
    )
    header: bool = Field(
        True,
        title="Names on top",
        description="Whether the first row holds the names of the columns.",
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
        description="Texts that stand for a missing value, beside empty cells; none means only these.",
        json_schema_extra=hints(none_title="Usual ones"),
    )

    @property
    def is_empty(self) -> bool:
        return not self.text.strip(", \n")

    def read(self, progress: Progress, types: Mapping[str, ColumnType]) -> Table:
        if self.is_empty:
            raise NoDataYet(
                self.heading,
                expected="a table",
                got="empty cells",
                help="Type it on the tab Table, or paste a range of a spreadsheet there.",
            )
        with temporary_folder() as folder:
            # Under this name, which sentences about a row say.
            file = folder / self.heading
            file.write_text(self.text, encoding="utf-8", newline="")
            table = CSVFile(
                path=str(file),
                delimiter=",",
                encoding="utf-8",
                header=self.header,
                skip=0,
                decimal=self.decimal,
                missing=self.missing,
            ).read(progress, types)
        note = f"{table.rows:,} {'row' if table.rows == 1 else 'rows'}, typed in by hand."
        return replace(table, name=self.heading, notes=(note, *table.notes[1:]))
