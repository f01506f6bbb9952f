"""The parts of a .gradwright file: a zip of JSON, safetensors and plain NumPy arrays. No pickle."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from engine.errors import UserError

LARGEST_PART_BYTES = 4 << 30
"""A part that claims to unpack to more is refused before it is read."""

LARGEST_RATIO = 1100
"""Deflate cannot reach a higher compression; what claims to is not a file of ours."""


def pack_json(values: Any) -> bytes:
    """JSON text; floats are written so that they are read back exactly."""
    return json.dumps(values, indent=2, ensure_ascii=False).encode()


def pack_tensors(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays in the safetensors format."""
    # safetensors writes memory as it lies, so what is not C-contiguous would come back scrambled.
    return save_tensors({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def pack_columns(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as a compressed .npz."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def unpack_json(data: bytes, where: str) -> Any:
    """The values of a JSON part; raises UserError where it is damaged."""
    try:
        return json.loads(data)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise damaged(where, "text in JSON") from None


def unpack_tensors(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors part; raises UserError where it is damaged."""
    try:
        return dict(load_tensors(data))
    except (SafetensorError, ValueError, KeyError, OverflowError):
        raise damaged(where, "arrays in safetensors format") from None


def unpack_columns(data: bytes, where: str) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz part; raises UserError where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                _check_size(entry, where)
        with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, RuntimeError):
        raise damaged(where, "arrays in NumPy format") from None


def read_parts(path: Path) -> dict[str, bytes]:
    """All parts of the archive by name; raises UserError for a missing, foreign or damaged file."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {}
            for entry in archive.infolist():
                _check_size(entry, f"{path.name}, {entry.filename}")
                try:
                    parts[entry.filename] = archive.read(entry)
                except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError):
                    raise damaged(f"{path.name}, {entry.filename}", "an intact part") from None
            return parts
    except FileNotFoundError:
        raise UserError(
            str(path), expected="an existing file", got="nothing at this path", help="Check the path."
        ) from None
    except IsADirectoryError:
        raise UserError(
            str(path), expected="a .gradwright file", got="a folder", help="Name a file inside it."
        ) from None
    except (zipfile.BadZipFile, ValueError):
        raise UserError(
            str(path),
            expected="a .gradwright file",
            got=_what_it_is(path),
            help="If it was one, it is damaged: use a backup.",
        ) from None
    except OSError as error:
        raise UserError(
            str(path),
            expected="a readable file",
            got=(error.strerror or str(error)).lower(),
            help="Check the file and its permissions.",
        ) from None


def damaged(where: str, expected: str) -> UserError:
    """The error for a part that cannot be read."""
    return UserError(
        where, expected=expected, got="damaged data", help="The file cannot be opened; use a backup."
    )


def _check_size(entry: zipfile.ZipInfo, where: str) -> None:
    packed = max(entry.compress_size, 1)
    if entry.file_size > LARGEST_PART_BYTES or entry.file_size > packed * LARGEST_RATIO + 4096:
        raise UserError(
            where,
            expected=f"at most {LARGEST_PART_BYTES >> 30} GiB",
            got=f"a part that claims {entry.file_size / 2**30:.1f} GiB",
            help="The file is damaged or was not made by Gradwright.",
        )


def _what_it_is(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        return "an empty file"
    return "a truncated or damaged archive" if start == b"PK\x03\x04" else "a file of another kind"
