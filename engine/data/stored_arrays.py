"""Arrays that are too large for the memory: kept in temporary files, and mapped from there.

The files have no name, so that the system removes them with the process, however that ends. Pages that were
looked at count as memory of the process until they are released; the system keeps them while it has room.
They are in the folder for temporary files: where that is a part of the memory, nothing is gained.
"""

import math
import mmap
import os
import tempfile
from collections.abc import Callable
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Column
from engine.errors import UserError
from engine.progress import Progress, blocks

LARGE_BYTES = 2**30
"""Arrays up to this size are kept in memory."""

RELEASED_BYTES = 2**26
"""Whoever goes through a stored array releases its pages each time that so much was looked at."""


def stored_empty(shape: tuple[int, ...], dtype: "np.dtype[Any] | type[Any]") -> NDArray[Any]:
    """An array of zeros in a file; raises UserError where there is no room for one."""
    with tempfile.TemporaryFile() as file:
        _reserve(file, math.prod(shape) * np.dtype(dtype).itemsize)
        return np.memmap(file, dtype, "r+", shape=shape)


def _reserve(file: IO[bytes], size: int) -> None:
    """Make the file so long. A write to a mapped page for which there is no room would end the process."""
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, max(size, 1))
        else:
            file.truncate(max(size, 1))
    except OSError as error:
        raise UserError(
            f"Folder for temporary files, {tempfile.gettempdir()}",
            expected=f"room for {size / 2**30:.1f} GiB, as these data are too large for the memory",
            got=(error.strerror or str(error)).lower(),
            help="Free some disk space, or have the variable TMPDIR name another folder.",
        ) from None


def is_stored(array: NDArray[Any]) -> bool:
    """Whether an array, or what it is a view of, is in a file."""
    return _mapping(array) is not None


def release(array: NDArray[Any]) -> None:
    """Count what was looked at of a stored array no more as memory of the process."""
    mapping = _mapping(array)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)


def read_ahead(array: NDArray[Any], start: int, stop: int) -> None:
    """Have the system read rows of a stored array that will be needed soon; it does so beside all work."""
    mapping = _mapping(array)
    if mapping is None or not hasattr(mmap, "MADV_WILLNEED") or stop <= start:
        return
    row = array[:1].nbytes
    first = start * row // mmap.PAGESIZE * mmap.PAGESIZE
    mapping.madvise(mmap.MADV_WILLNEED, first, min(stop * row, len(mapping)) - first)


def _mapping(array: NDArray[Any]) -> mmap.mmap | None:
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None


class NumberFile:
    """Columns of float64 in a file, of so many rows at most. array : (columns, rows), to be written to."""

    def __init__(self, columns: int, rows: int) -> None:
        self.array: NDArray[np.float64] = stored_empty((columns, rows), np.float64)

    def column(self, place: int, rows: int) -> NDArray[np.float64]:
        """The first rows of a column. The pages of the one before are released."""
        release(self.array)
        return self.array[place, :rows]


def filled_in_blocks(
    shape: tuple[int, ...],
    dtype: "np.dtype[Any] | type[Any]",
    fill: Callable[[NDArray[np.intp], NDArray[Any]], None],
    progress: Progress,
) -> NDArray[Any]:
    """A stored array, whose rows are filled in block by block: fill(which rows, what to write to)."""
    out = stored_empty(shape, dtype)
    for block in blocks(len(out), progress, max(RELEASED_BYTES // max(out[:1].nbytes, 1), 1)):
        fill(np.arange(block.start, block.stop), out[block])
        release(out)
    return out


class StoredColumn(Column):
    """A column of numbers in a file. Its values are mapped, or copied in another order, when asked for."""

    @classmethod
    def of(cls, name: str, file: NumberFile, place: int, length: int) -> "StoredColumn":
        """All rows of the column."""
        return cls._with(name, file, place, length, None)

    @classmethod
    def _with(
        cls, name: str, file: NumberFile, place: int, length: int, taken: NDArray[np.intp] | None
    ) -> "StoredColumn":
        column = cls.__new__(cls)
        # All fields but `values`, which the property below fills in.
        vars(column).update(name=name, kind="number", labels=Column.labels, infinite=0)
        vars(column).update(file=file, place=place, length=length, taken=taken)
        return column

    @property
    def values(self) -> NDArray[Any]:
        found: dict[str, Any] = vars(self)
        values: NDArray[np.float64] = found["file"].column(found["place"], found["length"])
        return values if found["taken"] is None else values[found["taken"]]

    @property
    def rows(self) -> int:
        found: dict[str, Any] = vars(self)
        return int(found["length"]) if found["taken"] is None else len(found["taken"])

    def take(self, rows: NDArray[np.intp]) -> Column:
        """The same column with some of its rows."""
        found: dict[str, Any] = vars(self)
        taken = rows if found["taken"] is None else found["taken"][rows]
        return StoredColumn._with(self.name, found["file"], found["place"], found["length"], taken)
