"""Columns of a DuckDB query in batches, through Arrow's C interface for streams and without pyarrow.

DuckDB hands its columns over as they lie in its memory, in the order of the rows, while it goes on reading
with all processors; waiting for a batch does not hold the interpreter lock. Its own way to NumPy arrays holds
that lock, and needs the whole result first.

Reference: the Arrow C data interface and the Arrow C stream interface (arrow.apache.org/docs/format).
"""

import ctypes
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Numbers = NDArray[np.float64]


class _Array(ctypes.Structure):
    """ArrowArray: a batch, or one of its columns."""


class _Stream(ctypes.Structure):
    """ArrowArrayStream."""


_array, _stream = ctypes.POINTER(_Array), ctypes.POINTER(_Stream)
_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(_array)),
    ("dictionary", _array),
    ("release", ctypes.CFUNCTYPE(None, _array)),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", ctypes.c_void_p),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, _stream, _array)),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, _stream)),
    ("release", ctypes.CFUNCTYPE(None, _stream)),
    ("private_data", ctypes.c_void_p),
]


class StreamError(Exception):
    """What DuckDB says of a query that failed, or was broken off, while its batches were read."""


class Batch:
    """Rows of the result. Its columns are valid until the next batch is asked for."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self.rows: int = array.length

    def write(self, column: int, out: Numbers) -> None:
        """Copy a column of type DOUBLE to `out` (rows,), NaN where it is NULL."""
        child = self._array.children[column].contents
        if not self.rows:
            return
        start = child.offset
        address = child.buffers[1]
        found = (ctypes.c_double * (start + self.rows)).from_address(address)
        out[:] = np.frombuffer(found, np.float64)[start:]
        if child.null_count and child.buffers[0]:
            length = start + self.rows
            bits = (ctypes.c_uint8 * -(-length // 8)).from_address(child.buffers[0])
            valid = np.unpackbits(np.frombuffer(bits, np.uint8), count=length, bitorder="little")[start:]
            out[valid == 0] = np.nan

    def texts(self, column: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """A column of type VARCHAR: where each text begins and the last one ends (rows + 1,), and letters.

        A missing text is an empty one.
        """
        child = self._array.children[column].contents
        start = child.offset
        found = (ctypes.c_int32 * (start + self.rows + 1)).from_address(child.buffers[1])
        bounds = np.frombuffer(found, np.int32)[start:]
        if not bounds[-1]:
            return bounds, np.empty(0, np.uint8)
        letters = (ctypes.c_char * int(bounds[-1])).from_address(child.buffers[2])
        return bounds, np.frombuffer(memoryview(letters).cast("B"), np.uint8)


class ColumnStream:
    """The batches of a query of DOUBLE and VARCHAR columns. Raises StreamError while it is iterated over."""

    def __init__(
        self, connection: "DuckDBPyConnection", query: str, parameters: Mapping[str, object]
    ) -> None:
        self._relation = connection.sql(query, params=dict(parameters))

    def __iter__(self) -> Iterator[Batch]:
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        # The capsule owns the stream and releases it.
        capsule = self._relation.__arrow_c_stream__()
        stream = ctypes.cast(pointer(capsule, b"arrow_array_stream"), _stream)
        while True:
            array = _Array()
            if stream.contents.get_next(stream, ctypes.byref(array)):
                said = stream.contents.get_last_error(stream) or b""
                raise StreamError(said.decode(errors="replace"))
            if not array.release:
                return
            try:
                yield Batch(array)
            finally:
                array.release(ctypes.byref(array))
