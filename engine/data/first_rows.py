"""The first rows of a large file of text, read by the rules that all of it is read by: shown at once.

What they show is a first look: rows further down may make another column of a column.
"""

import gzip
from contextlib import suppress
from pathlib import Path

from engine.data.delimited.csv_dialect import find_layout
from engine.data.delimited.text import Encoding, find_encoding, lines_of_text
from engine.data.delimited.text_file import SAMPLE_CHARACTERS
from engine.data.settings import DataSettings
from engine.data.sources.converted import ConvertedTable
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Table
from engine.errors import UserError
from engine.progress import Progress
from engine.temporary_files import temporary_folder

HEAD_BYTES = 2**19
"""So much of the file is read for a first look: thousands of rows."""

WORTH_IT_BYTES = 2**23
"""Smaller files are read as a whole before anybody has looked at their first rows."""

GZIP = b"\x1f\x8b"


def first_rows(settings: DataSettings, progress: Progress | None = None) -> Table | None:
    """The first rows of a large file of text; None where all of it is read as quickly, or in one piece only.

    Raises UserError where not even the first rows can be read.
    """
    source, path = settings.source, _path(settings)
    if not isinstance(source, CSVFile) or path is None or path.stat().st_size < WORTH_IT_BYTES:
        return None
    with temporary_folder() as folder:
        head = _head(path, folder)
        return settings.replace(source=source.replace(path=str(head))).load(progress)


def fields_as_written(settings: DataSettings, most: int, progress: Progress | None = None) -> list[list[str]]:
    """For each column its first fields as they stand in the file, at most so many.

    Lines that do not fit are left out, as they are of the table. No columns where the
    file holds values of its own types, which are written in no particular way.
    Raises UserError.
    """
    source, path, progress = settings.source, _path(settings), progress or Progress()
    if not isinstance(source, CSVFile | ConvertedTable):
        return []
    if isinstance(source, ConvertedTable) or path is None or path.stat().st_size < WORTH_IT_BYTES:
        fields = source.fields_as_written(progress)
    else:
        with temporary_folder() as folder:
            fields = source.replace(path=str(_head(path, folder))).fields_as_written(progress)
    return [column[:most] for column in fields]


def found_format(settings: DataSettings, progress: Progress | None = None) -> dict[str, str]:
    """What the beginning of a file of text shows of how it is written, by the fields that say so.

    "delimiter" : the character. "encoding" : its usual name. Only what is not given in the settings.
    """
    source, path, found = settings.source, _path(settings), {}
    if not isinstance(source, CSVFile) or path is None:
        return {}
    with suppress(UserError, OSError), temporary_folder() as folder:
        head = _head(path, folder)
        encoding = Encoding(source.encoding, guessed=False) if source.encoding else None
        if encoding is None:
            encoding = find_encoding(head, progress or Progress())
            found["encoding"] = encoding.title
        if source.delimiter is None:
            sample = "".join(lines_of_text(head, encoding))[:SAMPLE_CHARACTERS]
            sample = sample[: sample.rfind("\n") + 1] or sample
            layout = find_layout(path.name, sample, False, None, source.header, source.skip)
            found["delimiter"] = " " if layout.blanks else layout.delimiter
    return found


def _path(settings: DataSettings) -> Path | None:
    """The file, where there is one that can be looked at."""
    try:
        path = Path(getattr(settings.source, "path", "")).expanduser()
        return path if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _head(path: Path, folder: Path) -> Path:
    """A copy of the whole lines that a file begins with, decompressed, under the same name."""
    with path.open("rb") as stream:
        packed = stream.read(2) == GZIP
        stream.seek(0)
        data = gzip.GzipFile(fileobj=stream).read(HEAD_BYTES) if packed else stream.read(HEAD_BYTES)
    end = data.rfind(b"\n") + 1
    copy = folder / path.name
    copy.write_bytes(data[: end or len(data)])
    return copy
