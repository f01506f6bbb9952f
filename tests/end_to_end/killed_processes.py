"""The windows and commands that are killed, and what each shows to the process that watches it."""

import json
import mmap
import os
import struct
import sys
import traceback
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from engine.files import journal
from engine.files.atomic import file_state

MOST_STEPS = 1_000_000
EXPERIMENT = {
    "name": "Killed",
    "data": {"source": {"kind": "spiral", "points": 400}},
    "layers": [
        {"kind": "dense", "units": 24},
        {"kind": "dropout", "rate": 0.1},
        {"kind": "dense", "units": 16},
    ],
    "training": {"epochs": 1_000_000, "batch_size": 16},
}
"""Random numbers in it, so that going on bit for bit is no matter of course."""


@dataclass
class Trial:
    """One process and what was seen of it: its kind, how long it lived, and how far it was at each moment."""

    kind: str
    folder: Path
    seconds: float
    saves: bool
    """Whether it saves again and again, or leaves all to the journal."""
    seen: list[tuple[float, int]] = field(default_factory=list)
    """Moments with the step that the run had reached."""
    saved: int = 0
    """The step of the last save that was over before the kill."""
    killed_at: float = 0.0
    problems: list[str] = field(default_factory=list)
    lost_s: float = 0.0
    left_overs: int = 0
    restored: bool = False


class Board:
    """What a process shows to the one that watches it: steps taken, steps saved, checksums of weights."""

    BYTES = 16 + 4 * MOST_STEPS

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), self.BYTES)

    def note(self, step: int, weights: Any) -> None:
        """Note a step, and the weights behind it."""
        if step < MOST_STEPS:
            struct.pack_into("<I", self._memory, 16 + 4 * step, checksum(weights))
        self.show(0, step)

    def checksum(self, step: int) -> int:
        """Of the weights after a step; 0 where the process was not so far."""
        return int(struct.unpack_from("<I", self._memory, 16 + 4 * step)[0]) if step < MOST_STEPS else 0

    def show(self, place: int, value: int) -> None:
        struct.pack_into("<q", self._memory, 8 * place, value)

    def read(self, place: int) -> int:
        return int(struct.unpack_from("<q", self._memory, 8 * place)[0])


def watch_steps(board: Board) -> None:
    """Let every trainer of this process show its steps."""
    from engine.training.trainer import Trainer

    take = Trainer._take_step

    def shown(self: Trainer) -> bool:
        done = take(self)
        board.note(self.step, self.network.parameters)
        return done

    patch.object(Trainer, "_take_step", shown).start()


def run_command(folder: Path, board: Board, saves: bool) -> None:
    """`gradwright train`, with saves far more often than usual, or none."""
    from engine.cli import autosave
    from engine.cli import main as command_line

    autosave.SECONDS_BETWEEN_SAVES = 0.4 if saves else 1e9
    save = autosave.OutputFile.save

    def shown(self: Any, run: Any) -> None:
        save(self, run)
        board.show(1, run.state.numbers["step"])

    patch.object(autosave.OutputFile, "save", shown).start()
    (folder / "experiment.json").write_text(json.dumps(EXPERIMENT))
    os.chdir(folder)
    command_line(["train", "experiment.json", "--out", "run.gradwright"])


def run_window(folder: Path, board: Board, saves: bool) -> None:
    """A window in which a run is trained, and saved every now and then."""
    from PySide6.QtCore import QTimer

    from gui.app import create_window

    application, window = create_window()
    out = folder / "run.gradwright"
    (folder / "experiment.json").write_text(json.dumps(EXPERIMENT))
    window.files.saved.connect(lambda path: board.show(1, (file_state(path) or no_file()).step or 0))

    def act() -> None:
        session = window.session
        if session.ready and window.document.experiment.name == "Killed" and session.goal is None:
            session.set_speed("full")
            session.train()

    def save() -> None:
        if saves and window.session.goal == "run" and not window.files.busy:
            window.files.save_to(out)

    timers = []
    for interval, action in ((50, act), (700, save)):
        timer = QTimer()
        timer.timeout.connect(action)
        timer.start(interval)
        timers.append(timer)
    window.start(folder / "experiment.json")
    application.exec()


def no_file() -> Any:
    raise RuntimeError("a file that was saved is not there")


RUNNERS: dict[str, Callable[[Path, Board, bool], None]] = {"window": run_window, "command line": run_command}


def start(trial: Trial, board: Path) -> int:
    """Fork a process; returns its number."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os.environ[journal.ENVIRONMENT_VARIABLE] = str(trial.folder / "state")
        os.environ["GRADWRIGHT_CONFIG"] = str(trial.folder / "config")
        output = os.open(trial.folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        shown = Board(board)
        watch_steps(shown)
        RUNNERS[trial.kind](trial.folder, shown, trial.saves)
    except BaseException:  # whatever it is: this process ends here, and its output is looked at
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(3)


def checksum(weights: Any) -> int:
    """Of all bits; never 0, which stands for none."""
    return zlib.crc32(weights.tobytes()) or 1
