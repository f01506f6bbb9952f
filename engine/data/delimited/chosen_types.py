"""Columns of text that are read as the type that a person chose."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.data.columns.settings import ColumnType
from engine.data.columns.types import MOST_UNREADABLE, as_type, notes_on_reading, reason
from engine.data.delimited.column_notes import ColumnNotes
from engine.data.delimited.column_survey import ColumnForms, ReadingOptions
from engine.data.delimited.column_values import category_column, number_column, without_missing
from engine.data.delimited.missing_marks import QUOTED, is_mark, without_marks
from engine.data.delimited.number_format import DecimalMark
from engine.data.table import TEXT_KINDS, Column
from engine.progress import Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Unread = tuple[int, str, str]
"""A row, from 0; a column; why its value could not be read."""


def column_as_chosen(
    connection: "DuckDBPyConnection",
    column: ColumnForms,
    chosen: ColumnType,
    of_file: DecimalMark | None,
    options: ReadingOptions,
    rows: int,
    notes: ColumnNotes,
    unread: list[Unread],
    progress: Progress,
) -> Column:
    """The column as the type that a person chose; what it cannot be is added to `unread`."""
    name, usual = column.name, is_mark(f"ltrim({column.text}, '{QUOTED}')", options.marks.of_numbers)
    if chosen == "number":
        mark = mark_of_most(column, of_file)
        number = f"{'point' if mark == '.' else 'comma'}_number({column.text})"
        made = number_column(connection, name, number, rows, notes, progress)
        wrong = f"{column.text} is not null and {number} is null and not {usual}"
        count = connection.execute(f"select count(*) from rows where {wrong}").fetchone()
        first = connection.execute(
            f"select rowid, ltrim({column.text}, '{QUOTED}') from rows where {wrong} order by rowid "
            f"limit {MOST_UNREADABLE}"
        ).fetchall()
        listed, times = [(int(row), str(text)) for row, text in first], int(count[0]) if count else 0
    elif chosen in TEXT_KINDS:
        text = without_missing(connection, column, options, notes)
        return category_column(connection, name, text, rows, progress, chosen)
    else:
        text = without_marks(column.text, options.marks.of_numbers)
        texts = category_column(connection, name, text, rows, progress)
        known = tuple(options.categories.get(name) or ())
        labels = (known[0], known[1]) if len(known) == 2 else None
        made, wrong_rows = as_type(texts, chosen, labels, options.day_first.get(name), progress)
        places = wrong_rows[:MOST_UNREADABLE]
        found = texts.texts.decoded(texts.texts.indices[places])
        listed, times = list(zip(places.tolist(), map(str, found), strict=True)), len(wrong_rows)
    unread += [(row, name, reason(chosen, text)) for row, text in listed]
    for note in notes_on_reading(made, times, chosen, listed):
        notes.add(note)
    return made


def declared_texts(levels: Iterable[str], types: Mapping[str, ColumnType]) -> list[str]:
    """Of the columns whose values a file declares those that are texts: a person may have chosen else."""
    return [name for name in levels if types.get(name, "category") in TEXT_KINDS]


def mark_of_most(column: ColumnForms, of_file: DecimalMark | None) -> DecimalMark:
    """The decimal mark of a column in which not every value is a number."""
    return of_file or ("," if column.forms.commas > column.forms.points else ".")
