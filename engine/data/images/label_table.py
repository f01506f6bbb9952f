"""The table beside the pictures of a folder that names each of them, with what is to be predicted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from engine.data.columns.settings import ColumnType
from engine.data.columns.texts import listed, texts_of
from engine.data.sources.base import FileSource
from engine.data.sources.csv_file import CSVFile
from engine.data.table import Column, Table, Unreadable
from engine.errors import UserError, excerpt
from engine.progress import Progress

MOST_TABLES = 10
"""Files of a folder that are looked into."""
LARGEST_TABLE = 2**27
"""Bytes of a file that is looked into without being named."""
SAMPLE = 500
"""Values of a column that tell whether it holds names of files."""
MOSTLY = 0.5
"""Of them, have to be names of pictures in the folder."""
MOST_LINES = 1000
"""Rows without a picture whose lines are looked up in the file."""


@dataclass(frozen=True)
class Labelled:
    """The pictures that a table names, in its order, and its other columns, row by row.

    left_out : rows whose picture is not there, and pictures that no row names.
    """

    paths: list[Path]
    columns: tuple[Column, ...]
    note: str
    left_out: tuple[Unreadable, ...]


class _Pictures:
    """Finds a picture by its path within the folder or by its name, with or without their ending.

    All but whole paths have to be those of a single picture.
    """

    def __init__(self, folder: Path, paths: Sequence[Path]) -> None:
        relative = [PurePosixPath(path.relative_to(folder).as_posix()) for path in paths]
        self._whole = _by_name(map(str, relative), paths)
        self._whole = _by_name((one.name for one in relative), paths) | self._whole
        stems = _by_name((str(one.with_suffix("")) for one in relative), paths)
        self._stems = _by_name((one.stem for one in relative), paths) | stems

    def __getitem__(self, text: str) -> Path | None:
        name = _tidied(text)
        return self._whole.get(name) or self._stems.get(name)

    def column(self, columns: Sequence[Column]) -> Column | None:
        """The column most of whose first values are names of pictures; None where there is none.

        Numbers may be names without their ending only where no column has whole names.
        """
        for names in (self._whole, self._stems):
            shares = [self._share(column, names) for column in columns]
            if max(shares, default=0.0) >= MOSTLY:
                return columns[shares.index(max(shares))]
        return None

    def _share(self, column: Column, names: Mapping[str, Path | None]) -> float:
        if column.kind == "image":
            return 0.0
        texts = [text for text in texts_of(column.take(np.arange(min(SAMPLE, column.rows)))) if text]
        # Of classes and counts, which may look like names without ending, many rows have the same.
        different = {names.get(_tidied(text)) for text in texts} - {None}
        return len(different) / max(len(texts), 1)


def _tidied(text: str) -> str:
    return text.strip().replace("\\", "/").removeprefix("./").lstrip("/")


def _by_name(names: Iterable[str], paths: Sequence[Path]) -> dict[str, Path | None]:
    found: dict[str, Path | None] = {}
    for name, path in zip(names, paths, strict=True):
        found[name] = None if name in found else path
    return found


def labelled(
    folder: Path,
    paths: Sequence[Path],
    table: str | None,
    types: Mapping[str, ColumnType],
    progress: Progress,
) -> Labelled | None:
    """What a table in the folder says of its pictures; None where no table names them.

    table : the name of its file; None looks for one. The column with the names of the files is the one most
    of whose values are such names. Raises UserError where the table that is named has none, and Cancelled.
    """
    pictures = _Pictures(folder, paths)
    files = [folder / table] if table is not None else list(_tables(folder))
    for file in files:
        progress.check()
        source = _source(file)
        try:
            read = source.load(progress.part(0.0, 0.5), types)
        except UserError:
            if table is not None:
                raise
            continue
        names = pictures.column(read.columns)
        if names is not None:
            return _joined(folder, paths, pictures, source, read, names)
        if table is not None:
            raise UserError(
                file.name,
                expected="a column with the names of pictures in the folder",
                got=listed([column.name for column in read.columns], 5),
                help="Write the names into it as they are, with the folder in front where there is one.",
            )
    return None


def _tables(folder: Path) -> Iterator[Path]:
    """Files of the folder that may be tables, in the order of their names."""
    found = 0
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or found == MOST_TABLES:
            continue
        with suppress(OSError):
            if path.is_file() and path.stat().st_size <= LARGEST_TABLE and _of_table(path) is not None:
                found += 1
                yield path


def _of_table(path: Path) -> type[FileSource] | None:
    # Not at the top: that package knows this module.
    from engine.data.sources import source_for

    kind = source_for(path)
    return None if kind is None or kind.of_images else kind


def _source(path: Path) -> FileSource:
    kind = _of_table(path) or CSVFile
    return kind.model_validate({"path": str(path)})


def _joined(
    folder: Path,
    paths: Sequence[Path],
    pictures: _Pictures,
    source: FileSource,
    table: Table,
    names: Column,
) -> Labelled:
    texts = texts_of(names)
    found = [pictures[text] if text else None for text in texts]
    rows = np.array([row for row, path in enumerate(found) if path is not None], np.intp)
    missing = [row for row, path in enumerate(found) if path is None]
    named = [found[row] for row in rows]
    kept = [path for path in named if path is not None]
    lines = _lines(source, missing)
    left_out = [
        Unreadable(
            line,
            names.name,
            f"{table.name}: expected the name of a picture in the folder, found "
            + (f"“{excerpt(texts[row] or '')}”." if texts[row] else "none."),
        )
        for row, line in zip(missing, lines, strict=True)
    ]
    used = set(kept)
    left_out += [
        Unreadable(0, None, f"{path.relative_to(folder).as_posix()}: no row of {table.name} names it.")
        for path in paths
        if path not in used
    ]
    columns = tuple(
        replace(column.take(rows), target_only=True) for column in table.columns if column is not names
    )
    note = f"Names of pictures from “{excerpt(names.name)}” in {table.name}."
    return Labelled(kept, columns, note, (*left_out, *table.unreadable))


def _lines(source: FileSource, rows: Sequence[int]) -> list[int]:
    """Where rows stand in their file; their numbers from 1 where that is no text."""
    if isinstance(source, CSVFile) and rows:
        with suppress(UserError, OSError):
            found = source.lines_of(rows[:MOST_LINES])
            return [*found, *[0] * (len(rows) - len(found))]
    return [row + 1 for row in rows]
