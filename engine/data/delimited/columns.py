"""What each column of text is: numbers, yes and no, or categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.data.delimited.chosen_types import Unread, column_as_chosen, mark_of_most
from engine.data.delimited.column_notes import ColumnNotes
from engine.data.delimited.column_survey import ColumnForms, ReadingOptions, survey
from engine.data.delimited.column_values import category_column, floats, number_column, without_missing
from engine.data.delimited.csv_rows import row_count
from engine.data.delimited.number_format import (
    DecimalMark,
    create_macros,
    mark_of_column,
    mark_of_file,
)
from engine.data.table import Column
from engine.progress import Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BOOLEANS = (("false", "true"), ("no", "yes"))

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


def read_columns(
    connection: "DuckDBPyConnection", names: Sequence[str], options: ReadingOptions, progress: Progress
) -> ColumnsRead:
    """The columns of table `rows`.

    A column is of numbers if all its values are, as computers write them or as people do (see
    `engine.data.delimited.number_format`), and none is a code: 007, or more digits than a number keeps. It is
    yes/no if it holds only true and false, or only yes and no, in any case. Else it is a category, and so is
    each one of `options.categories`. Infinite numbers count as missing. The choices of `options.types` come
    first.
    """
    create_macros(connection)
    rows = row_count(connection)
    progress.report(0.0, "Finding out what each column is")
    found = survey(connection, names, options, progress.part(0.0, COUNTING_SHARE))
    of_file = mark_of_file(
        [column.forms for column in found if options.as_numbers(column.name)], options.decimal
    )
    decimal = of_file
    progress.report(COUNTING_SHARE, "Reading columns")
    parts = progress.part(COUNTING_SHARE, 1.0).parts(len(names))
    columns: list[Column] = []
    notes = ColumnNotes(connection)
    unread: list[Unread] = []
    for column, part in zip(found, parts, strict=True):
        mark = mark_of_column(column.forms, of_file, options.delimiter)
        chosen = options.types.get(column.name)
        if options.as_numbers(column.name) and (chosen is not None or column.forms.ambiguous):
            decimal = decimal or mark or mark_of_most(column, of_file)
        if chosen is not None and not (chosen == "number" and mark is not None):
            columns.append(
                column_as_chosen(connection, column, chosen, of_file, options, rows, notes, unread, part)
            )
            continue
        coded = bool(column.codes) and column.name not in options.numbers and chosen is None
        if mark is None or coded or column.name in options.categories:
            columns.append(_texts(connection, column, options, rows, notes, part))
            if column.name not in options.categories:
                notes.on_text(column, coded=coded and mark is not None)
            continue
        plain = column.forms.values == column.forms.plain and mark == "."
        reading = "number" if plain else "point_number" if mark == "." else "comma_number"
        columns.append(number_column(connection, column.name, f"{reading}({column.text})", rows, notes, part))
        notes.on_number(column, mark, of_file)
    return ColumnsRead(tuple(columns), notes.all(), tuple(unread), decimal)


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
    if column.name not in options.categories:
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
