"""Files of SVMlight and LibSVM: a target and the values of a row that are not zero."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from engine.data.delimited.csv_dialect import MOST_COLUMNS
from engine.data.sources.converted import Rows
from engine.data.sources.table_file import RoleInFile
from engine.data.sources.text_table import TextTable, numbered_lines, quoted, refuse_line
from engine.errors import UserError
from engine.progress import Progress
from engine.settings import hints

TARGET, QUERY, INPUT = "target", "qid", "x"
"""Names of the columns; an input is called x and its index in the file."""

LARGEST_INDEX = 2**31


@dataclass(frozen=True)
class _Entry:
    """One row: the target as it stands there, the number of its query, and values by index."""

    line: int
    target: str
    query: str
    values: dict[int, float] = field(default_factory=dict)


class SVMLightFile(TextTable):
    """A table in the sparse format of SVMlight and LibSVM: `1 qid:3 2:0.5 7:1 # comment`.

    Columns are called after their index, so that x3 is the same in every file. First and last index are found
    in the file, and fixed when an experiment is made on it: every other file is read into the same columns,
    although zeros at its beginning and end do not show.
    """

    heading: ClassVar[str] = "SVMlight or LibSVM file"
    suffixes: ClassVar[tuple[str, ...]] = (".svmlight", ".libsvm", ".svm")
    only_alike: ClassVar[bool] = True
    kind: Literal["svmlight"] = "svmlight"

    path: str = Field(
        "",
        title="File",
        description="A table in the format of SVMlight and LibSVM.",
        json_schema_extra=hints(path_filter="SVMlight files (*.svmlight *.libsvm *.svm);;All files (*)"),
    )
    first_index: int | None = Field(
        None,
        ge=0,
        le=1,
        title="First index",
        description="Whether columns are counted from 0 or from 1; where no 0 is found, from 1.",
        json_schema_extra=hints(none_title="Found in the file"),
    )
    last_index: int | None = Field(
        None,
        ge=0,
        le=LARGEST_INDEX,
        title="Last index",
        description="The index of the last column; zeros are not written, so a file need not reach it.",
        json_schema_extra=hints(none_title="Found in the file"),
    )

    def rows_of(self, path: Path, progress: Progress) -> Rows:
        fixed = self if self._is_fixed else self.fixed(progress)
        first, last = fixed.first_index or 0, fixed.last_index or 0
        if last - first >= MOST_COLUMNS:
            raise UserError(
                path.name,
                expected=f"at most {MOST_COLUMNS:,} columns",
                got=f"indices up to {last:,}",
                help="Keep a part of the columns.",
            )
        query = any(entry.query for entry in _entries(path, progress))
        note = f"Read as SVMlight, with indices from {first} to {last}; what is not written is zero."
        return Rows(_rows(path, first, last, query, progress), note)

    @property
    def _is_fixed(self) -> bool:
        return self.first_index is not None and self.last_index is not None

    def fixed(self, progress: Progress | None = None) -> Self:
        lowest, highest = 1, 0
        for entry in _entries(Path(self.path), progress or Progress()):
            if entry.values:
                lowest, highest = min(lowest, *entry.values), max(highest, *entry.values)
        return self.replace(
            first_index=lowest if self.first_index is None else self.first_index,
            last_index=highest if self.last_index is None else self.last_index,
        )

    def roles(self, progress: Progress | None = None) -> Mapping[str, RoleInFile]:
        entry = next(_entries(Path(self.path), progress or Progress()), None)
        found: dict[str, RoleInFile] = {TARGET: "target"}
        return found | ({QUERY: "group"} if entry is not None and entry.query else {})

    def like(self, path: str, columns: Collection[str]) -> Self:
        other = super().like(path, columns)
        indices = [int(name[1:]) for name in columns if re.fullmatch(INPUT + r"\d+", name)]
        if self._is_fixed or not indices:
            return other
        return other.replace(first_index=min(1, *indices), last_index=max(indices))


def _entries(path: Path, progress: Progress) -> Iterator[_Entry]:
    for number, line in numbered_lines(path, progress):
        fields = line.partition("#")[0].split()
        if fields:
            yield _entry(path, number, fields)


def _entry(path: Path, line: int, fields: list[str]) -> _Entry:
    target, *rest = fields
    if not _is_target(target):
        refuse_line(path, line, "a number, the target, in front of the values", quoted(target))
    query, values = "", dict[int, float]()
    for part in rest:
        index, colon, value = part.partition(":")
        if colon and index == QUERY:
            query = value
            continue
        try:
            place, number = int(index), float(value)
        except ValueError:
            refuse_line(path, line, "an index and a value, such as 3:0.5", quoted(part))
        if not 0 <= place <= LARGEST_INDEX:
            refuse_line(path, line, "an index from 0", quoted(part))
        if place in values:
            refuse_line(path, line, "each index once", f"{place} twice")
        values[place] = number
    return _Entry(line, target, query, values)


def _is_target(text: str) -> bool:
    """A number, or several of them where a row has several labels."""
    try:
        return bool([float(part) for part in text.split(",")])
    except ValueError:
        return False


def _rows(path: Path, first: int, last: int, query: bool, progress: Progress) -> Iterator[Sequence[Any]]:
    """The names, then the rows."""
    yield [TARGET, *([QUERY] if query else []), *(f"{INPUT}{index}" for index in range(first, last + 1))]
    for entry in _entries(path, progress):
        row: list[Any] = [0] * (last - first + 1)
        for index, value in entry.values.items():
            if not first <= index <= last:
                refuse_line(
                    path,
                    entry.line,
                    f"indices from {first} to {last}",
                    str(index),
                    "Choose the first and the last index of the file, as those of the table to learn from.",
                )
            row[index - first] = value
        yield [_number(entry.target), *([entry.query] if query else []), *row]


def _number(text: str) -> Any:
    """Targets are written with a sign: +1."""
    try:
        return float(text)
    except ValueError:
        return text
