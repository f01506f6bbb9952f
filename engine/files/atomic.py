"""Writing files so that at every instant the old one or the new one is whole."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from engine.errors import UserError


def write_atomically(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write to a temporary file beside the target, flush it to disk, then rename.

    Raises UserError (no such folder, no permission, disk full); the old file is then untouched and no
    temporary file is left.
    """
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes the file private; a saved file has the permissions of the one it replaces.
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
        temporary = None
        _flush_folder(path.parent)
    except OSError as error:
        raise UserError(
            str(path),
            expected="a place that can be written to",
            got=(error.strerror or str(error)).lower(),
            help="Nothing was changed. Choose another folder or free some space.",
        ) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    """The process's file-mode mask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable; systems without that (Windows) cannot open a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
