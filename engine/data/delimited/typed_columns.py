"""What each column of text is: numbers, yes and no, or categories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from engine.data.delimited.chosen_types import Unread, column_as_chosen, mark_of_most
from engine.data.delimited.column_notes import ColumnNotes
from engine.data.delimited.column_survey import BOOLEANS, ColumnForms, ReadingOptions, survey
from engine.data.delimited.column_values import category_column, floats, number_column, without_missing
from engine.data.delimited.csv_rows import row_count
from engine.data.delimited.number_format import (
    DecimalMark,
    create_macros,
    mark_of_column,
    mark_of_file,
)
from engine.data.table import Column
from engine.progress import Progress, blocks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

POINT: DecimalMark = "."

COUNTING_SHARE = 0.4
"""Of the time that reading columns takes, until it is known what each of them is."""


@dataclass(frozen=True)
class ColumnsRead:
    """Columns, notes on what is not plain in them, and what could not be read as the type that was chosen.

    decimal : the decimal mark that the texts show, or that was taken where they leave it open.
    """

    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    unread: tuple[Unread, ...]
    decimal: DecimalMark | None


class DecimalMarkUnclear(Exception):
    """A column may have decimal commas, so that numbers with points have to be looked at as texts, too."""


def read_columns(
    connection: "DuckDBPyConnection",
    names: Sequence[str],
    options: ReadingOptions,
    progress: Progress,
    numbers: Mapping[int, Column] = MappingProxyType({}),
) -> ColumnsRead:
    """The columns of a table.

    numbers : columns that were read as plain numbers, by their place; table `rows` holds all others.

    A column is of numbers if all its values are, as computers write them or as people do (see
    `engine.data.delimited.number_format`), and none is a code: 007, or more digits than a number keeps. It is
    yes/no if it holds only true and false, or only yes and no, in any case. Else it is a category, and so is
    each one of `options.categories`. Infinite numbers count as missing. The choices of `options.types` come
    first.

    Raises DecimalMarkUnclear where `numbers` have to be in `rows`, too.
    """
    columns = dict(numbers)
    places = [place for place in range(len(names)) if place not in columns]
    if not places:
        mark = options.decimal or (POINT if _any_fraction(numbers.values()) else None)
        return ColumnsRead(tuple(columns[place] for place in range(len(names))), (), (), mark)
    create_macros(connection)
    rows = row_count(connection)
    progress.report(0.0, "Finding out what each column is")
    found = survey(connection, names, places, options, progress.part(0.0, COUNTING_SHARE))
    surveyed = [column.forms for column in found if options.as_numbers(column.name)]
    if numbers and any(forms.proves == "," or forms.ambiguous for forms in surveyed):
        raise DecimalMarkUnclear
    of_file = mark_of_file(surveyed, options.decimal)
    decimal = of_file or (POINT if _any_fraction(numbers.values()) else None)
    progress.report(COUNTING_SHARE, "Reading columns")
    parts = progress.part(COUNTING_SHARE, 1.0).parts(len(places))
    notes = ColumnNotes(connection)
    unread: list[Unread] = []
    for place, column, part in zip(places, found, parts, strict=True):
        mark = mark_of_column(column.forms, of_file, options.delimiter)
        chosen = options.types.get(column.name)
        if options.as_numbers(column.name) and (chosen is not None or column.forms.ambiguous):
            decimal = decimal or mark or mark_of_most(column, of_file)
        if chosen is not None and not (chosen == "number" and mark is not None):
            columns[place] = column_as_chosen(
                connection, column, chosen, of_file, options, rows, notes, unread, part
            )
            continue
        coded = bool(column.codes) and column.name not in options.numbers and chosen is None
        if mark is None or coded or column.name in options.categories:
            columns[place] = _texts(connection, column, options, rows, notes, part)
            if column.name not in options.categories:
                notes.on_text(column, coded=coded and mark is not None)
            continue
        plain = column.forms.values == column.forms.plain and mark == "."
        reading = "number" if plain else "point_number" if mark == "." else "comma_number"
        number = f"{reading}({column.text})"
        columns[place] = number_column(connection, column.name, number, rows, notes, part)
        notes.on_number(column, mark, of_file)
    in_order = tuple(columns[place] for place in range(len(names)))
    return ColumnsRead(in_order, notes.all(), tuple(unread), decimal)


def _any_fraction(numbers: Iterable[Column]) -> bool:
    """Whether a number has decimals, so that the file shows its decimal mark; found early where most have."""
    for column in numbers:
        for block in blocks(column.rows, Progress()):
            values = column.values[block]
            if np.any(values != np.floor(values), where=np.isfinite(values)):
                return True
    return False


def _texts(
    connection: "DuckDBPyConnection",
    column: ColumnForms,
    options: ReadingOptions,
    rows: int,
    notes: ColumnNotes,
    progress: Progress,
) -> Column:
    """A column of texts, as yes and no or in dictionary encoding."""
    text = without_missing(connection, column, options, notes)
    found = None
    if options.categories.get(column.name) is None and column.may_be_boolean:
        found = _boolean(connection, column.name, text, rows, progress)
    return found or category_column(connection, column.name, text, rows, progress)


def _boolean(
    connection: "DuckDBPyConnection", name: str, text: str, rows: int, progress: Progress
) -> Column | None:
    """The column as yes and no, or None if it holds anything else."""
    spellings = [
        str(row[0])
        for row in connection.execute(
            f"select {text} from rows where {text} is not null group by 1 order by count(*) desc, 1 limit 13"
        ).fetchall()
    ]
    for false, true in BOOLEANS:
        if {spelling.lower() for spelling in spellings} <= {false, true}:
            break
    else:
        return None
    numbers = floats(connection, f"cast(lower({text}) = '{true}' as double)", rows, progress)
    return Column(name, "boolean", numbers, (_spelling(false, spellings), _spelling(true, spellings)))


def _spelling(word: str, spellings: Sequence[str]) -> str:
    """How the table spells a word most often; like its other word where it never occurs."""
    for spelling in spellings:
        if spelling.lower() == word:
            return spelling
    other = spellings[0]
    return word.upper() if other.isupper() else word.title() if other.istitle() else word
