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

COLUMNS_A_QUERY = 50

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
    """What a column is found to be. text : the expression of its texts. codes : values that are codes."""

    name: str
    text: str
    forms: Forms
    codes: int
    affix: tuple[str, str] = ("", "")


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
    wanted = (
        "count({0}), count(number({0})), count(*) filter (is_code({0})), "
        "count(*) filter (contains({0}, '.')), count(*) filter (overflows({0}))"
    )
    found, with_point = [], []
    for name, text, counts in zip(names, texts, _by_column(connection, wanted, texts, progress), strict=True):
        present, plain, codes, points, overflows = counts
        if overflows and _equally_long(connection, text):
            codes += overflows
        forms = Forms(present, plain, plain, 0 if points else plain, points)
        found.append(ColumnForms(name, text, forms, codes))
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
        if not options.as_numbers(found[place].name):
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
    mark = is_mark(f"ltrim({{0}}, '{QUOTED}')", options.marks.of_numbers)
    wanted = (
        f"count({{0}}) - count(*) filter ({mark}), count(number({{0}})), "
        "count(*) filter (is_point_number({0})), count(*) filter (is_comma_number({0})), "
        "count(*) filter (contains({0}, '.')), count(*) filter (contains({0}, ',')), "
        "count(*) filter (is_code({0}))"
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
    wanted: str,
    texts: Sequence[str],
    progress: Progress,
    table: str = "rows",
) -> Iterator[tuple[int, ...]]:
    """For each expression what `wanted` asks for, {0} being the expression; many a query."""
    for block in blocks(len(texts), progress, COLUMNS_A_QUERY):
        part = texts[block]
        asked = ", ".join(wanted.format(text) for text in part)
        row = connection.execute(f"select {asked} from {table}").fetchone() or ()
        width = len(row) // len(part)
        yield from (row[place : place + width] for place in range(0, len(row), width))
