"""Lesson files: those that come along, and those that a teacher has made."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from engine.errors import UserError, excerpt
from engine.files.atomic import write_atomically
from engine.input_files import FileKind, read_input
from engine.lessons.lesson import SCHEMA_VERSION, Lesson
from engine.progress import Progress
from engine.settings import JSONFault, number_text, read, read_json

SUFFIX = ".gradwright-lesson"

LESSON_FILE = FileKind("a lesson", 2**25)
"""An experiment with its data, and the weights of a small network."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

VERSION_FIELD = "lesson_version"
"""By it a JSON file is known as a lesson."""


def from_json(text: str | bytes, where: str) -> Lesson:
    """Read a lesson; raises UserError that says where in the file what is wrong."""
    try:
        values = read_json(text)
    except JSONFault as fault:
        raise UserError(
            where if fault.line is None else f"{where}, line {fault.line}",
            expected="a lesson in JSON",
            got=str(fault),
            help="The file is damaged, or no lesson: ask for it again, or correct it.",
        ) from None
    if not isinstance(values, dict) or VERSION_FIELD not in values:
        raise UserError(
            where,
            expected=f"a lesson in JSON, with its {VERSION_FIELD}",
            got="something else",
            help="Open a file that Make a lesson has written.",
        )
    return read(Lesson, _migrated(values, where), where)


def _migrated(values: dict[str, Any], where: str) -> dict[str, Any]:
    version = values[VERSION_FIELD]
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        newer = type(version) is int and version > SCHEMA_VERSION
        raise UserError(
            where,
            expected=f"lesson version {SCHEMA_VERSION} at most",
            got=f"version {number_text(version) if newer else excerpt(version)}",
            help="The lesson was made by a newer Gradwright: update the program." if newer else "Correct it.",
        )
    return values


def to_json(lesson: Lesson) -> str:
    """Text that `from_json` reads back to an equal lesson."""
    return json.dumps(lesson.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of lesson files, for editors that check while one writes."""
    return Lesson.model_json_schema()


def read_lesson(path: Path, progress: Progress | None = None) -> Lesson:
    """Read a lesson from a file; raises UserError if that fails."""
    data = read_input(path, LESSON_FILE, progress)
    return from_json(data.removeprefix(BYTE_ORDER_MARK), path.name)


def write_lesson(lesson: Lesson, path: Path) -> None:
    """Write a lesson; at every moment the old file or the new one is whole."""
    content = to_json(lesson).encode()

    def write(file: IO[bytes]) -> None:
        file.write(content)

    write_atomically(path, write)


def is_lesson_file(path: Path) -> bool:
    """Whether a file is a lesson: by its name, or a JSON file that says so in it, which is read."""
    suffix = path.suffix.lower()
    if suffix != ".json":
        return suffix == SUFFIX
    try:
        if not path.is_file() or path.stat().st_size > LESSON_FILE.most_bytes:
            return False
        content = path.read_bytes()
        values = (
            read_json(content.removeprefix(BYTE_ORDER_MARK)) if VERSION_FIELD.encode() in content else None
        )
    except (OSError, JSONFault):
        # Opened as any other JSON file, which says what is wrong with it.
        return False
    return isinstance(values, dict) and VERSION_FIELD in values


@cache
def built_in() -> dict[str, Lesson]:
    """The lessons that come along, by name, in the order in which they are offered."""
    folder = files("resources") / "lessons"
    found = {
        entry.name.removesuffix(".json"): from_json(entry.read_bytes(), entry.name)
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    }
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))
