"""Compressed files of text: gzip, Zstandard, and zip archives with one file or a choice of them."""

import gzip
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from engine.data.columns.texts import listed
from engine.errors import UserError, excerpt
from engine.input_files import FileKind, open_input
from engine.progress import Progress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP, ZSTANDARD, ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
"""How such files begin: names can mislead."""

WORKBOOK_PARTS = ("[Content_Types].xml", "mimetype")
"""What is in the zip archives that workbooks are."""


@contextmanager
def open_decompressed(
    path: Path, kind: FileKind, progress: Progress | None = None, member: str | None = None
) -> Iterator[BinaryIO]:
    """A file that a person named, decompressed where it is compressed.

    member : of a zip archive, the name of the file in it; None: see `chosen_member`.
    Raises UserError, also while it is read.
    """
    with open_input(path, kind, progress) as plain, sound(path):
        head = plain.peek(4)[:4]
        if head.startswith(GZIP):
            with gzip.open(plain, "rb") as stream:
                yield cast(BinaryIO, stream)
        elif head == ZSTANDARD:
            with zstd.open(plain, "rb") as stream:
                yield cast(BinaryIO, stream)
        elif head == ZIP and is_archive_of_tables(path, kind):
            with zipfile.ZipFile(plain) as archive, archive.open(_member(path, archive, member)) as stream:
                yield cast(BinaryIO, stream)
        else:
            yield plain


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """What is damaged within a compressed file becomes a sentence."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error, zstd.ZstdError, zipfile.BadZipFile):
        raise UserError(
            path.name,
            expected=f"a whole {_form(path)}",
            got="a damaged or cut one",
            help="Copy or download the file again.",
        ) from None
    except (RuntimeError, NotImplementedError) as error:  # of zipfile alone: a password, a rare compression
        raise UserError(
            path.name,
            expected="an archive without a password, compressed in a usual way",
            got=excerpt(str(error).rstrip(".")),
            help="Unpack it, and open the table.",
        ) from None


def _form(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    return "gzip file" if head.startswith(GZIP) else "Zstandard file" if head == ZSTANDARD else "zip archive"


def members_of(path: Path, kind: FileKind) -> tuple[str, ...]:
    """The names of the files in a zip archive; empty for any other file. Raises UserError."""
    with open_input(path, kind) as plain, sound(path):
        if plain.peek(4)[:4] != ZIP:
            return ()
        with zipfile.ZipFile(plain) as archive:
            return tuple(_names(archive))


def is_archive_of_tables(path: Path, kind: FileKind) -> bool:
    """Whether it is a zip archive, but none that is a workbook or holds arrays of NumPy.

    Raises UserError where it is damaged.
    """
    names: tuple[str, ...] = ()
    try:
        names = members_of(path, kind)
    except UserError:
        # By its name it is one, which is damaged.
        if path.suffix.lower() == ".zip":
            raise
    workbook = any(part in names for part in WORKBOOK_PARTS)
    return bool(names) and not workbook and not all(name.endswith(".npy") for name in names)


def _names(archive: zipfile.ZipFile) -> list[str]:
    """The files, without folders and what systems put beside them."""
    return [
        entry.filename
        for entry in archive.infolist()
        if not entry.is_dir()
        and not entry.filename.startswith("__MACOSX/")
        and not entry.filename.rpartition("/")[2].startswith(".")
    ]


TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")


def chosen_member(names: Sequence[str]) -> str | None:
    """The file of an archive that is read unless another is chosen: the only one, else the first that is a
    table by its name."""
    if len(names) == 1:
        return names[0]
    return next((name for name in names if name.lower().endswith(TABLE_SUFFIXES)), None)


def _member(path: Path, archive: zipfile.ZipFile, member: str | None) -> str:
    names = _names(archive)
    name = chosen_member(names) if member is None else member
    if name is not None and name in names:
        return name
    raise UserError(
        f"{path.name}, file in the archive",
        expected=f"one of {listed(names, 12)}" if names else "a table in the archive",
        got="none" if name is None else f"“{excerpt(name)}”",
        help="Choose one of its files." if names else "Choose another file.",
    )
