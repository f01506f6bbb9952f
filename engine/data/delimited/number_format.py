"""How numbers are written in a table: which mark is the decimal mark, decided for the whole file at once.

“1,500” is one and a half in one country and fifteen hundred in the next. A value proves the decimal mark
where it can be read in one way only: a group of thousands has three digits, and the first does not begin with
0; two marks of a kind group thousands, and of two kinds the last one is decimal. What one column proves holds
for all columns of the file, unless another one proves the opposite.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DecimalMark = Literal[".", ","]

SIGN, EXPONENT = r"[+\-−]?", r"([eE][+\-−]?\d+)?"
BLANKS = " \u00a0\u2009\u202f"
"""Blanks that group thousands: plain, no-break, thin and narrow no-break."""

APOSTROPHES = "'\u2019"
"""They group thousands in Switzerland; the second is the typographic one."""

INFINITE = r"[+-]?(?i:inf(inity)?)"
MOST_EXACT_DIGITS = 15
"""Any whole number of so many digits is exact in double precision; of more, few are."""


def _pattern(mark: str, other: str) -> str:
    whole = rf"[1-9]\d{{0,2}}({other}\d{{3}})+|[1-9]\d{{0,2}}([{BLANKS}{APOSTROPHES}]\d{{3}})+|\d+"
    return rf"{SIGN}(({whole})({mark}\d*)?|{mark}\d+){EXPONENT}|{INFINITE}"


PATTERNS: dict[DecimalMark, str] = {".": _pattern(r"\.", ","), ",": _pattern(",", r"\.")}
"""Regular expressions of a number with this decimal mark."""

CURRENCIES = "$€£¥"
_BEFORE = re.compile(rf"({SIGN})\s*([{CURRENCIES}])\s*(?=[\d.,])")
_BEHIND = re.compile(rf"[\d.,]\s*([%{CURRENCIES}])")

WITH_SIGN = rf"{SIGN}\s*[{CURRENCIES}]\s*{SIGN}\d[\d.,]*\s*%?|{SIGN}\d[\d.,]*\s*[%{CURRENCIES}]"
"""Regular expression of a number with the sign of a currency or per cent."""


@dataclass(frozen=True)
class Forms:
    """How many values of a column can be read how.

    values : that are there, but for marks of missing values. plain : numbers as computers write them. points,
    commas : numbers with a decimal point, with a decimal comma; both may hold of one value.
    with_point, with_comma : in which such a mark stands.
    """

    values: int
    plain: int
    points: int = 0
    commas: int = 0
    with_point: int = 0
    with_comma: int = 0

    def fits(self, mark: DecimalMark) -> bool:
        """Whether all values are numbers with this decimal mark."""
        return self.values == (self.points if mark == "." else self.commas)

    @property
    def proves(self) -> DecimalMark | None:
        """The only decimal mark with which all values are numbers; None where there are none or two."""
        if self.fits(".") == self.fits(","):
            return None
        return "." if self.fits(".") else ","

    @property
    def ambiguous(self) -> bool:
        """Whether all values are numbers with either mark, but other ones."""
        return self.fits(".") and self.fits(",") and self.with_point + self.with_comma > 0


def mark_of_file(columns: Sequence[Forms], chosen: DecimalMark | None) -> DecimalMark | None:
    """The decimal mark that is chosen, or proved by columns and by none of them disproved; else None."""
    if chosen is not None:
        return chosen
    proved = {forms.proves for forms in columns if forms.values} - {None}
    return proved.pop() if len(proved) == 1 else None


def mark_of_column(forms: Forms, of_file: DecimalMark | None, delimiter: str) -> DecimalMark | None:
    """The decimal mark of a column; None where it holds no numbers, or some with each.

    Where nothing proves it, points are decimal, as in most files; commas are where they do not separate
    fields.
    """
    if not forms.values:
        return "."
    if forms.ambiguous:
        if of_file is not None:
            return of_file
        return "." if forms.with_point or delimiter == "," else ","
    return next((mark for mark in PATTERNS if forms.fits(mark)), None)


def create_macros(connection: "DuckDBPyConnection") -> None:
    """Functions of SQL: numbers of texts, NULL where they are none, and whether a text is rather a code."""
    # DuckDB takes "1_000", a name in tables, and reads "+-1" as −1.
    connection.execute(
        "create or replace temp macro number(s) as case when contains(s, '_') or starts_with(s, '+-') "
        "or (strlen(s) < 5 and lower(right(s, 3)) = 'nan') then null else try_cast(s as double) end"
    )
    for name, mark in (("point", "."), ("comma", ",")):
        other = "," if mark == "." else "."
        grouping = BLANKS + APOSTROPHES.replace("'", "''") + other
        ungrouped = f"translate(replace(s, '−', '-'), '{grouping}', '')"
        connection.execute(
            f"create or replace temp macro {name}_number(s) as case "
            f"when regexp_full_match(s, '{_quoted(mark)}') "
            f"then try_cast(replace({ungrouped}, ',', '.') as double) end"
        )
        connection.execute(
            f"create or replace temp macro is_{name}_number(s) as regexp_full_match(s, '{_quoted(mark)}')"
        )
    # Whether the number is written otherwise than numbers are: 007, or digits that a float would lose.
    connection.execute(
        "create or replace temp macro is_code(s) as case "
        "when strlen(s) > 1 and (starts_with(s, '0') or starts_with(s, '+0') or starts_with(s, '-0')) "
        "and not contains(s, '.') "
        "then regexp_full_match(s, '[+-]?0\\d+') "
        f"when strlen(s) > {MOST_EXACT_DIGITS} and regexp_full_match(s, '[+-]?\\d+') then "
        "coalesce(cast(try_cast(cast(s as double) as hugeint) as varchar) <> ltrim(s, '+'), true) "
        "else false end"
    )
    # 5e7092, beyond the numbers: a colour, where all values are equally long.
    connection.execute(
        "create or replace temp macro overflows(s) as case "
        "when contains(s, 'e') or contains(s, 'E') or strlen(s) > 300 then "
        f"coalesce(isinf(number(s)), false) and not regexp_full_match(s, '{INFINITE}') else false end"
    )


def _quoted(mark: DecimalMark | str) -> str:
    """The pattern as a text of SQL."""
    return PATTERNS["." if mark == "." else ","].replace("'", "''")


def affix(value: str) -> tuple[str, str]:
    """The currency or per-cent sign before and behind a number: ("$", "") of "$1.50", ("", "%") of "5 %"."""
    before, behind = _BEFORE.match(value), _BEHIND.search(value)
    return (before.group(2) if before else "", behind.group(1) if behind else "")


def without_affix(text: str, before: str, behind: str) -> str:
    """An expression of SQL: `text` without these signs, NULL where it lacks one of them."""
    sign = "([+\\-−]?)"
    pattern = f"{sign}\\s*{re.escape(before)}\\s*(.*?)\\s*{re.escape(behind)}"
    return f"case when regexp_full_match({text}, '{pattern}') then " + (
        f"regexp_replace({text}, '^{pattern}$', '\\1\\2') end"
    )
