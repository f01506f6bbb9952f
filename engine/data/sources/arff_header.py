"""The header of ARFF: what its attributes are, and how its texts are quoted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.data.sources.text_table import quoted, refuse_line
from engine.errors import UserError

QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
"""A text in quotes, in which a backslash takes the meaning of the next character."""

FIELD = re.compile(rf"\s*((?:{QUOTED}|[^,\t'\"]|(?<=[^\s,\t])['\"])*)\s*(,|\t|$)")

ATTRIBUTE = re.compile(rf"@attribute\s+({QUOTED}|\S+)\s+(.+)", re.IGNORECASE)

ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

ISO_DATE = "%Y-%m-%dT%H:%M:%S"
"""The pattern of dates where none is given."""

JAVA_PATTERNS = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "mm": "%M",
    "ss": "%S",
    "SSS": "%f",
    "a": "%p",
    "hh": "%I",
    "h": "%I",
    "Z": "%z",
    "z": "%Z",
}
"""Letters of a pattern of dates in Java, and those of Python."""


@dataclass(frozen=True)
class Attribute:
    """A column. levels : of a nominal one, its values in order. pattern : of dates, as Python writes it."""

    name: str
    kind: Literal["number", "nominal", "text", "date"]
    levels: tuple[str, ...] = ()
    pattern: str = ""

    @property
    def left_out(self) -> Any:
        """What a sparse row means that has no value here."""
        return {"number": 0, "nominal": self.levels[0] if self.levels else None}.get(self.kind)


def header_of(path: Path, lines: Iterator[tuple[int, str]]) -> list[Attribute]:
    """The attributes down to the line @data, which is taken from the lines. Raises UserError."""
    found: list[Attribute] = []
    for number, line in lines:
        text = line.strip()
        word = text.split(None, 1)[0].lower() if text else ""
        if word == "@data":
            if not found:
                refuse_line(path, number, "attributes above the data", "none")
            return found
        if word == "@attribute":
            found.append(_attribute(path, number, text))
            if found[-1].name in {one.name for one in found[:-1]}:
                refuse_line(path, number, "different names of attributes", f"{quoted(found[-1].name)} twice")
        elif text and not text.startswith("%") and word != "@relation":
            refuse_line(path, number, "@attribute or @data", quoted(text), "Choose a file in ARFF.")
    raise UserError(
        path.name,
        expected="a line @data with rows below it",
        got="the end of the file",
        help="Copy or download the file again.",
    )


def _attribute(path: Path, line: int, text: str) -> Attribute:
    found = ATTRIBUTE.fullmatch(text)
    if found is None:
        refuse_line(path, line, "@attribute with a name and a type", quoted(text))
    name, kind = " ".join(unquoted(found[1]).split()), found[2].strip()
    if kind.startswith("{"):
        levels = split_fields(kind[1:].rpartition("}")[0])
        if not kind.endswith("}") or not levels:
            refuse_line(path, line, "values in braces", quoted(kind))
        return Attribute(name, "nominal", tuple(unquoted(level.strip()) for level in levels))
    word, _, rest = kind.partition(" ")
    if word.lower() in ("numeric", "real", "integer"):
        return Attribute(name, "number")
    if word.lower() == "string":
        return Attribute(name, "text")
    if word.lower() == "date":
        pattern = _python_pattern(unquoted(rest.strip())) if rest.strip() else ISO_DATE
        return Attribute(name, "date", pattern=pattern)
    return refuse_line(
        path,
        line,
        "numeric, string, date, or values in braces",
        quoted(kind),
        "Leave this attribute out when the file is made.",
    )


def _python_pattern(java: str) -> str:
    """A pattern of dates as Python writes it; letters in quotes stand for themselves."""
    parts = re.findall(r"'((?:[^']|'')*)'|([A-Za-z])(\2*)|([^A-Za-z'])", java)
    return "".join(
        JAVA_PATTERNS.get(letter + more, letter + more) if letter else text or other
        for text, letter, more, other in parts
    )


def split_fields(text: str) -> list[str] | None:
    """The fields of a row, still quoted; None where a quote is not closed."""
    fields, place = [], 0
    while True:
        found = FIELD.match(text, place)
        if found is None:
            return None
        fields.append(found[1].strip())
        place = found.end()
        if not found[2]:
            return fields


def unquoted(text: str) -> str:
    """A field as it is meant."""
    if len(text) < 2 or text[0] not in "'\"" or text[-1] != text[0]:
        return text
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1])
