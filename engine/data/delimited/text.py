"""From a file's bytes to its text: compression, encoding, line ends. Whatever is no text is refused here."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from engine.data.delimited.compression import (
    GZIP,
    ZIP,
    ZSTANDARD,
    is_archive_of_tables,
    open_decompressed,
    sound,
)
from engine.data.delimited.encoding_guess import guess_encoding
from engine.errors import NoDataYet, UserError
from engine.input_files import FIRST_BYTES, SAVE_AS_TEXT, TABLE_FILE, FileKind, open_input, recognize_binary
from engine.progress import Progress

LARGEST_FILE_BYTES = TABLE_FILE.most_bytes

LARGEST_BYTES = 2**32
"""Largest text that is copied, also after decompression: DuckDB holds it in memory, or on the disk."""

CHUNK_BYTES = 2**20

ENCODING_TITLES = {
    "utf-8": "UTF-8",
    "ascii": "ASCII",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252 (Western European)",
    "iso8859-1": "Latin-1",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp932": "Shift JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
}

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableLine(UserError):
    """What is wrong is a line, without which the rest may be a table."""


@dataclass(frozen=True)
class Encoding:
    """A codec's name, and whether it is a guess: neither given, nor marked in the file, nor valid UTF-8."""

    name: str
    guessed: bool

    @property
    def title(self) -> str:
        canonical = codecs.lookup(self.name).name
        return ENCODING_TITLES.get(canonical, canonical)


def existing_file(path_text: str, as_text: bool = True, member: str | None = None) -> Path:
    """The file at a path, checked to be there, readable, not empty, and of bearable size.

    as_text : whether it has to hold text, which is checked here, as an encoding that is given is not looked
    for in the file. member : of a zip archive, the file in it.
    Raises UserError.
    """
    if not path_text.strip():
        raise NoDataYet("Table from a file", expected="a path", got="nothing", help="Choose a file.")
    path = Path(path_text)
    try:
        path = path.expanduser()
        if not path.exists():
            raise UserError(
                str(path), expected="a file", got="nothing there", help="Check the path, or choose a file."
            )
        if not path.is_file():
            what = "a folder" if path.is_dir() else "a pipe, a device or a socket, which is no file"
            raise UserError(str(path), expected="a file", got=what, help="Choose a file.")
        size = path.stat().st_size
    except (OSError, ValueError, RuntimeError) as error:
        _unreadable(path, error)
    if size == 0:
        raise UserError(path.name, expected="a table", got="an empty file", help="Choose another file.")
    if size > LARGEST_FILE_BYTES:
        _too_large(path, f"{size / 2**30:.1f} GiB", LARGEST_FILE_BYTES)
    if not as_text:
        open_input(path, TABLE_FILE).close()
        return path
    with open_input(path, TABLE_FILE) as stream:
        found = recognize_binary(stream.read(FIRST_BYTES))
    if found is None or is_archive_of_tables(path, TABLE_FILE):
        found = recognize_binary(first_bytes(path, member=member))
    if found is not None:
        raise UserError(path.name, expected="a table as text", got=found.what, help=found.help)
    return path


def first_bytes(
    path: Path,
    progress: Progress | None = None,
    kind: FileKind = TABLE_FILE,
    member: str | None = None,
) -> bytes:
    """How a file begins, decompressed where it is compressed; raises UserError."""
    with open_decompressed(path, kind, progress, member) as stream:
        return _read(stream, path, FIRST_BYTES)


def is_compressed(path: Path) -> bool:
    """Whether a file is compressed, or in an archive. Raises UserError."""
    with open_input(path, TABLE_FILE) as plain:
        return plain.peek(4)[:4].startswith((GZIP, ZSTANDARD, ZIP))


def find_encoding(
    path: Path, progress: Progress, tolerant: bool = False, member: str | None = None
) -> Encoding:
    """The encoding of a file: by its mark, by being valid UTF-8, else guessed. Raises UserError.

    tolerant : UTF-8 with a few bytes that are none is UTF-8.
    """
    with open_decompressed(path, TABLE_FILE, progress, member) as stream:
        head = _read(stream, path, FIRST_BYTES)
        for mark, name in BYTE_ORDER_MARKS:
            if head.startswith(mark):
                return Encoding(name, guessed=False)
        wide = _utf_16_without_mark(head)
        if wide:
            return Encoding(wide, guessed=True)
        return _utf_8_or_guess(path, head, stream, progress, tolerant)


def lines_of_text(
    path: Path,
    encoding: Encoding,
    progress: Progress | None = None,
    tolerant: bool = False,
    member: str | None = None,
) -> Iterator[str]:
    """The text in pieces, with every line end as a single newline and without a byte order mark.

    Raises UserError, naming the line, at bytes that are no text in this encoding, and at a NUL.
    tolerant : such bytes are passed on, as surrogates.
    """
    errors = "surrogateescape" if tolerant else "strict"
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding.name)(errors), translate=True
    )
    lines, total, first = 1, 0, True
    with open_decompressed(path, TABLE_FILE, progress, member) as stream:
        while True:
            data = _read(stream, path, CHUNK_BYTES)
            total += len(data)
            if total > LARGEST_BYTES:
                _too_large(path, "more")
            try:
                # typeshed declares IncrementalNewlineDecoder for text only; it wraps bytes decoders too.
                text = decoder.decode(cast(str, data), final=not data)
            except UnicodeError as error:
                _no_text(path, encoding, lines, error)
            if first:
                text, first = text.removeprefix("\ufeff"), False
            nul = text.find("\0")
            if nul >= 0 and not tolerant:
                raise UnreadableLine(
                    f"{path.name}, line {lines + text.count(chr(10), 0, nul)}",
                    expected="text",
                    got="a NUL byte, which no text contains",
                    help="If it is UTF-16, choose that encoding. " + SAVE_AS_TEXT,
                )
            lines += text.count("\n")
            yield text
            if not data:
                return


def _read(stream: BinaryIO, path: Path, size: int) -> bytes:
    try:
        with sound(path):
            return stream.read(size)
    except OSError as error:
        _unreadable(path, error)


def _utf_16_without_mark(head: bytes) -> str:
    """UTF-16 of mostly Latin text has a zero in every second byte; "" where this is not so."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd > 0.4 * half and even == 0:
        return "utf-16-le"
    if half and even > 0.4 * half and odd == 0:
        return "utf-16-be"
    return ""


def _utf_8_or_guess(
    path: Path, head: bytes, stream: BinaryIO, progress: Progress, tolerant: bool
) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8")()
    data, lines, other_letters, total = head, 1, False, 0
    size = path.stat().st_size
    while True:
        progress.report(min(total / size, 1.0))
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            good = error.object[: error.start]
            line = lines + good.count(b"\n")
            if other_letters or not good.isascii():
                if tolerant:
                    return Encoding("utf-8", guessed=False)
                _damaged_utf_8(path, line, error)
            return _guess(path, line, error.object[max(0, error.start - 2**15) : error.start + 2**16])
        other_letters = other_letters or not text.isascii()
        lines += text.count("\n")
        total += len(data)
        if not data or total > LARGEST_BYTES:
            return Encoding("utf-8", guessed=False)
        data = _read(stream, path, CHUNK_BYTES)


def _guess(path: Path, line: int, sample: bytes) -> Encoding:
    name = guess_encoding(sample)
    if name is None:
        raise UserError(
            f"{path.name}, line {line}",
            expected="text",
            got="bytes that are no text in any usual encoding",
            help="If it is text, choose its encoding. " + SAVE_AS_TEXT,
        )
    return Encoding(name, guessed=True)


def _damaged_utf_8(path: Path, line: int, error: UnicodeDecodeError) -> NoReturn:
    raise UnreadableLine(
        f"{path.name}, line {line}",
        expected="UTF-8 text, as in the lines before",
        got=f"the byte 0x{error.object[error.start]:02X}, which does not belong there",
        help="Correct the line, or choose the file's encoding.",
    )


def _no_text(path: Path, encoding: Encoding, lines: int, error: UnicodeError) -> NoReturn:
    line, found = lines, "bytes that are none"
    if isinstance(error, UnicodeDecodeError):
        good = error.object[: error.start].decode(encoding.name, errors="replace")
        line, found = lines + good.count("\n"), f"the byte 0x{error.object[error.start]:02X}"
    raise UnreadableLine(
        f"{path.name}, line {line}",
        expected=f"text in {encoding.title}",
        got=found,
        help="Choose another encoding, or leave it to be guessed.",
    )


def _unreadable(path: Path, error: Exception) -> NoReturn:
    reason = getattr(error, "strerror", None) or str(error)
    raise UserError(
        str(path),
        expected="a file that can be read",
        got=reason.lower(),
        help="Check the path and its permissions, or choose another file.",
    ) from None


def _too_large(path: Path, found: str, most: int = LARGEST_BYTES) -> NoReturn:
    raise UserError(
        path.name,
        expected=f"a table of at most {most / 2**30:.0f} GiB of text",
        got=found,
        help="Keep a part of its rows or columns.",
    )
