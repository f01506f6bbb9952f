"""What all sources have in common that read one table from one file: parts of it, rows of it, roles in it."""

import re
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count, islice
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from engine.data.sources.base import FileSource, ReadingRules
from engine.data.table import Table
from engine.errors import UserError
from engine.progress import Progress
from engine.settings import hints

RoleInFile = Literal["target", "ignored", "group", "weight"]
"""What a file itself can say of a column; see `engine.data.columns.roles` for all roles."""

_RANGES = re.compile(r"\s*\d{1,12}\s*(-\s*(\d{1,12})?\s*)?(,\s*\d{1,12}\s*(-\s*(\d{1,12})?\s*)?)*")


class TableFile(FileSource):
    """A table in a file. Raises UserError where the file is damaged, of another form, or holds no table."""

    icon: ClassVar[str] = "table"

    part_field: ClassVar[str] = ""
    """The field that names one of several tables in a file, such as a sheet; empty where there is one."""

    only_alike: ClassVar[bool] = False
    """Whether another file makes sense only as this one was read, see `like`."""

    first_rows: int | None = Field(
        None,
        ge=1,
        le=2**40,
        title="First rows",
        description="So many rows are read from the beginning, and none behind them.",
        json_schema_extra=hints(none_title="All", last=True),
    )
    rows: str | None = Field(
        None,
        title="Rows",
        description="The rows that are used, counted from 1 below the header, such as 1-100, 205, 300-.",
        json_schema_extra=hints(none_title="All", last=True),
    )

    @field_validator("rows")
    @classmethod
    def _rising(cls, rows: str | None) -> str | None:
        if rows is None or not rows.strip():
            return None
        expected = "numbers of rows from 1 in rising order, such as 1-100, 205, 300-"
        if not _RANGES.fullmatch(rows):
            raise ValueError(expected)
        last = 0
        for first, end in _ranges(rows):
            if first <= last or (end is not None and end < first):
                raise ValueError(expected)
            last = 2**62 if end is None else end
        return rows

    @abstractmethod
    def load_with_fields(
        self,
        categories: Mapping[str, Collection[str]],
        numbers: Collection[str] = (),
        reading: ReadingRules | None = None,
    ) -> tuple[Table, list[list[str]]]:
        """The table, and each of its columns as the fields stand in the file.

        categories : columns that are read as such, whatever they look like, with their known texts: a model
        that was trained on "5", "7" and "x" needs "5" as a text also from a table without "x".
        numbers : columns whose numbers are none of a code, as of a model that was trained on numbers.
        reading : how the table of the training was read.
        """

    def parts(self) -> tuple[str, ...]:
        """The names of the tables in the file (its sheets), in its order; empty where there is only one.

        Raises UserError where the file cannot be read.
        """
        return ()

    def with_part(self, name: str) -> Self:
        return self.replace(**{self.part_field: name}) if self.part_field else super().with_part(name)

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        """What the file itself says of its columns: what it calls the class, and what is to be ignored.

        Only a beginning of the file is read. Raises UserError where it cannot be.
        """
        return {}

    def fixed(self, progress: Progress | None = None) -> Self:
        """The settings with what has to be the same for every other file, as it is found in this one.

        Raises UserError where the file cannot be read.
        """
        return self

    def like(self, path: str, columns: Collection[str]) -> Self:
        """The settings that read another file as this one was read; all its rows.

        columns : those of the table as it was read, which a model needs.
        """
        return self.replace(path=path, first_rows=None, rows=None)

    def with_chosen_rows(self, table: Table, fields: list[list[str]]) -> tuple[Table, list[list[str]]]:
        """The table with those of its rows that are chosen by `rows`; raises UserError where it lacks one."""
        if self.rows is None:
            return table, fields
        named = max(end or first for first, end in _ranges(self.rows))
        if named > table.rows:
            raise UserError(
                f"{table.name}, rows",
                expected=f"numbers up to {table.rows:,}, the last row",
                got=f"{named:,}",
                help="Choose rows that the table has.",
            )
        chosen = np.fromiter(self.places_of_rows(table.rows), np.intp)
        noted = f"{len(chosen):,} of {table.rows:,} rows are used: {self.rows}."
        taken = table.take(chosen)
        return replace(taken, notes=(*taken.notes, noted)), [_taken(texts, chosen) for texts in fields]

    def places_of_rows(self, rows: int) -> Iterator[int]:
        """The places, from 0, of the chosen rows in a table of so many rows."""
        found = chain.from_iterable(
            count(first - 1) if end is None else range(first - 1, end)
            for first, end in _ranges(self.rows or "1-")
        )
        return iter([]) if rows == 0 else _below(found, rows)

    def places_in_file(self, rows: Sequence[int]) -> list[int]:
        """Where rows of the loaded table, from 0 and rising, stand among all rows of the file."""
        if self.rows is None or not rows:
            return list(rows)
        places = list(islice(self.places_of_rows(2**62), max(rows) + 1))
        return [places[row] for row in rows]


def _ranges(rows: str) -> Iterator[tuple[int, int | None]]:
    """First and last row, from 1, of each stretch; None where it goes to the end."""
    for stretch in rows.split(","):
        first, dash, last = stretch.partition("-")
        yield int(first), (int(last) if last.strip() else None) if dash else int(first)


def _below(places: Iterator[int], limit: int) -> Iterator[int]:
    for place in places:
        if place >= limit:
            return
        yield place


def _taken(texts: list[str], rows: NDArray[np.intp]) -> list[str]:
    return [texts[row] for row in rows]
