"""What sources have in common whose files are text, but no delimited one: its lines, and errors in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, NoReturn

from engine.data.delimited.text import existing_file, find_encoding, lines_of_text
from engine.data.sources.converted import ConvertedTable
from engine.errors import UserError, excerpt
from engine.progress import Progress


class TextTable(ConvertedTable):
    """A table in a text of a form of its own, plain or compressed."""

    compressed: ClassVar[bool] = True


def numbered_lines(path: Path, progress: Progress) -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers from 1, without their ends. Raises UserError and Cancelled."""
    existing_file(str(path))
    encoding = find_encoding(path, progress)
    number, waiting = 0, ""
    for piece in lines_of_text(path, encoding, progress):
        *lines, waiting = (waiting + piece).split("\n")
        for line in lines:
            number += 1
            yield number, line
    if waiting:
        yield number + 1, waiting


def refuse_line(path: Path, line: int, expected: str, got: str, help: str = "Correct the line.") -> NoReturn:
    """Raise UserError for a line of a file, from 1."""
    raise UserError(f"{path.name}, line {line}", expected=expected, got=got, help=help)


def quoted(text: str) -> str:
    """A text from the file as sentences show it."""
    return f"“{excerpt(text)}”"
