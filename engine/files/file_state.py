"""Stub, to be replaced at the merge."""

import os
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UserError
from engine.files.archive import read_archive, unpack_json
from engine.files.manifest import read_manifest


@dataclass(frozen=True)
class FileState:
    inode: int
    size: int
    modified_ns: int
    step: int | None


def file_state(path: Path) -> FileState | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    step = None
    try:
        parts = read_archive(path, ("manifest.json",))
        manifest = read_manifest(unpack_json(parts["manifest.json"], ""), "")
        step = manifest.state.step if manifest.state else None
    except (UserError, KeyError):
        pass
    return FileState(found.st_ino, found.st_size, found.st_mtime_ns, step)
