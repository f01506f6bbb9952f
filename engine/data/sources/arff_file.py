"""ARFF, the format of Weka: dense and sparse.

Read by ourselves: SciPy's reader knows no sparse rows and no names with blanks, and gives a missing category
as a text; liac-arff knows no dates, and cuts the decimals of whole numbers.
"""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NoReturn

from pydantic import Field

from engine.data.columns.texts import listed
from engine.data.delimited.missing_marks import QUOTED, USUAL
from engine.data.sources.arff_header import ISO_DATE, Attribute, header_of, split_fields, unquoted
from engine.data.sources.converted import Rows
from engine.data.sources.table_file import RoleInFile
from engine.data.sources.text_table import TextTable, numbered_lines, quoted, refuse_line
from engine.progress import Progress
from engine.settings import hints

WEIGHT = re.compile(r",\s*\{\s*[-+.0-9eE]+\s*\}\s*$")
"""What stands behind a row that counts more or less than others."""

SPARSE_ENTRY = re.compile(r"(\d+)\s+(.+)", re.DOTALL)


class ARFFFile(TextTable):
    """A table in ARFF, the format of Weka, with the kinds of its columns.

    Nominal values keep their order. `?` is missing, unless it is quoted. In sparse rows, what is left out is
    0, and of a nominal column its first value, as Weka reads them. Dates are read by their pattern.
    """

    heading: ClassVar[str] = "ARFF file"
    suffixes: ClassVar[tuple[str, ...]] = (".arff",)
    kind: Literal["arff"] = "arff"

    path: str = Field(
        "",
        title="File",
        description="A table in the format of Weka.",
        json_schema_extra=hints(path_filter="ARFF files (*.arff);;All files (*)"),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        lines = numbered_lines(path, progress)
        attributes = header_of(path, lines)
        levels = {one.name: one.levels for one in attributes if one.kind == "nominal"}
        return Rows(_rows(path, attributes, lines), "Read as ARFF.", levels=levels)

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        path = Path(self.path)
        names = [one.name for one in header_of(path, numbered_lines(path, progress or Progress()))]
        return {name: "target" for name in names if name.lower() == "class"}


@dataclass(frozen=True)
class _Place:
    """Where a row stands, for sentences."""

    path: Path
    line: int

    def refuse(self, expected: str, got: str) -> NoReturn:
        refuse_line(self.path, self.line, expected, got)


def _rows(
    path: Path, attributes: Sequence[Attribute], lines: Iterator[tuple[int, str]]
) -> Iterator[Sequence[Any]]:
    """The names, then the rows."""
    yield [one.name for one in attributes]
    for number, line in lines:
        text = line.strip()
        if text and not text.startswith("%"):
            place = _Place(path, number)
            yield _sparse(place, attributes, text) if text[0] == "{" else _dense(place, attributes, text)


def _dense(place: _Place, attributes: Sequence[Attribute], text: str) -> list[Any]:
    fields = split_fields(WEIGHT.sub("", text))
    if fields is None:
        place.refuse("quotes that are closed", "one that is not")
    if len(fields) != len(attributes):
        place.refuse(f"{len(attributes)} values, one for each attribute", str(len(fields)))
    return [_value(place, one, field) for one, field in zip(attributes, fields, strict=True)]


def _sparse(place: _Place, attributes: Sequence[Attribute], text: str) -> list[Any]:
    inner, closed, _ = WEIGHT.sub("", text)[1:].rpartition("}")
    if not closed:
        place.refuse("a row in braces", "one that is not closed")
    row = [one.left_out for one in attributes]
    for field in (split_fields(inner) or []) if inner.strip() else []:
        entry = SPARSE_ENTRY.fullmatch(field.strip())
        if entry is None:
            place.refuse("an index and a value, such as 3 0.5", quoted(field))
        index = int(entry[1])
        if index >= len(attributes):
            place.refuse(f"an index up to {len(attributes) - 1}", str(index))
        row[index] = _value(place, attributes[index], entry[2])
    return row


def _value(place: _Place, attribute: Attribute, field: str) -> Any:
    text = field.strip()
    if text == "?":
        return None
    if unquoted(text) != text:
        # Quoted, it is no mark of a missing value.
        return _checked(place, attribute, unquoted(text), sign=QUOTED)
    return _checked(place, attribute, text)


def _checked(place: _Place, attribute: Attribute, text: str, sign: str = "") -> Any:
    if attribute.kind == "nominal" and text not in attribute.levels:
        place.refuse(f"one of {listed(attribute.levels, 12)} in {quoted(attribute.name)}", quoted(text))
    if attribute.kind == "number":
        try:
            float(text)
        except ValueError:
            place.refuse(f"a number in {quoted(attribute.name)}", quoted(text))
    if attribute.kind == "date":
        try:
            return datetime.datetime.strptime(text, attribute.pattern or ISO_DATE)
        except ValueError:
            place.refuse(f"a date of its pattern in {quoted(attribute.name)}", quoted(text))
    return f"{sign}{text}" if text.lower() in USUAL else text
