"""What is said of the columns of a table: what was understood, kept as text, or may be meant otherwise."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from engine.data.columns.texts import listed
from engine.data.delimited.column_survey import ColumnForms
from engine.data.delimited.missing_marks import USUAL, Marks, is_mark
from engine.data.delimited.number_format import WITH_SIGN, DecimalMark
from engine.errors import excerpt

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOSTLY = 0.5
"""From this share of numbers on, with or without a sign, a text column is worth a note."""

MOST_SINGLE = 3
"""Of more columns, of which the same is to be said, one note tells."""

MOST_NAMED = 5


class ColumnNotes:
    """What is worth saying of the columns, in the order in which it was found."""

    def __init__(self, connection: "DuckDBPyConnection") -> None:
        self._connection = connection
        self._notes: list[str] = []
        self._marks: dict[str, list[str]] = {
            "Decimal commas": [],
            "Thousands commas": [],
            "Thousands points": [],
        }
        self._texts: list[tuple[str, str]] = []
        self._words: dict[str, list[tuple[str, str]]] = {}

    def add(self, note: str) -> None:
        self._notes.append(note)

    def all(self) -> tuple[str, ...]:
        """All notes; what is understood in several columns is one of them."""
        marks = (f"{what} understood in {listed(names)}." for what, names in self._marks.items() if names)
        return (*self._notes, *self._on_all_texts(), *self._on_all_words(), *marks)

    def _on_all_texts(self) -> Iterator[str]:
        if len(self._texts) > MOST_SINGLE:
            yield (
                f"{len(self._texts):,} columns are read as text, though they hold numbers: "
                f"{_each(self._texts)}."
            )
            return
        for name, numbers in self._texts:
            yield f"Column “{excerpt(name)}” is read as text: {numbers}."

    def _on_all_words(self) -> Iterator[str]:
        kept = (
            "is kept as a value, as the column holds texts. Add it to the missing marks if it stands for "
            "none."
        )
        for word, columns in self._words.items():
            if len(columns) > MOST_SINGLE:
                yield f"{len(columns):,} columns, {_each(columns)}: “{excerpt(word)}” {kept}"
                continue
            for name, rows in columns:
                yield f"Column “{excerpt(name)}”: “{excerpt(word)}” ({rows}) {kept}"

    def on_number(self, column: ColumnForms, mark: DecimalMark, of_file: DecimalMark | None) -> None:
        """What was understood of a column of numbers."""
        name, forms = column.name, column.forms
        if forms.with_comma:
            self._marks["Decimal commas" if mark == "," else "Thousands commas"].append(name)
        elif mark == "," and forms.with_point:
            self._marks["Thousands points"].append(name)
        if forms.ambiguous and of_file is None and forms.with_comma:
            example = self._first(column, f"contains({column.text}, ',')")
            plain = {".": example.replace(",", ""), ",": example.replace(",", ".")}
            other = plain["," if mark == "." else "."]
            self.add(
                f"Column “{excerpt(name)}”: “{excerpt(example)}” is read as {plain[mark]}, but may be "
                f"{other}; nothing in the file proves it. Choose the decimal mark if it is wrong."
            )
        if any(column.affix):
            example = self._first(column, f"{column.text} is not null")
            self.add(f"Column “{excerpt(name)}”: numbers are read without “{''.join(column.affix)}”.")

    def on_text(self, column: ColumnForms, coded: bool) -> None:
        """Why a column that holds numbers is one of texts."""
        name, forms = column.name, column.forms
        if coded:
            example = self._first(column, f"is_code({column.text}) or overflows({column.text})")
            self.add(
                f"Column “{excerpt(name)}” holds codes, which are kept as they are written: "
                f"“{excerpt(example)}”."
            )
        elif forms.plain and forms.plain + self._with_signs(column) >= MOSTLY * forms.values:
            others = forms.values - forms.plain
            verb = "is no number" if others == 1 else "are no numbers"
            text = column.text
            found = self._connection.execute(
                f"select rowid + 1, {text} from rows where {text} is not null and number({text}) is null "
                f"and not {is_mark(text, USUAL)} order by rowid limit 1"
            ).fetchone()
            row, value = found or (0, "")
            numbers = (
                f"{others:,} of its {forms.values:,} values {verb}, first “{excerpt(value)}” in row {row:,}"
            )
            self._texts.append((name, numbers))

    def _with_signs(self, column: ColumnForms) -> int:
        """How many values are numbers with the sign of a currency or per cent."""
        row = self._connection.execute(
            f"select count(*) filter (regexp_full_match({column.text}, '{WITH_SIGN}')) from rows"
        ).fetchone()
        return int(row[0]) if row else 0

    def on_words(self, column: ColumnForms, marks: Marks, missing: Collection[str]) -> None:
        """Which words are kept as values that mean a missing one elsewhere."""
        kept = [mark for mark in marks.of_numbers if mark not in missing]
        found = self._connection.execute(
            f"select min({column.text}), count(*) from rows where {is_mark(column.text, kept)}"
        ).fetchone()
        value, times = found or (None, 0)
        if value is not None:
            rows = "1 row" if times == 1 else f"{times:,} rows"
            self._words.setdefault(value, []).append((column.name, rows))

    def _first(self, column: ColumnForms, condition: str) -> str:
        text = column.text
        row = self._connection.execute(
            f"select {text} from rows where {condition} order by rowid limit 1"
        ).fetchone()
        return str(row[0]) if row else ""


def _each(columns: Sequence[tuple[str, str]]) -> str:
    """Columns with something about each, the first of them: “a” (3 rows), “b” (1 row) and 2 more."""
    named = ", ".join(f"“{excerpt(name)}” ({fact})" for name, fact in columns[:MOST_NAMED])
    more = len(columns) - MOST_NAMED
    return named if more <= 0 else f"{named} and {more:,} more"
