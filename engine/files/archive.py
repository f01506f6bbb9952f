"""The parts of a .gradwright file: a zip of JSON, safetensors and plain NumPy arrays. No pickle.

What is read here may be damaged or made to do harm: nothing is unpacked before its size is known to be
bearable, and whatever a part holds, the answer is its value or a UserError that names the part.
"""

import io
import json
import math
import os
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.errors import UserError, excerpt
from engine.input_files import MODEL_FILE, open_input, size_text
from engine.progress import Cancelled, Progress
from engine.settings import JSONFault, read_json

LARGEST_UNPACKED_BYTES = 256 << 20
"""What all compressed parts together may unpack to. Arrays are stored as they are: no limit on them."""

LARGEST_DIRECTORY_BYTES = 1 << 20
"""Of the list of parts in a zip; each takes a hundred bytes or less."""

END_RECORD_BYTES = 22

NEVER_DAMAGE = (MemoryError, UserError, Cancelled)
"""What a reader raises that says nothing against the bytes: there is no memory for them, the disk does not
give them, nobody wants them any more."""

DAMAGED_HELP = "The file is damaged or was not made by Gradwright: use a backup."


def pack_json(values: Any) -> bytes:
    """JSON text; floats are written so that they are read back exactly. ValueError for NaN and infinity."""
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False).encode()


def pack_tensors(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays in the safetensors format."""
    # safetensors writes memory as it lies, so what is not C-contiguous would come back scrambled.
    # (Not ascontiguousarray: it gives an array without axes one.)
    return save_tensors({name: np.asarray(array, order="C") for name, array in arrays.items()})


def tensor_parts(arrays: Mapping[str, NDArray[Any]]) -> Iterator[bytes | memoryview]:
    """A safetensors file in pieces, the arrays' own memory among them.

    The library's writer copies all arrays and holds the interpreter meanwhile: training would wait for it.
    """
    header: dict[str, Any] = {}
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    start = 0
    for name, array in ordered.items():
        end = start + array.nbytes
        kind = _TENSOR_TYPES[array.dtype.newbyteorder("=").name]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for array in ordered.values():
        yield array.reshape(-1).view(np.uint8).data


_TENSOR_TYPES = {"float32": "F32", "float64": "F64", "uint64": "U64", "int64": "I64"}


def pack_columns(arrays: Mapping[str, NDArray[Any]]) -> memoryview:
    """Arrays as an .npz. Not compressed: what training records hardly shrinks, and saving is to be quick."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getbuffer()


def unpack_json(data: bytes, where: str) -> Any:
    """The values of a JSON part; raises UserError where it is damaged."""
    try:
        return read_json(data)
    except JSONFault as fault:
        place = where if fault.line is None else f"{where}, line {fault.line}"
        raise UserError(place, expected="text in JSON", got=str(fault), help=DAMAGED_HELP) from None


def unpack_tensors(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors part; raises UserError where it is damaged."""
    try:
        return dict(load_tensors(data))
    except NEVER_DAMAGE:
        raise
    except Exception:
        # Bytes of a stranger in somebody else's reader: whatever it stumbles over, the part is no good.
        raise damaged(where, "arrays in safetensors format") from None


def unpack_columns(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz part; raises UserError where it is damaged."""
    arrays = {}
    for name, part in read_zip(io.BytesIO(data), where).items():
        try:
            array = _read_array(part)
        except NEVER_DAMAGE:
            raise
        except Exception:
            # As above; NumPy's reader answers a broken header with a dozen kinds of exceptions.
            raise damaged(f"{where}, {excerpt(name)}", "an array in NumPy format") from None
        arrays[name.removesuffix(".npy")] = array
    return arrays


def _read_array(data: bytes) -> NDArray[Any]:
    """The array in a .npy file, once its header is known to speak of just these bytes.

    NumPy's own reader makes room for what the header says first: a damaged one would be too little memory.
    """
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    else:
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    start, count = stream.tell(), math.prod(shape)
    # Elements of no size would take no bytes, but as much time as they are many.
    sound = not dtype.hasobject and dtype.itemsize and min(shape, default=0) >= 0
    if not sound or len(data) - start != count * dtype.itemsize:
        raise ValueError("a header that does not fit what follows it")
    flat = np.frombuffer(data, dtype, count, start) if count else np.empty(0, dtype)
    return flat.reshape(shape, order="F" if fortran else "C").copy()


def read_archive(path: Path, wanted: Collection[str], progress: Progress | None = None) -> dict[str, bytes]:
    """Those of the wanted parts that a file has; raises UserError for a missing, foreign or damaged one."""
    with open_input(path, MODEL_FILE, progress) as stream:
        return read_zip(stream, path.name, wanted)


def read_zip(stream: IO[bytes], where: str, wanted: Collection[str] | None = None) -> dict[str, bytes]:
    """The wanted parts (all of them, if None) of a zip by name; raises UserError."""
    size = stream.seek(0, os.SEEK_END)
    start = _start(stream)
    if _directory_bytes(stream, size) > LARGEST_DIRECTORY_BYTES:
        raise damaged(where, f"a list of parts of at most {size_text(LARGEST_DIRECTORY_BYTES)}")
    try:
        archive = zipfile.ZipFile(stream)
    except NEVER_DAMAGE:
        raise
    except Exception:
        # As for the parts below: zipfile answers what is no zip with many kinds of exceptions.
        raise UserError(
            where, expected="a .gradwright file", got=_what_it_is(start), help="If it was one, use a backup."
        ) from None
    entries = [entry for entry in archive.infolist() if wanted is None or entry.filename in wanted]
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        twice = max(names, key=Counter(names).__getitem__)
        raise UserError(
            where, expected=f"one part '{excerpt(twice)}'", got="two of that name", help=DAMAGED_HELP
        )
    _check_sizes(entries, size, where)
    return {entry.filename: _read(archive, entry, f"{where}, {excerpt(entry.filename)}") for entry in entries}


def damaged(where: str, expected: str) -> UserError:
    """The error for a part that cannot be read."""
    return UserError(where, expected=expected, got="damaged data", help=DAMAGED_HELP)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str) -> bytes:
    try:
        with archive.open(entry) as stream:
            # By its size, since without a limit a part that lies about it is unpacked whole; and a byte more,
            # since only at its end is the checksum verified.
            data = stream.read(entry.file_size + 1)
    except NEVER_DAMAGE:
        raise
    except Exception:
        # zipfile has an exception for everything that can be wrong: checksum, method, password, structure.
        raise damaged(where, "an intact part") from None
    if len(data) != entry.file_size:
        raise damaged(where, "an intact part")
    return data


def _check_sizes(entries: Collection[zipfile.ZipInfo], size: int, where: str) -> None:
    stored = sum(entry.file_size for entry in entries if entry.compress_type == zipfile.ZIP_STORED)
    packed = [entry for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
    unpacked = sum(entry.file_size for entry in packed)
    if stored <= size and unpacked <= LARGEST_UNPACKED_BYTES:
        return
    largest = max(entries if stored > size else packed, key=lambda entry: entry.file_size)
    limit = size if stored > size else LARGEST_UNPACKED_BYTES
    raise UserError(
        f"{where}, {excerpt(largest.filename)}",
        expected=f"parts of at most {size_text(limit)}",
        got=f"one that claims {size_text(largest.file_size)}",
        help=DAMAGED_HELP,
    )


def _directory_bytes(stream: IO[bytes], size: int) -> int:
    """How long the list of parts claims to be; 0 where there is none. zipfile reads all of it at once."""
    # It is found by the record at the end, of 22 bytes and a comment of up to 65,535.
    stream.seek(max(size - END_RECORD_BYTES - 0xFFFF, 0))
    end = stream.read(END_RECORD_BYTES + 0xFFFF)
    found = end.rfind(b"PK\x05\x06", 0, len(end) - END_RECORD_BYTES + 4)
    return int.from_bytes(end[found + 12 : found + 16], "little") if found >= 0 else 0


def _start(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    return start


def _what_it_is(start: bytes) -> str:
    if not start:
        return "an empty file"
    return "a truncated or damaged archive" if start == b"PK\x03\x04" else "a file of another kind"
