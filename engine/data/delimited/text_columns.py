"""The columns of a table that are no plain numbers, put aside in a file of their own while these are read."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from engine.data.delimited.arrow_stream import Batch

QUOTE, NEWLINE, RETURN = ord('"'), ord("\n"), ord("\r")


class TextColumns:
    """Writes delimited text without quotes: each field, and behind each of them the delimiter.

    plain : whether all fields so far can be written so.
    """

    def __init__(self, path: Path, delimiter: str) -> None:
        self.path, self.plain = path, True
        self._delimiter = ord(delimiter)
        self._stream = path.open("wb")

    def __enter__(self) -> "TextColumns":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def write(self, batch: Batch, columns: Sequence[int]) -> None:
        """Write the rows of a batch; nothing any more once a field needs quotes."""
        if not self.plain or not batch.rows:
            return
        found = [batch.texts(column) for column in columns]
        if any(self._needs_quotes(letters[bounds[0] :]) for bounds, letters in found):
            self.plain = False
            return
        lengths = np.array([np.diff(bounds) for bounds, _ in found], np.int64)
        ends = np.cumsum(lengths.sum(axis=0) + len(columns) + 1)
        out = np.full(ends[-1], self._delimiter, np.uint8)
        out[ends - 1] = NEWLINE
        start = np.concatenate([[0], ends[:-1]])
        for (bounds, letters), length in zip(found, lengths, strict=True):
            places = np.repeat(start - bounds[:-1], length)
            places += np.arange(bounds[0], bounds[-1])
            out[places] = letters[bounds[0] :]
            start = start + length + 1
        self._stream.write(out.data)

    def _needs_quotes(self, letters: NDArray[np.uint8]) -> bool:
        return any((letters == sign).any() for sign in (self._delimiter, QUOTE, NEWLINE, RETURN))
