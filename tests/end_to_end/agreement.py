"""What has to agree once a window has settled: screen, document, session, worker and files."""

import time
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest

from engine.errors import UserError
from engine.files.atomic import file_state
from engine.files.run_file import load, save, saved_run
from gui.core.messages import Copy
from gui.main_window import MainWindow
from gui.window.transport_bar import STATE_WORDS
from tests.engine.training.runs import dense, experiment, take, trainer

SETTLES_WITHIN_S = 60.0


class Agreement:
    """A window and a folder with two saved runs, looked at when all that was asked for has been done.

    agreed_to_lose : files whose replacement by a shorter run a person has agreed to.
    """

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self.window, self.folder = window, folder
        self.crashes: list[Any] = []
        self.agreed_to_lose: set[Path] = set()
        self.frame: Any = None
        self._outs = 0
        window.session.frame.connect(self._note)
        window.session.crashed.connect(self.crashes.append)
        window.jobs.crashed.connect(self.crashes.append)
        self.files = [folder / "one.gradwright", folder / "two.gradwright"]
        for number, path in enumerate(self.files, start=1):
            run = trainer(experiment([dense(3 + number)], epochs=1_000).replace(name=f"Saved {number}"))
            save(path, saved_run(take(run, 20 * number)))
        self.steps = {path: self._steps_in(path) for path in self.files}

    def _note(self, frame: Any) -> None:
        self.frame = frame

    def check_all(self) -> None:
        """Wait until all is done, and compare; AssertionError where something does not agree."""
        self.wait_for_saves()
        if not self.window.isVisible():
            self.check_files()
            return
        self.settle()
        self.check()
        self.check_saving()

    def wait_for_saves(self) -> None:
        """What was ordered to be saved is saved, also where the window was to be closed."""
        limit = time.monotonic() + SETTLES_WITHIN_S
        while self.window.files.busy and self.window.isVisible():
            assert time.monotonic() < limit, f"still saving: {self._state()}"
            QTest.qWait(5)

    def settle(self) -> None:
        """Pause, and wait until nothing is under way."""
        session, jobs = self.window.session, self.window.jobs
        if session.goal == "run":
            session.pause()
        limit = time.monotonic() + SETTLES_WITHIN_S
        while not self._settled():
            assert time.monotonic() < limit, f"not settled: {self._state()}"
            if session.goal == "run":
                session.pause()
            session.request_frame()
            QTest.qWait(10)
        assert not [job for job in jobs.running if not job.quiet]

    def _settled(self) -> bool:
        session, frame = self.window.session, self.frame
        busy = session.preparing or session.goal is not None or self.window.files.busy
        if busy or [job for job in self.window.jobs.running if not job.quiet]:
            return False
        if session.problem is not None:
            return frame.status == "invalid"
        return frame.run == session.number and frame.command >= session.command and frame.history is not None

    def _state(self) -> str:
        session = self.window.session
        return (
            f"goal {session.goal}, problem {session.problem}, preparing {session.preparing}, "
            f"frame {self.frame.run} {self.frame.status}, run {session.number}, "
            f"jobs {[job.title for job in self.window.jobs.running]}"
        )

    def check(self) -> None:
        """Document, session, worker and what is on the screen."""
        window, session = self.window, self.window.session
        document, shown = window.document, window.document.experiment
        assert not self.crashes, self.crashes[0].traceback
        assert document.run == session.number, "the document has another run than the session"
        assert (document.path.name if document.path else shown.name) in window.windowTitle()
        if session.problem is not None:
            assert window.transport.state == STATE_WORDS["invalid"]
            assert not window.actions_["train"].isEnabled() or session.cancelled
            return
        assert self.frame.run == session.number, "the worker has another run"
        copy = self._copy()
        assert copy.saved.experiment == shown, "the worker trains another experiment"
        assert window.transport.state == STATE_WORDS[self.frame.status], self.frame.status
        assert copy.step == self.frame.step
        assert window.panels.run == session.number, "the panels show another run"
        assert self.frame.history.steps.count == copy.step
        assert window.actions_["train"].text() == "Train"
        layers = window.panels["layers"].list.cards
        assert len(layers) == len(shown.layers) + 1, "the cards are of another experiment"

    def _copy(self) -> Copy:
        """The run as the worker has it."""
        copies: list[Copy] = []
        problems: list[UserError] = []
        self.window.session.capture(copies.append, problems.append)
        limit = time.monotonic() + SETTLES_WITHIN_S
        while not copies:
            assert not problems, f"the worker has no run: {problems[0]}"
            assert time.monotonic() < limit, "no copy of the run"
            QTest.qWait(5)
        return copies[0]

    def check_files(self) -> None:
        """No file has lost steps unasked, and each can be read."""
        for path in self.files:
            if path not in self.agreed_to_lose:
                assert self._steps_in(path) >= self.steps[path], f"{path.name} has lost steps"
            load(path)

    def check_saving(self) -> None:
        """What is saved now is what is on the screen."""
        self.check_files()
        self._outs += 1
        out = self.folder / f"out{self._outs}.gradwright"
        self.window.files.save_to(out)
        limit = time.monotonic() + SETTLES_WITHIN_S
        while self.window.document.path != out:
            assert time.monotonic() < limit, "not saved"
            QTest.qWait(5)
        saved = load(out)
        assert saved.experiment == self.window.document.experiment
        step = self.frame.step if self.window.session.ready else 0
        assert (saved.state.numbers["step"] if saved.state else 0) == step
        assert not self.window.document.modified

    @staticmethod
    def _steps_in(path: Path) -> int:
        found = file_state(path)
        return (found.step or 0) if found is not None else 0
