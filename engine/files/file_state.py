"""What a file is at one moment, so that whoever saves over it can see that it is no longer that."""

import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

from engine.errors import UserError
from engine.files.archive import read_zip, unpack_json
from engine.files.manifest import MANIFEST, read_manifest
from engine.input_files import MODEL_FILE, open_input
from engine.progress import Progress

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
