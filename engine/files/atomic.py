"""Writing files so that at every instant the old one or the new one is whole."""

import errno
import os
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Literal

from engine.errors import UserError
from engine.files.archive import read_zip, unpack_json
from engine.files.manifest import MANIFEST, read_manifest
from engine.input_files import MODEL_FILE, open_input
from engine.progress import Progress
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


_umask_lock = threading.Lock()
"""Of two threads that read the mask at the same time, one would restore what the other has set."""


def _umask() -> int:
    """The process's file-mode mask; it can only be read by setting it."""
    with _umask_lock:
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


FileContent = Literal["run", "experiment", "foreign"]


@dataclass(frozen=True)
class FileState:
    """A file at one moment: states that are equal are of the same bytes.

    device, inode, size, modified_ns : how the system knows it; each save makes a new file. content : what it
    holds: the "run" of an experiment that was trained, an "experiment" alone, or anything else ("foreign").
    step : optimizer steps of its run; None where it holds none.
    """

    device: int
    inode: int
    size: int
    modified_ns: int
    content: FileContent
    step: int | None = None

    @classmethod
    def of(cls, found: os.stat_result, content: FileContent, step: int | None = None) -> "FileState":
        """The state of a file that the system describes so."""
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, content, step)

    def holds_more_than(self, step: int | None) -> bool:
        """Whether writing a run of so many steps over it (None: no run) would lose steps."""
        return (self.step or 0) > (step or 0)


def file_state(path: Path, progress: Progress | None = None) -> FileState | None:
    """The state of the file at a path; None where there is none.

    Of a .gradwright file only the manifest is read, whatever its size. Whatever is wrong with it, that is no
    error here: it is then foreign. Raises Cancelled, if the work was.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    try:
        with open_input(path, MODEL_FILE, progress) as stream:
            # The one that is read, whatever has been put in its place meanwhile.
            found = os.fstat(stream.fileno())
            parts = read_zip(stream, path.name, (MANIFEST,))
        manifest = read_manifest(unpack_json(parts[MANIFEST], path.name), path.name)
    except (UserError, KeyError):
        return FileState.of(found, "foreign")
    if manifest.state is None:
        return FileState.of(found, "experiment")
    return FileState.of(found, "run", manifest.state.step)


def free_path(path: Path) -> Path:
    """The path with a number behind its name, so that there is no such file: "run 2.gradwright"."""
    names = (path.with_name(f"{path.stem} {number}{path.suffix}") for number in count(2))
    return next(name for name in names if not name.exists())
