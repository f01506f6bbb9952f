"""Files that a person names, opened in one way: a regular file of bearable size, never waited for.

Whatever stands at a path, the answer comes at once: a folder, a pipe, a device or a socket is refused in a
sentence. It is the opened file that is checked, so what is swapped for another in between changes nothing.
"""

import errno
import io
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from engine.errors import UserError
from engine.progress import Progress

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK_BYTES = 2**20
"""At most so much is read between two looks at whether the work was cancelled."""

WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Opening a pipe would wait for its other end otherwise, and a terminal might become ours."""

BINARY = getattr(os, "O_BINARY", 0)
"""Of Windows: line ends are left as they are."""

NO_FILE_HELP = "Choose a file."


@dataclass(frozen=True)
class FileKind:
    """What a file is opened as. noun : for sentences ("a table"). most_bytes : the largest that is read."""

    noun: str
    most_bytes: int


EXPERIMENT_FILE = FileKind("an experiment", 2**24)
"""The largest that can be made in the window has some 200 kB."""

MODEL_FILE = FileKind("a .gradwright file", 2**34)
TABLE_FILE = FileKind("a table", 2**36)
IDX_FILE = FileKind("a file of images or labels", 2**30 + 16)
"""The numbers and the header, see `engine.data.images.files`."""


class InputFile(io.FileIO):
    """An open file whose every read looks whether the work was cancelled.

    Reading raises UserError where the disk fails or the file grows beyond its limit meanwhile.
    """

    def __init__(self, path: Path, kind: FileKind, progress: Progress) -> None:
        self._path, self._kind, self._progress = path, kind, progress
        super().__init__(_descriptor(path, kind), "rb")

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read at most a chunk; how many bytes it were."""
        self._progress.check()
        if self.tell() > self._kind.most_bytes:
            _too_large(self._path, self._kind, "more")
        try:
            return super().readinto(memoryview(buffer)[:CHUNK_BYTES]) or 0
        except OSError as error:
            _unreadable(self._path, error)

    def readall(self) -> bytes:
        """All that is left, in chunks."""
        chunks = []
        while chunk := self.read(CHUNK_BYTES):
            chunks.append(chunk)
        return b"".join(chunks)

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes, and not more than a chunk; without a size all that is left."""
        if size is None or size < 0:
            return self.readall()
        chunk = bytearray(min(size, CHUNK_BYTES))
        return bytes(chunk[: self.readinto(chunk)])


def open_input(path: Path, kind: FileKind, progress: Progress | None = None) -> io.BufferedReader:
    """Open a file that a person named.

    progress : read from this file, the work can be cancelled: each read then raises Cancelled.
    Raises UserError where there is none, where it is no regular file, may not be read, or is too large.
    """
    return io.BufferedReader(InputFile(path, kind, progress or Progress()))


def read_input(path: Path, kind: FileKind, progress: Progress | None = None) -> bytes:
    """All of a file that a person named; raises as `open_input` does."""
    with open_input(path, kind, progress) as stream:
        return stream.read()


def _descriptor(path: Path, kind: FileKind) -> int:
    """The file, opened and checked."""
    try:
        # Before it is opened: with some devices, opening them is already an action.
        _check(path, kind, os.stat(path))
        descriptor = os.open(path, os.O_RDONLY | WITHOUT_WAITING | BINARY)
    except FileNotFoundError:
        raise UserError(
            str(path), expected="an existing file", got="nothing at this path", help="Check the path."
        ) from None
    except (OSError, ValueError) as error:
        _unreadable(path, error)
    try:
        _check(path, kind, os.fstat(descriptor))
    except BaseException:  # whatever it is: the file does not stay open
        os.close(descriptor)
        raise
    return descriptor


def _check(path: Path, kind: FileKind, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise UserError(str(path), expected=kind.noun, got="a folder", help="Name a file inside it.")
    if not stat.S_ISREG(found.st_mode):
        raise UserError(str(path), expected=kind.noun, got=_what(found.st_mode), help=NO_FILE_HELP)
    if found.st_size > kind.most_bytes:
        _too_large(path, kind, f"one of {size_text(found.st_size)}")


def _what(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a pipe, which is no file"
    if stat.S_ISSOCK(mode):
        return "a socket, which is no file"
    return "a device, which is no file"


def size_text(size: int) -> str:
    """A number of bytes as people write it: "1.5 GiB"."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"


def _too_large(path: Path, kind: FileKind, found: str) -> NoReturn:
    raise UserError(
        str(path),
        expected=f"{kind.noun} of at most {size_text(kind.most_bytes)}",
        got=found,
        help="Check whether it is the file that is meant.",
    )


def _unreadable(path: Path, error: OSError | ValueError) -> NoReturn:
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        raise MemoryError from None
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    raise UserError(
        str(path),
        expected="a file that can be read",
        got=reason.lower(),
        help="Check the path and its permissions, or choose another file.",
    ) from None


# --- files that are not text, recognized by their first bytes, as names can mislead ----------------------

FIRST_BYTES = 4096
"""Enough to recognize a file by."""

IDX_SOURCE = "MNIST (IDX files)"
"""What the source that reads IDX files is called."""

SAVE_AS_TEXT = "Save the table as a CSV file in UTF-8 and open that."

PICTURES_ARE_IDX = (
    "Pictures are read from a folder: put them into one, with a folder for each class or a table of their "
    f"names and targets, and open it; or choose the source “{IDX_SOURCE}”, with the folder of such files."
)

CHOOSE_IDX = f"Choose the source “{IDX_SOURCE}”, with the folder that holds it."

PICTURES = {
    rb"\x89PNG": "a PNG image",
    rb"\xff\xd8\xff": "a JPEG image",
    rb"GIF8[79]a": "a GIF image",
    # Two letters alone could be those of a column “BMI”.
    rb"BM.{4}\0{4}": "a BMP image",
    rb"II\*\0|MM\0\*": "a TIFF image",
    rb"RIFF.{4}WEBP": "a WebP image",
    rb".{4}ftyp(hei[cfsx]|mif1|avif)": "an HEIF image",
}

IDX_FILES = {
    rb"\0\0\x08\x03": "images in IDX format",
    rb"\0\0\x08\x01": "labels in IDX format",
    rb"\0\0[\x08\x09\x0b-\x0e][\x01-\x08]": "numbers in IDX format",
}
"""The header's first four bytes, see `engine.data.images.files`."""

OTHERS = {
    rb"PK\x03\x04": ("a zip archive or a workbook such as .xlsx", "Spreadsheet"),
    rb"\xd0\xcf\x11\xe0": ("an old office document such as .xls", "Spreadsheet"),
    rb"PAR1": ("a Parquet file", "Parquet file"),
    rb"ARROW1": ("an Arrow file", "Arrow or Feather file"),
    rb"SQLite format 3": ("an SQLite database", "SQLite database"),
    rb"\x93NUMPY": ("a NumPy array", "NumPy arrays"),
    rb"%PDF": ("a PDF document", ""),
    rb"\x89HDF": ("an HDF5 file", ""),
}
"""What else files can be, and the source that reads them, if there is one."""


@dataclass(frozen=True)
class BinaryFile:
    """What a file is, for a sentence, and what to do with it."""

    what: str
    help: str


def recognize_images(head: bytes) -> BinaryFile | None:
    """What a file that begins so is, if it is a picture or in IDX format."""
    return _recognized(head, PICTURES, PICTURES_ARE_IDX) or _recognized(head, IDX_FILES, CHOOSE_IDX)


def recognize_binary(head: bytes) -> BinaryFile | None:
    """What a file that begins so is; None where it may be text."""
    for pattern, (what, source) in OTHERS.items():
        if re.match(pattern, head, re.DOTALL):
            return BinaryFile(what, f"Choose the source “{source}” for it." if source else SAVE_AS_TEXT)
    return recognize_images(head)


def _recognized(head: bytes, kinds: dict[bytes, str], help: str) -> BinaryFile | None:
    for pattern, what in kinds.items():
        if re.match(pattern, head, re.DOTALL):
            return BinaryFile(what, help)
    return None
