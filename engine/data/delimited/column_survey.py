"""How the values of each column can be read: as numbers with a point or a comma, as codes, as texts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.data.columns.settings import ColumnType
from engine.data.delimited.missing_marks import QUOTED, USUAL_MARKS, Marks, is_mark, without_marks
from engine.data.delimited.number_format import DecimalMark, Forms, affix, without_affix
from engine.progress import Progress, blocks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS_A_QUERY = 500

BOOLEANS = (("false", "true"), ("no", "yes"))

SAMPLE = "(select * from rows limit 1000)"


@dataclass(frozen=True)
class ReadingOptions:
    """What is known of a table beforehand.

    delimiter : of its fields. decimal : the decimal mark; None finds it out. marks : of missing values.
    categories : columns of texts, also where they look like numbers, each with its known texts; None where
    these are not known, so that they may also be yes and no.
    numbers : columns of numbers, also where they look like codes. types : what a person chose, by column.
    day_first : of columns of dates, whether 1/2/2020 is 1 February, where that is known.
    """

    delimiter: str
    decimal: DecimalMark | None = None
    marks: Marks = USUAL_MARKS
    categories: Mapping[str, Collection[str] | None] = field(default_factory=dict)
    numbers: Collection[str] = ()
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    day_first: Mapping[str, bool] = field(default_factory=dict)

    def as_numbers(self, name: str) -> bool:
        """Whether the column is one of numbers if it can be."""
        return name not in self.categories and self.types.get(name, "number") == "number"


@dataclass(frozen=True)
class ColumnForms:
    """What a column is found to be. text : the expression of its texts. codes : values that are codes.

    may_miss : whether a value is one of the marks of missing numbers. may_be_boolean : whether every value is
    true or false, yes or no, or such a mark.
    """

    name: str
    text: str
    forms: Forms
    codes: int
    affix: tuple[str, str] = ("", "")
    may_miss: bool = True
    may_be_boolean: bool = True


def survey(
    connection: "DuckDBPyConnection",
    names: Sequence[str],
    places: Sequence[int],
    options: ReadingOptions,
    progress: Progress,
) -> list[ColumnForms]:
    """What can be read how, in the columns at these places; patterns are slow, so they are tried where they
    may matter.
    """
    texts = [f"c{place}" for place in places]
    names = [names[place] for place in places]
    if options.marks.chosen is not None:
        # They count in every column, and may be numbers: -999.
        texts = [without_marks(text, options.marks.of_numbers) for text in texts]
    mark = is_mark(f"ltrim(value, '{QUOTED}')", options.marks.of_numbers)
    words = ", ".join(f"'{word}'" for pair in BOOLEANS for word in pair)
    wanted = (
        "count(value)",
        "count(number(value))",
        "count(*) filter (is_code(value))",
        "count(*) filter (contains(value, '.'))",
        "count(*) filter (overflows(value))",
        f"count(*) filter ({mark})",
        f"count(*) filter (lower(value) in ({words}))",
    )
    found, with_point = [], []
    for name, text, counts in zip(names, texts, _by_column(connection, wanted, texts, progress), strict=True):
        present, plain, codes, points, overflows, marks, booleans = counts
        if overflows and _equally_long(connection, text):
            codes += overflows
        forms = Forms(present, plain, plain, 0 if points else plain, points)
        surveyed = ColumnForms(name, text, forms, codes)
        found.append(replace(surveyed, may_miss=marks > 0, may_be_boolean=booleans + marks >= present))
        with_point.append(points)
    places = [place for place, column in enumerate(found) if column.forms.plain < column.forms.values]
    # One value that is no number makes a column one of texts: most show it in their first rows.
    sampled = list(found)
    _look_closer(connection, sampled, places, options, SAMPLE)
    places = [
        place
        for place in places
        if options.types.get(found[place].name) == "number"
        or sampled[place].forms.fits(".")
        or sampled[place].forms.fits(",")
    ]
    _look_closer(connection, found, places, options)
    others = [place for place, column in enumerate(found) if not column.forms.fits(".")]
    for place in others:
        if found[place].may_be_boolean or not options.as_numbers(found[place].name):
            continue
        found[place] = _without_affix(connection, found[place], options)
    doubtful = options.decimal == "," or any(
        column.forms.proves == "," or column.forms.ambiguous for column in (found[place] for place in places)
    )
    if doubtful:
        # What computers write may be meant otherwise too: 1.500 beside 2,5.
        rest = [place for place, points in enumerate(with_point) if points and place not in places]
        _look_closer(connection, found, rest, options)
    return found


def _equally_long(connection: "DuckDBPyConnection", text: str) -> bool:
    found = connection.execute(f"select count(distinct strlen({text})) from rows").fetchone()
    return found == (1,)


def _look_closer(
    connection: "DuckDBPyConnection",
    found: list[ColumnForms],
    places: Sequence[int],
    options: ReadingOptions,
    table: str = "rows",
) -> None:
    """Count the numbers with a decimal point and with a decimal comma in these columns."""
    mark = is_mark(f"ltrim(value, '{QUOTED}')", options.marks.of_numbers)
    wanted = (
        f"count(value) - count(*) filter ({mark})",
        "count(number(value))",
        "count(*) filter (is_point_number(value))",
        "count(*) filter (is_comma_number(value))",
        "count(*) filter (contains(value, '.'))",
        "count(*) filter (contains(value, ','))",
        "count(*) filter (is_code(value))",
    )
    texts = [found[place].text for place in places]
    for place, counts in zip(places, _by_column(connection, wanted, texts, Progress(), table), strict=True):
        found[place] = replace(found[place], forms=Forms(*counts[:-1]), codes=counts[-1])


def _without_affix(
    connection: "DuckDBPyConnection", column: ColumnForms, options: ReadingOptions
) -> ColumnForms:
    """The column read without the sign of a currency or per cent that all of its numbers carry."""
    mark = is_mark(f"ltrim({column.text}, '{QUOTED}')", options.marks.of_numbers)
    first = connection.execute(
        f"select {column.text} from rows where {column.text} is not null and not {mark} limit 1"
    ).fetchone()
    before, behind = affix(first[0]) if first else ("", "")
    if not before and not behind:
        return column
    bare = [replace(column, text=without_affix(column.text, before, behind), affix=(before, behind))]
    _look_closer(connection, bare, [0], options)
    whole = [column]
    _look_closer(connection, whole, [0], options)
    of_all = bare[0].forms.values == whole[0].forms.values
    return bare[0] if of_all and (bare[0].forms.fits(".") or bare[0].forms.fits(",")) else column


def _by_column(
    connection: "DuckDBPyConnection",
    wanted: Sequence[str],
    texts: Sequence[str],
    progress: Progress,
    table: str = "rows",
) -> Iterator[tuple[int, ...]]:
    """For each of the expressions `texts`, the counts `wanted` of its values; NULL is never counted.

    The columns are made one long column first: a query that counts in each of many columns takes longer to
    plan than to carry out, some milliseconds a column.
    """
    for block in blocks(len(texts), progress, COLUMNS_A_QUERY):
        part = texts[block]
        named = ", ".join(f"{text} as x{number}" for number, text in enumerate(part))
        rows = connection.execute(
            f"select cast(substr(name, 2) as integer), {', '.join(wanted)} from "
            f"(unpivot (select {named} from {table}) on columns(*) into name name value value) group by name"
        ).fetchall()
        counts = {row[0]: row[1:] for row in rows}
        # A column without a value has no part in the long one.
        nothing = (0,) * len(wanted)
        yield from (counts.get(number, nothing) for number in range(len(part)))
