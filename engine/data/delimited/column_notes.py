"""What is said of the columns of a table: what was understood, kept as text, or may be meant otherwise."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from engine.data.column_text import listed
from engine.data.delimited.column_survey import ColumnForms
from engine.data.delimited.missing_marks import USUAL, Marks, is_mark
from engine.data.delimited.number_format import WITH_SIGN, DecimalMark
from engine.errors import excerpt

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOSTLY = 0.5
"""From this share of numbers on, with or without a sign, a text column is worth a note."""


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

    def add(self, note: str) -> None:
        self._notes.append(note)

    def all(self) -> tuple[str, ...]:
        """All notes; what is understood in several columns is one of them."""
        marks = (f"{what} understood in {listed(names)}." for what, names in self._marks.items() if names)
        return (*self._notes, *marks)

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
            self.add(
                f"Column “{excerpt(name)}” is read as text: {others:,} of its {forms.values:,} values "
                f"{verb}, first “{excerpt(value)}” in row {row:,}."
            )

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
            self.add(
                f"Column “{excerpt(column.name)}”: “{excerpt(value)}” ({rows}) is kept as a value, as all "
                "others are texts. Add it to the missing marks if it stands for none."
            )

    def _first(self, column: ColumnForms, condition: str) -> str:
        text = column.text
        row = self._connection.execute(
            f"select {text} from rows where {condition} order by rowid limit 1"
        ).fetchone()
        return str(row[0]) if row else ""
