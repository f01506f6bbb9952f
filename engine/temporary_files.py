"""Temporary files and folders, and the end of those that a killed process has left behind.

The process that uses one holds a lock on it, which the system releases when the process ends. So what can be
locked is no longer in use: it is removed when the next one is made. Each name tells the machine it was made
on, since there are network drives whose locks are not seen by other machines.
"""

import hashlib
import os
import platform
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

MACHINE = hashlib.blake2b(platform.node().encode(errors="replace"), digest_size=4).hexdigest()

FILE_PREFIX, FILE_SUFFIX = ".gradwright-", ".part"
FOLDER_PREFIX = "gradwright-"

FILES = re.compile(r"\.gradwright-(?:([0-9a-f]{8})-)?[a-z0-9_]{8}\.part")
"""Names of temporary files; early versions did not write the machine into them."""

FOLDERS = re.compile(r"gradwright-([0-9a-f]{8})-[a-z0-9_]{8}")

UNTOUCHED_SECONDS = 86_400.0
"""A file of another machine is left alone for so long after it was last written to."""

WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def temporary_file(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file to write to, in a folder where it can be renamed from; removed in the end if it is still there.

    Raises OSError where none can be made.
    """
    remove_left_over_files(folder)
    name = f"{FILE_PREFIX}{MACHINE}-"
    while True:
        descriptor, made = tempfile.mkstemp(prefix=name, suffix=FILE_SUFFIX, dir=folder)
        if _hold(descriptor, made):
            break
        os.close(descriptor)
    path, stream = Path(made), os.fdopen(descriptor, "wb")
    try:
        yield path, stream
    finally:
        try:
            path.unlink(missing_ok=True)
        finally:
            stream.close()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder among the temporary ones of the system, removed in the end. Raises OSError."""
    place = Path(tempfile.gettempdir())
    _remove_left_overs(place, FOLDERS, os.O_RDONLY)
    while True:
        path = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{MACHINE}-", dir=place))
        descriptor = _opened(path, os.O_RDONLY)
        if descriptor is None:
            # No locks here, or another process has found it unlocked and removed it already.
            if path.is_dir():
                break
            continue
        if _hold(descriptor, path):
            break
        os.close(descriptor)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def remove_left_over_files(folder: Path) -> None:
    """Remove what processes that are no more have left in a folder that files are written to."""
    # For writing, as some network drives ask for a lock that keeps others out.
    _remove_left_overs(folder, FILES, os.O_RDWR)


def _remove_left_overs(place: Path, names: re.Pattern[str], access: int) -> None:
    with suppress(OSError), os.scandir(place) as entries:
        for found in [names.fullmatch(entry.name) for entry in entries]:
            if found is not None:
                _remove_left_over(place / found.string, access, found[1])


def _remove_left_over(path: Path, access: int, machine: str | None) -> None:
    descriptor = _opened(path, access)
    if descriptor is None:
        return
    try:
        known = os.fstat(descriptor)
        untouched = time.time() - known.st_mtime > UNTOUCHED_SECONDS
        if (machine == MACHINE or untouched) and _lock(descriptor) and _is_at(path, known):
            if stat.S_ISDIR(known.st_mode):
                shutil.rmtree(path, ignore_errors=True)
            elif stat.S_ISREG(known.st_mode):
                with suppress(OSError):
                    path.unlink()
    finally:
        os.close(descriptor)


def _opened(path: Path, access: int) -> int | None:
    """A descriptor to lock by; None where the system gives none."""
    with suppress(OSError):
        return os.open(path, access | WITHOUT_WAITING)
    return None


def _lock(descriptor: int) -> bool:
    """Whether nobody else holds the lock; it is held from now on, until the descriptor is closed."""
    if sys.platform == "win32":
        return False
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _hold(descriptor: int, path: str | Path) -> bool:
    """Lock what was just made; False where another process has found it unlocked and removed it meanwhile."""
    if sys.platform == "win32":
        return True
    # Where there are no locks, nobody removes anything.
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return _is_at(path, os.fstat(descriptor))


def _is_at(path: str | Path, known: os.stat_result) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.stat(path, follow_symlinks=False), known)
    return False
