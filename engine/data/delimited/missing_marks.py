"""Marks of missing values: what counts as missing, which depends on the rest of the column."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

QUOTED = "\ufdd0"
"""Stands before a mark that is quoted in the file, which is text. A code point that is no letter anywhere."""

SURE = ("n/a", "nan", "<na>", "#n/a", "#n/v", "#null!", "#value!", "#div/0!", "#ref!", "#name?")
"""No word of any language: missing in every column. The last ones are what spreadsheets write."""

SYMBOLS = ("?", "-", "–", "—", ".", "*", "--")
"""Missing among numbers and among words, but not where all values are symbols, as the classes + and -."""

WORDS = ("na", "null", "none", "missing", "nil")
"""Missing among numbers alone: NA is Namibia, and a house without a pool."""

USUAL = (*SURE, *SYMBOLS, *WORDS)

_WITH_LETTER = "[\\pL\\pN]"
"""In regular expressions of DuckDB: a letter or a digit."""


@dataclass(frozen=True)
class Marks:
    """What may stand for a missing value.

    chosen : the marks that a person has named, which count in every column; None leaves it to the columns.
    """

    chosen: tuple[str, ...] | None = None

    @property
    def of_numbers(self) -> tuple[str, ...]:
        """The marks among numbers, in lower case."""
        return USUAL if self.chosen is None else tuple(mark.strip().lower() for mark in self.chosen)

    def of_texts(self, symbols_alone: bool) -> tuple[str, ...]:
        """The marks among texts. symbols_alone : whether no other value has a letter or a digit."""
        if self.chosen is not None:
            return self.of_numbers
        return SURE if symbols_alone else (*SURE, *SYMBOLS)


USUAL_MARKS = Marks()
"""Nothing is chosen."""


def is_mark(text: str, marks: Iterable[str]) -> str:
    """An expression of SQL: whether the text is one of the marks; false where it is NULL."""
    listed = ", ".join("'" + mark.replace("'", "''") + "'" for mark in marks)
    return f"coalesce(lower({text}) in ({listed}), false)" if listed else "false"


def without_marks(text: str, marks: Sequence[str]) -> str:
    """An expression of SQL: NULL for a mark, else the text, without the sign of quoted marks."""
    bare = f"ltrim({text}, '{QUOTED}')"
    return f"case when {is_mark(text, marks)} then null else {bare} end"


def has_letter(text: str) -> str:
    """An expression of SQL: whether the text has a letter or a digit."""
    return f"regexp_matches({text}, '{_WITH_LETTER}')"


class QuotedMarks:
    """Puts the sign `QUOTED` before marks that are quoted, in pieces of whole rows."""

    def __init__(self, delimiter: str, marks: Marks) -> None:
        listed = "|".join(re.escape(mark) for mark in sorted(marks.of_numbers, key=len, reverse=True))
        edge = re.escape(delimiter)
        self._pattern = (
            re.compile(rf'(^|[{edge}\n])"({listed})"(?=[{edge}\n]|$)', re.IGNORECASE) if listed else None
        )

    def signed(self, piece: str) -> str:
        """The piece with such marks signed."""
        if self._pattern is None or '"' not in piece:
            return piece
        return self._pattern.sub(rf'\1"{QUOTED}\2"', piece)
