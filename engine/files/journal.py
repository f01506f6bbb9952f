"""The journal: unsaved work, written down every few seconds so that whatever ends the program loses none.

Each program that is open has a folder of its own, beside the data that the system keeps for programs and not
beside the person's files. It holds a lock on that folder, which ends with the process, whatever ends it. A
folder that can be locked is left behind, and what it holds is offered at the next start.

A folder holds the experiment as it was after the last edit (document.json), and the run as it was at a step
boundary: what grows (a row for each step and each epoch) is only ever appended to, and what changes (weights,
optimizer, generators) is written to one of two files in turn. run.json names the file and the number of rows
that belong to it, and is replaced last: at each instant the folder holds one run, whole.
"""

import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import platformdirs
from pydantic import BaseModel, ConfigDict, Field

from engine.experiment import Experiment
from engine.files.archive import tensor_parts
from engine.files.atomic import FileState, flush_folder
from engine.files.folder_lock import LOCK, FolderLock
from engine.files.manifest import Manifest, RunNumbers
from engine.files.run_file import SavedRun
from engine.input_files import FileKind
from engine.training.history import HistoryRows, Record

ENVIRONMENT_VARIABLE = "GRADWRIGHT_STATE"
"""Names another folder than the system's; tests set it."""

DOCUMENT, RUN, PREPARATION, PICTURE = "document.json", "run.json", "preparation.json", "picture.png"

NOTE_FILE = FileKind("a note of the journal", 1 << 26)
"""Larger than any experiment or list of marks that can be made."""


LEAST_INTERVAL_S, MOST_INTERVAL_S = 2.0, 4.0
"""Between two notes of a run. With the time that writing takes, no more than five seconds are lost."""

SHARE_OF_TIME = 0.02
"""What part of the time notes may take, as long as the longest interval allows."""


def next_interval(cost_s: float, duration_s: float) -> float:
    """Seconds until the next note of a run is begun.

    cost_s : processor time that the last one has taken. duration_s : how long it took until it was durable.
    """
    longest = max(MOST_INTERVAL_S - duration_s, LEAST_INTERVAL_S)
    return min(max(cost_s / SHARE_OF_TIME, LEAST_INTERVAL_S), longest)


def journal_root() -> Path:
    """The folder of all journals of this person."""
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    base = Path(named) if named else platformdirs.user_state_path("gradwright", appauthor=False)
    return base / "journal"


class DocumentNote(BaseModel):
    """What document.json holds.

    path, file : of the document's file, and as it was when it was last read or written.
    run : number of the document's run. In run.json there may be an earlier one, from before the last edit.
    program : who wrote it, "window" or "command line".
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    program: str = Field(max_length=40)
    path: str | None = None
    file: dict[str, Any] | None = None
    run: int = 0
    written: float = 0.0
    experiment: dict[str, Any]


class RunNote(BaseModel):
    """What run.json holds: which file and how many rows make up the run, and what else there is of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    run: int
    slot: int = Field(ge=0, le=1)
    written: float
    steps: int = Field(ge=0)
    epochs: int = Field(ge=0)
    step_columns: list[str]
    epoch_columns: list[str]
    marks: list[tuple[int, float, str]]
    experiment: dict[str, Any]
    manifest: dict[str, Any]


class Journal:
    """The folder of one open program. Its methods are called by one thread at a time; each may raise OSError.

    root : where the folders of all programs are, see `journal_root`.
    """

    def __init__(self, root: Path, program: str) -> None:
        self._program = program
        root.mkdir(parents=True, exist_ok=True)
        lock = None
        while lock is None:
            self.folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
            lock = FolderLock.of_new(self.folder)
        self._lock = lock
        self._run, self._slot = 0, 0
        self._rows: dict[str, int] = {}
        """For each file of rows of this run, how many it has."""

    def write_document(
        self, experiment: Experiment, path: Path | None, file: FileState | None, run: int
    ) -> None:
        """Note the document.

        path, file : the file that it belongs to, and as it was when it was last read or written; None where
        there was none. run : the number of its run.
        """
        note = DocumentNote(
            program=self._program,
            # A name need not be text: on Linux it may be any bytes.
            path=None if path is None else quote(os.fsencode(path)),
            file=None if file is None else asdict(file),
            run=run,
            written=time.time(),
            experiment=experiment.model_dump(mode="json"),
        )
        _write(self.folder / DOCUMENT, [_json(note)])

    def write_run(self, run: int, saved: SavedRun, rows: HistoryRows) -> None:
        """Note a run as it was at a step boundary.

        saved : its state, without history; rows : those that the history had then.
        """
        state, preparation = saved.state, saved.preparation
        if state is None or preparation is None:
            raise ValueError("a run that has not been captured")
        if run != self._run:
            self._begin(run, preparation.to_json())
        history = rows.history
        self._append(f"steps-{run}.rows", history.steps, rows.steps)
        self._append(f"epochs-{run}.rows", history.epochs, rows.epochs)
        slot = 1 - self._slot
        arrays = state.model | state.arrays
        _write(self.folder / f"state-{slot}.safetensors", tensor_parts(arrays))
        numbers = RunNumbers.of(state.numbers)
        manifest = Manifest.written_now(saved.fingerprint, saved.split, numbers)
        note = RunNote(
            run=run,
            slot=slot,
            written=time.time(),
            steps=rows.steps,
            epochs=rows.epochs,
            step_columns=list(history.steps.columns),
            epoch_columns=list(history.epochs.columns),
            marks=[(mark.step, mark.epoch, mark.text) for mark in rows.marks],
            experiment=saved.experiment.model_dump(mode="json"),
            manifest=manifest.model_dump(mode="json"),
        )
        _write(self.folder / RUN, [_json(note)])
        self._slot = slot

    def write_picture(self, png: bytes) -> None:
        """Note what the work looked like."""
        _write(self.folder / PICTURE, [png], durable=False)

    def clear(self) -> None:
        """There is no unsaved work: nothing is to be offered."""
        for name in (DOCUMENT, RUN):
            (self.folder / name).unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if path.name != LOCK:
                path.unlink(missing_ok=True)
        self._run, self._rows = 0, {}

    def discard(self) -> None:
        """Remove the folder: the program ends, and nothing is to be offered."""
        with suppress(OSError):
            self.clear()
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of the folder, which stays: what it holds is offered at the next start."""
        self._lock.release()

    def _begin(self, run: int, preparation: str) -> None:
        """Another run: the files of the last one go once run.json does not name them any more."""
        (self.folder / RUN).unlink(missing_ok=True)
        for path in self.folder.glob("*.rows"):
            path.unlink(missing_ok=True)
        _write(self.folder / PREPARATION, [preparation.encode()])
        self._run, self._rows = run, {}

    def _append(self, name: str, record: Record, count: int) -> None:
        """Bring a file of rows up to a number of rows; durable when it returns."""
        written = self._rows.get(name, 0)
        if name in self._rows and written == count:
            return
        row_bytes = len(record.columns) * 8
        with (self.folder / name).open("r+b" if name in self._rows else "wb") as stream:
            # What a disk that was full has left of an earlier try is written over.
            stream.seek(written * row_bytes)
            for block in record.blocks(written, count):
                stream.write(np.ascontiguousarray(block, dtype="<f8").data)
            stream.flush()
            os.fsync(stream.fileno())
        self._rows[name] = count


def _json(note: BaseModel) -> bytes:
    return json.dumps(note.model_dump(mode="json"), ensure_ascii=False, allow_nan=False).encode()


def _write(path: Path, pieces: Any, *, durable: bool = True) -> None:
    """Put a file in place in one piece; on the disk when it returns, if it is to be durable."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb", buffering=0) as stream:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                # Nothing of the interpreter is held while the system takes the bytes.
                view = view[stream.write(view) :]
        if durable:
            os.fsync(stream.fileno())
    os.replace(temporary, path)
    if durable:
        flush_folder(path.parent)
