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
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import platformdirs
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine.errors import UserError
from engine.experiment import Experiment, from_json
from engine.files.archive import unpack_tensors
from engine.files.atomic import flush_folder
from engine.files.manifest import Manifest, RunNumbers, read_manifest
from engine.files.run_file import SavedRun, checked_run, unpack_preparation
from engine.progress import Progress
from engine.training.history import HistoryRows, Record

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ENVIRONMENT_VARIABLE = "GRADWRIGHT_STATE"
"""Names another folder than the system's; tests set it."""

DOCUMENT, RUN, PREPARATION, PICTURE, LOCK = (
    "document.json",
    "run.json",
    "preparation.json",
    "picture.png",
    "lock",
)

MOST_JSON_BYTES = 1 << 26
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

    run : the number under which run.json has the document's run, if there is one.
    program : who wrote it, "window" or "command line".
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    program: str = Field(max_length=40)
    path: str | None = None
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


Note = TypeVar("Note", bound=BaseModel)


class Journal:
    """The folder of one open program. Its methods are called by one thread at a time; each may raise OSError.

    root : where the folders of all programs are, see `journal_root`.
    """

    def __init__(self, root: Path, program: str) -> None:
        self._program = program
        root.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
        self._lock = _locked(self.folder)
        self._run, self._slot = 0, 0
        self._rows: dict[str, int] = {}
        """For each file of rows of this run, how many it has."""

    def write_document(self, experiment: Experiment, path: Path | None, run: int) -> None:
        """Note the document: its experiment, the file that it belongs to, the number of its run."""
        note = DocumentNote(
            program=self._program,
            path=None if path is None else str(path),
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
        arrays = {"parameters": state.parameters} | state.arrays
        _write(self.folder / f"state-{slot}.safetensors", tensor_parts(arrays))
        numbers = RunNumbers.of(state.numbers)
        manifest = Manifest.written_now(saved.fingerprint, saved.dealt, numbers)
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
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

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


@dataclass(frozen=True, eq=False)
class LeftBehind:
    """Work that a program has left behind that did not come to its end. Held by a lock until it is closed."""

    folder: Path
    program: str
    experiment: Experiment
    """As it was after the last edit."""
    path: Path | None
    """The file that the document belonged to."""
    written: float
    """When anything was noted last, in seconds since 1970."""
    step: int
    epoch: int
    """What the run has reached; 0 where there is none."""
    _lock: int | None = field(repr=False)

    @property
    def picture(self) -> Path | None:
        """What the work looked like, a PNG file."""
        path = self.folder / PICTURE
        return path if path.is_file() else None

    def load(self, progress: Progress | None = None) -> SavedRun:
        """The run; without one, the experiment alone. Raises UserError where a part is damaged."""
        note = _run_note(self.folder)
        if note is None or not self.step:
            return SavedRun(self.experiment)
        return _loaded(self.folder, note, progress or Progress())

    def close(self) -> None:
        """Let go of it: it is offered again at the next start."""
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)

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
    lock = _try_lock(folder)
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
        os.close(lock)
        return None
    run = _run_note(folder)
    if run is not None and run.run != document.run:
        run = None
    step, epoch = (run.steps, run.epochs) if run is not None else (0, 0)
    written = max(document.written, run.written if run is not None else 0.0)
    path = None if document.path is None else Path(document.path)
    return LeftBehind(folder, document.program, experiment, path, written, step, epoch, lock)


def _run_note(folder: Path) -> RunNote | None:
    return _read_note(folder / RUN, RunNote)


def _read_note(path: Path, model: type[Note]) -> Note | None:
    """A note, or None where there is none that can be used."""
    try:
        if path.stat().st_size > MOST_JSON_BYTES:
            return None
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
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
    return checked_run(
        from_json(json.dumps(note.experiment), f"{where}, {RUN}"),
        read_manifest(note.manifest, f"{where}, {RUN}"),
        unpack_preparation(_bytes_of(folder / PREPARATION), f"{where}, {PREPARATION}"),
        {"parameters": arrays.pop("parameters", np.empty(0))},
        arrays,
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


def tensor_parts(arrays: Mapping[str, NDArray[Any]]) -> Iterator[bytes | memoryview]:
    """A safetensors file in pieces, the arrays' own memory among them.

    The library's writer copies all arrays and holds the interpreter meanwhile: training would wait for it.
    """
    header: dict[str, Any] = {}
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    start = 0
    for name, array in ordered.items():
        end = start + array.nbytes
        kind = _TENSOR_TYPES[array.dtype.newbyteorder("=").name]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little") + text
    for array in ordered.values():
        yield array.reshape(-1).view(np.uint8).data


_TENSOR_TYPES = {"float32": "F32", "float64": "F64", "uint64": "U64", "int64": "I64"}


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


def _locked(folder: Path) -> int | None:
    """The lock of a folder, which nobody else holds."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    with suppress(OSError):
        # Where there are no locks, as on some network drives, all is as if another program held it.
        _lock(descriptor)
    return descriptor


def _try_lock(folder: Path) -> int | None:
    """The lock of a folder that nobody holds; None where somebody does, or it is no journal."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return None
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _lock(descriptor: int) -> None:
    """Lock without waiting; raises OSError where another process holds it."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
