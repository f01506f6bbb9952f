"""Writing files so that at every instant the old one or the new one is whole."""

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from engine.errors import UserError
from engine.temporary_files import temporary_file


def write_atomically(path: Path, write: Callable[[IO[bytes]], None]) -> os.stat_result:
    """Write to a temporary file beside the target, flush it to disk, then rename.

    A symbolic link stays one; what it points to is replaced. Temporary files of processes that were killed
    while writing into this folder are removed. Returns what was written as the system knows it, so that it
    can be told from what others write later. Raises UserError (no such folder, no permission, read-only, disk
    full); the old file is then untouched and no temporary file is left.
    """
    try:
        target = _target(path)
        with temporary_file(target.parent) as (temporary, stream):
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
            # It was made private; a saved file has the permissions of the one it replaces.
            os.chmod(temporary, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
            written = os.fstat(stream.fileno())
            if sys.platform == "win32":
                stream.close()  # nothing that is open can be renamed there
            os.replace(temporary, target)
        flush_folder(target.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    return written


def check_writable(path: Path) -> None:
    """Try whether `write_atomically` could begin; raises its UserError now instead of after hours of work."""
    try:
        with temporary_file(_target(path).parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def _target(path: Path) -> Path:
    """Where the bytes go: behind links, and nothing that is no file or may not be changed."""
    if "\0" in str(path):
        raise OSError(0, "a name with a zero byte")
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(0, "a folder of that name")
    if not target.parent.is_dir():
        raise FileNotFoundError(0, f"no folder '{path.parent}'")
    if target.exists():
        if not target.is_file():
            raise OSError(0, "something that is no file")
        # A rename would not mind, but who write-protects a file wants it to stay as it is.
        if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(0, "a read-only file")
        if not os.access(target, os.W_OK):
            raise PermissionError(0, "a file that only others may change")
    return target


def _unwritable(path: Path, error: OSError) -> UserError:
    found = error.strerror or str(error)
    if isinstance(error, FileNotFoundError):
        help = "Make the folder first, or choose another place."
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        help = "Free some space, or choose another place."
    else:
        help = "Choose another name or place."
    return UserError(
        str(path),
        expected="a place that can be written to",
        got=found[:1].lower() + found[1:],
        help=f"Nothing was changed. {help}",
    )


def _umask() -> int:
    """The process's file-mode mask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def flush_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can: Windows and some network drives cannot."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
