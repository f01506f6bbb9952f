"""Looks through a file of delimited text for whatever keeps DuckDB from reading it as it lies on the disk.

Most tables are UTF-8 with one kind of line end. Staging them, a copy that is checked and tidied piece by
piece, takes several times as long as reading them; so it is done only for what needs it.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.data.delimited.missing_marks import Marks
from engine.input_files import TABLE_FILE, FileKind, open_input
from engine.progress import Progress

CHUNK_BYTES = 2**18
"""Fits into a processor's own cache, in which it is looked through several times."""

THREADS, WAITING_CHUNKS = 2, 8

FIRST_ZERO = re.compile(rb"[+-]?0[0-9]")
GROUPED_DIGITS = re.compile(rb"[0-9]_[0-9]")


@dataclass(frozen=True)
class PlainFile:
    """What was found. lines : newlines in it, in quotes too. crlf : whether each follows a carriage return.

    odd_numbers : whether a number may be spelt so that DuckDB reads it although it is a code or none: 007,
    1_000, +-1. quotes : whether there is any. marks : whether one of the marks of missing values may stand in
    quotes, which are text.
    """

    lines: int = 0
    crlf: bool = False
    odd_numbers: bool = False
    quotes: bool = False
    marks: bool = False


class _NotPlain(Exception):
    """The file has to be staged."""


def inspect_file(
    path: Path, marks: Marks, progress: Progress, kind: FileKind = TABLE_FILE
) -> PlainFile | None:
    """What is found in a file; None where it has to be staged. Raises UserError where it cannot be read."""
    quoted = _quoted(marks)
    size = max(path.stat().st_size, 1)
    found, done = PlainFile(crlf=True), 0
    waiting: list[tuple[Future[PlainFile], int]] = []
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for chunk in _chunks(path, kind, progress):
                waiting.append((pool.submit(_look_at, chunk, quoted), len(chunk)))
                if len(waiting) > WAITING_CHUNKS:
                    future, length = waiting.pop(0)
                    found, done = _joined(found, future.result()), done + length
                    progress.report(min(done / size, 1.0))
            for future, _ in waiting:
                found = _joined(found, future.result())
        except (_NotPlain, UnicodeDecodeError):
            return None
    # With mixed line ends, neither would do.
    return replace(found, crlf=found.crlf and found.lines > 0)


def _chunks(path: Path, kind: FileKind, progress: Progress) -> Iterator[bytes]:
    """The file in pieces of whole lines."""
    rest = b""
    with open_input(path, kind, progress) as stream:
        while data := stream.read(CHUNK_BYTES):
            data = rest + data
            end = data.rfind(b"\n") + 1
            if not end and len(data) > 2**22:
                raise _NotPlain
            rest = data[end:]
            if end:
                yield data[:end]
    if rest:
        yield rest


def _look_at(chunk: bytes, quoted: re.Pattern[bytes] | None) -> PlainFile:
    if not chunk.isascii():
        chunk.decode()
    if b"\0" in chunk:
        raise _NotPlain
    lines, returns = chunk.count(b"\n"), b"\r" in chunk
    if returns and not chunk.count(b"\r") == chunk.count(b"\r\n") == lines:
        raise _NotPlain
    quotes = b'"' in chunk
    odd = _leading_zeros(chunk) or b"+-" in chunk
    odd = odd or (b"_" in chunk and GROUPED_DIGITS.search(chunk) is not None)
    marks = quotes and quoted is not None and quoted.search(chunk) is not None
    return PlainFile(lines, returns or not lines, odd, quotes, marks)


def _leading_zeros(chunk: bytes) -> bool:
    """Whether a digit may follow a zero that begins a field, or is behind its sign."""
    text = np.frombuffer(chunk, np.uint8)
    if FIRST_ZERO.match(chunk):
        return True
    if len(text) < 3:
        return False
    # Quotes, blanks, newlines, signs and all delimiters but two come before the point.
    found = text[:-2] < ord(".")
    found |= (text[:-2] == ord(";")) | (text[:-2] == ord("|"))
    found &= text[1:-1] == ord("0")
    found &= text[2:] - np.uint8(ord("0")) < 10
    if not found.any():
        return False
    places = np.flatnonzero(found)
    # A zero behind a sign begins a number if an edge is before that: not in 1e-05, nor in 2015-01-05.
    signs = (text[places] == ord("-")) | (text[places] == ord("+"))
    before = text[np.maximum(places - 1, 0)]
    alone = (before < ord("+")) | (before == ord(",")) | (before == ord(";")) | (before == ord("|"))
    return bool((~signs | alone).any())


def _joined(one: PlainFile, other: PlainFile) -> PlainFile:
    if one.lines and other.lines and one.crlf != other.crlf:
        raise _NotPlain
    return PlainFile(
        one.lines + other.lines,
        other.crlf if other.lines else one.crlf,
        one.odd_numbers or other.odd_numbers,
        one.quotes or other.quotes,
        one.marks or other.marks,
    )


def _quoted(marks: Marks) -> re.Pattern[bytes] | None:
    listed = b"|".join(re.escape(mark.encode()) for mark in _longest_first(marks.of_numbers))
    return re.compile(rb'"(?:%s)"' % listed, re.IGNORECASE) if listed else None


def _longest_first(marks: Sequence[str]) -> list[str]:
    return sorted(marks, key=len, reverse=True)
