"""Unsaved work that a program has left behind: found at the next start, and loaded where it is wanted."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.errors import UserError
from engine.experiment import Experiment, from_json
from engine.files.archive import unpack_tensors
from engine.files.atomic import FileState
from engine.files.folder_lock import FolderLock
from engine.files.journal import (
    DOCUMENT,
    NOTE_FILE,
    PICTURE,
    PREPARATION,
    RUN,
    DocumentNote,
    RunNote,
)
from engine.files.manifest import read_manifest
from engine.files.run_file import SavedRun, checked_run, unpack_preparation
from engine.input_files import read_input
from engine.progress import Progress

Note = TypeVar("Note", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class LeftBehind:
    """Work that a program has left behind that did not come to its end. Held by a lock until it is closed."""

    folder: Path
    program: str
    experiment: Experiment
    """As it was after the last edit."""
    path: Path | None
    """The file that the document belonged to."""
    file: FileState | None
    """That file as the program knew it; None where there was none."""
    written: float
    """When anything was noted last, in seconds since 1970."""
    step: int
    epoch: int
    """What the run has reached; 0 where there is none."""
    _lock: FolderLock = field(repr=False)

    @property
    def picture(self) -> Path | None:
        """What the work looked like, a PNG file."""
        path = self.folder / PICTURE
        return path if path.is_file() else None

    def load(self, progress: Progress | None = None) -> SavedRun:
        """The run; without one, the experiment alone. Raises UserError where a part is damaged."""
        note = _run_note(self.folder)
        # Before any step, marks are of edited weights.
        if note is None or not (self.step or note.marks):
            return SavedRun(self.experiment)
        return _loaded(self.folder, note, progress or Progress())

    def close(self) -> None:
        """Let go of it: it is offered again at the next start."""
        self._lock.release()

    def discard(self) -> None:
        """Remove it for good."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.close()


def left_behind(root: Path) -> list[LeftBehind]:
    """Work of programs that have ended without coming to their end, newest first; empty folders are removed.

    What is damaged beyond use is left alone: a newer program may be able to read it.
    """
    found = []
    with suppress(OSError):
        for folder in sorted(path for path in root.iterdir() if path.is_dir()):
            one = _look_into(folder)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda work: work.written, reverse=True)


def _look_into(folder: Path) -> LeftBehind | None:
    lock = FolderLock.of_left_behind(folder)
    if lock is None:
        return None
    document = _read_note(folder / DOCUMENT, DocumentNote)
    experiment = None
    if document is not None:
        with suppress(UserError):
            experiment = from_json(json.dumps(document.experiment), "journal")
    if document is None or experiment is None:
        if not (folder / DOCUMENT).exists():
            shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        return None
    # Of the document, if perhaps of its experiment before the last edit.
    run = _run_note(folder)
    step, epoch = (run.steps, run.epochs) if run is not None else (0, 0)
    written = max(document.written, run.written if run is not None else 0.0)
    path = None if document.path is None else Path(os.fsdecode(unquote_to_bytes(document.path)))
    known = None
    if document.file is not None:
        with suppress(TypeError):
            known = FileState(**document.file)
    return LeftBehind(folder, document.program, experiment, path, known, written, step, epoch, lock)


def _run_note(folder: Path) -> RunNote | None:
    return _read_note(folder / RUN, RunNote)


def _read_note(path: Path, model: type[Note]) -> Note | None:
    """A note, or None where there is none that can be used."""
    try:
        return model.model_validate_json(read_input(path, NOTE_FILE))
    except (UserError, ValueError):
        return None


def _loaded(folder: Path, note: RunNote, progress: Progress) -> SavedRun:
    where = "The journal"
    history = dict(_columns(folder, "steps", note.run, note.step_columns, note.steps))
    history |= _columns(folder, "epochs", note.run, note.epoch_columns, note.epochs)
    history["marks/step"] = np.array([step for step, _, _ in note.marks], dtype=np.int64)
    history["marks/epoch"] = np.array([epoch for _, epoch, _ in note.marks], dtype=np.float64)
    history["marks/text"] = np.array([text for _, _, text in note.marks], dtype=np.str_)
    progress.check()
    state = f"state-{note.slot}.safetensors"
    arrays = unpack_tensors(_bytes_of(folder / state), f"{where}, {state}")
    progress.check()
    # Whatever is not the model's own says in front what it belongs to: "optimizer/…".
    model = {name: array for name, array in arrays.items() if "/" not in name}
    others = {name: array for name, array in arrays.items() if "/" in name}
    experiment = from_json(json.dumps(note.experiment), f"{where}, {RUN}")
    manifest = read_manifest(note.manifest, f"{where}, {RUN}")
    return checked_run(
        experiment,
        manifest,
        unpack_preparation(
            _bytes_of(folder / PREPARATION), manifest.schema_version, f"{where}, {PREPARATION}"
        ),
        model,
        others,
        history,
        where,
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"The journal, {path.name}",
        expected="a file that can be read",
        got=(error.strerror or str(error)).lower(),
        help=_ALONE,
    )


_ALONE = "The experiment can be opened without what was trained."


def _columns(
    folder: Path, kind: str, run: int, names: Sequence[str], count: int
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """The columns of a file of rows, as far as they belong to the run."""
    path = folder / f"{kind}-{run}.rows"
    try:
        values = np.fromfile(path, dtype="<f8", count=count * len(names))
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(values) != count * len(names):
        raise UserError(
            f"The journal, {path.name}",
            expected=f"{count} rows of {len(names)} numbers",
            got=f"{len(values)} numbers",
            help=_ALONE,
        )
    rows = values.reshape(count, len(names))
    return ((f"{kind}/{name}", np.ascontiguousarray(rows[:, place])) for place, name in enumerate(names))
