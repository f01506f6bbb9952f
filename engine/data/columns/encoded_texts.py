"""Texts of a column in dictionary encoding: every distinct text once, and for each row its index.

A column of two million rows with five cities needs eight megabytes, and nearly all that is asked of it is
answered by its integers, without a Python object per row. Such objects are what to avoid: whatever makes,
compares or frees millions of them in one call holds the interpreter lock, and stops the window, for as long.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.progress import Progress, blocks

Indices = NDArray[np.int32]

MISSING = -1
"""The index of a row without a text."""

MOST_SHARED = 2**14
"""Up to so many distinct texts are held as Python's own beside the bytes, and shared by all rows."""


@dataclass(frozen=True)
class EncodedTexts:
    """The texts of a column.

    indices : (rows,) for each row the index of its text, from 0; −1 where it is missing.
    letters : all distinct texts in UTF-8, concatenated. After `take` some may be in no row.
    bounds : (distinct texts + 1,) the start of each of them in `letters`, and the end of the last one.
    """

    indices: Indices
    letters: NDArray[np.uint8]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, texts: NDArray[Any], progress: Progress | None = None) -> "EncodedTexts":
        """Encode an object array of str, None where missing."""
        numbered = _Numbered()
        indices = np.empty(len(texts), np.int32)
        for block in blocks(len(texts), progress or Progress()):
            indices[block] = np.fromiter(map(numbered.__getitem__, texts[block]), np.int32)
        del numbered[None]
        return cls.of_distinct(indices, list(numbered))

    @classmethod
    def of_distinct(cls, indices: Indices, distinct: list[str]) -> "EncodedTexts":
        """The texts `distinct`, in the rows that `indices` says."""
        encoded = [text.encode() for text in distinct]
        bounds = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        return cls(indices, np.frombuffer(b"".join(encoded), np.uint8), bounds)

    def __len__(self) -> int:
        return len(self.indices)

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """In how many rows each text stands: (distinct texts,)."""
        return count_indices(self.indices, len(self.bounds) - 1)

    @property
    def missing(self) -> int:
        """How many rows have no text."""
        return len(self) - int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """How many different texts the rows have."""
        return int(np.count_nonzero(self.counts))

    @cached_property
    def occurring(self) -> Indices:
        """The indices of the texts that stand in a row, in ascending order."""
        return np.flatnonzero(self.counts).astype(np.int32)

    def take(self, rows: NDArray[np.intp] | slice) -> "EncodedTexts":
        """The same with some of the rows."""
        return EncodedTexts(self.indices[rows], self.letters, self.bounds)

    def decoded(self, indices: Indices) -> NDArray[Any]:
        """The texts of these indices, None for −1: an object array. For a block, or few distinct texts."""
        if len(self.bounds) <= MOST_SHARED:
            found: NDArray[Any] = self._shared[indices]
            return found
        different, inverse = np.unique(indices, return_inverse=True)
        return self._texts(different)[inverse]

    def array(self) -> NDArray[Any]:
        """The text of each row, None where it is missing: (rows,), object."""
        texts = np.empty(len(self), dtype=object)
        for block in blocks(len(self), Progress()):
            texts[block] = self.decoded(self.indices[block])
        return texts

    def all_different(self, progress: Progress) -> Iterator[str]:
        """Every text that stands in a row, in the order of their indices; made in blocks."""
        for block in blocks(len(self.occurring), progress, MOST_SHARED):
            yield from self._texts(self.occurring[block])

    def tally(self) -> dict[str, int]:
        """In how many rows each text stands that stands in any. For few distinct texts."""
        counts = self.counts[self.occurring].tolist()
        return dict(zip(self.all_different(Progress()), counts, strict=True))

    def mapped(self, values: Mapping[str | None, int], unknown: int = MISSING) -> NDArray[np.intp]:
        """For each row the value of its text (None where it is missing) in a mapping, or `unknown`."""
        found = np.full(len(self.bounds), unknown, np.intp)
        for index, text in zip(self.occurring.tolist(), self.all_different(Progress()), strict=True):
            found[index] = values.get(text, unknown)
        # The last entry, at index −1.
        found[MISSING] = values.get(None, unknown)
        return found[self.indices]

    @cached_property
    def _shared(self) -> NDArray[Any]:
        # None comes last, where −1 finds it.
        return self._texts(np.append(np.arange(len(self.bounds) - 1, dtype=np.int32), np.int32(MISSING)))

    def _texts(self, indices: Indices) -> NDArray[Any]:
        texts = np.empty(len(indices), dtype=object)
        letters = self.letters.data
        starts, ends = self.bounds[indices], self.bounds[indices + 1]
        for number, (index, start, end) in enumerate(
            zip(indices.tolist(), starts.tolist(), ends.tolist(), strict=True)
        ):
            texts[number] = None if index == MISSING else str(letters[start:end], "utf-8")
        return texts


def count_indices(indices: NDArray[np.integer[Any]], length: int) -> NDArray[np.intp]:
    """How often each index from 0 to below `length` occurs; −1 is not counted.

    In blocks, as NumPy's bincount holds the interpreter lock. It costs as much as there are counts, too.
    """
    counts = np.zeros(length + 1, np.intp)
    for block in blocks(len(indices), Progress(), max(2**17, length // 4)):
        counts += np.bincount(indices[block] + 1, minlength=length + 1)
    return counts[1:]


class _Numbered(dict[Any, int]):
    """Numbers texts from 0 in the order in which they are first asked for."""

    def __init__(self) -> None:
        super().__init__({None: MISSING})

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self) - 1
        return number
