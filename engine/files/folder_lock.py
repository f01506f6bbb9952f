"""A lock on a folder, which ends with the process that holds it, whatever ends that."""

import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = "lock"
"""The file in the folder that is locked."""


class FolderLock:
    """Holds the lock on a folder until it is released, or the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def of_new(cls, folder: Path) -> "FolderLock | None":
        """The lock on a folder just made; None where another program has found it unlocked and removes it."""
        path = folder / LOCK
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            return None
        try:
            _lock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            # There are no locks here, as on some network drives: no other program can lock it either.
            return cls(descriptor)
        with suppress(OSError):
            if os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return cls(descriptor)
        os.close(descriptor)
        return None

    @classmethod
    def of_left_behind(cls, folder: Path) -> "FolderLock | None":
        """The lock on a folder that nobody uses; None where somebody does, or it is no journal."""
        try:
            descriptor = os.open(folder / LOCK, os.O_RDWR)
        except OSError:
            return None
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return None
        return cls(descriptor)

    def release(self) -> None:
        """Let others use the folder; nothing happens the second time."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Lock without waiting; raises OSError, BlockingIOError where another holds it."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
