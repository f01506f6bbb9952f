"""JSON: one object a line, or an array of objects."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from engine.data.sources.converted import Rows
from engine.data.sources.text_table import TextTable, numbered_lines, quoted, refuse_line
from engine.errors import UserError
from engine.input_files import TABLE_FILE, open_input
from engine.progress import Progress
from engine.settings import hints

LOOKED_AT_BYTES = 4096

Row = tuple[str, dict[str, Any]]
"""Where it stands in the file, in words, and its values by name; those of inner objects as “outer.inner”."""


class JSONFile(TextTable):
    """A table in JSON: an object for each row, one a line or in an array.

    The columns are all names that occur; where an object lacks one, its value is missing. Objects inside an
    object become columns with both names. Lists are no single values, and are refused.
    """

    heading: ClassVar[str] = "JSON table"
    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")
    kind: Literal["json"] = "json"

    path: str = Field(
        "",
        title="File",
        description="A table in JSON, as lines of objects or an array of them.",
        json_schema_extra=hints(path_filter="JSON tables (*.jsonl *.ndjson *.json);;All files (*)"),
    )

    @classmethod
    def reads(cls, path: Path) -> bool:
        # An experiment is a single object.
        return super().reads(path) or (path.suffix.lower() == ".json" and _begins_with_array(path))

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        # What an array holds cannot be known before its end; lines are read once for the names.
        array = _begins_with_array(path)
        found = list(_of_array(path, progress)) if array else None
        names: dict[str, None] = {}
        for _, values in found if found is not None else _of_lines(path, progress):
            names.update(dict.fromkeys(values))
        rows = found if found is not None else _of_lines(path, progress)
        how = "Read as JSON, an array of objects." if array else "Read as JSON, one object a line."
        return Rows(_rows(list(names), rows), how)


def _begins_with_array(path: Path) -> bool:
    try:
        # A pipe would be waited for.
        with open_input(path, TABLE_FILE) as stream:
            return stream.read(LOOKED_AT_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    except UserError:
        return False


def _rows(names: list[str], rows: "Iterator[Row] | list[Row]") -> Iterator[Sequence[Any]]:
    if names:
        yield names
    for _, values in rows:
        yield [values.get(name) for name in names]


def _of_lines(path: Path, progress: Progress) -> Iterator[Row]:
    for number, line in numbered_lines(path, progress):
        if line.strip():
            try:
                found = json.loads(line)
            except (ValueError, RecursionError) as error:
                refuse_line(path, number, "an object in JSON", _fault(error, line))
            yield _row(path, f"line {number}", found)


def _of_array(path: Path, progress: Progress) -> Iterator[Row]:
    text = "\n".join(line for _, line in numbered_lines(path, progress))
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        refuse_line(path, error.lineno, "an array of objects in JSON", _fault(error, text[error.pos :]))
    except (ValueError, RecursionError) as error:
        refuse_line(path, 1, "an array of objects in JSON", _fault(error, text))
    for number, entry in enumerate(found, 1):
        progress.check()
        yield _row(path, f"object {number}", entry)


def _fault(error: ValueError | RecursionError, text: str) -> str:
    beginning = quoted(text.split("\n", 1)[0].strip()) if text.strip() else "its end"
    if not isinstance(error, json.JSONDecodeError):
        return beginning
    return f"{beginning} ({error.msg.lower()}, column {error.colno})"


def _row(path: Path, place: str, entry: Any) -> Row:
    if not isinstance(entry, dict):
        raise UserError(
            f"{path.name}, {place}",
            expected="an object with a value for each column",
            got=quoted(json.dumps(entry)[:100]),
            help="Write every row as an object: {“name”: value}.",
        )
    values: dict[str, Any] = {}
    _flatten(path, place, "", entry, values)
    return place, values


def _flatten(path: Path, place: str, prefix: str, entry: dict[str, Any], values: dict[str, Any]) -> None:
    for key, value in entry.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            _flatten(path, place, f"{name}.", value, values)
        elif isinstance(value, list):
            raise UserError(
                f"{path.name}, {place}, column {quoted(name)}",
                expected="a single value",
                got=f"a list of {len(value)}",
                help="Leave this column out when the file is made, or give each entry a name of its own.",
            )
        else:
            values[name] = value
