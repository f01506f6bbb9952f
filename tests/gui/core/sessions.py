"""Document and session at work without a window, for the tests of the session."""

import time

from PySide6.QtTest import QTest

from gui.core.document import Document
from gui.core.jobs import JobRunner
from gui.core.messages import Frame
from gui.core.session import Session
from tests.engine.training.runs import experiment
from tests.gui.desk import PATIENCE_S


class Desk:
    """Document and session as the window connects them, without a window."""

    def __init__(self, settings=None):
        self.document = Document(settings or experiment(epochs=5))
        self.jobs = JobRunner()
        self.session = Session(tuple, self.jobs)
        self.frames, self.scored, self.invalid, self.prepared, self.aside = [], [], [], [], []
        session = self.session
        session.frame.connect(self.frames.append)
        session.scored.connect(self.scored.append)
        session.invalid.connect(self.invalid.append)
        session.prepared.connect(self.prepared.append)
        session.put_aside.connect(self.aside.append)
        self.document.edited.connect(self._adopt)
        session.set_speed("full")
        session.start()
        self.document.run = session.load(self.document.experiment)

    def _adopt(self, settings, run):
        self.document.run = self.session.adopt(settings, run)

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def edit(self, settings, text="Edit"):
        self.document.edit(settings, text)

    def until(self, status) -> Frame:
        """Wait for this status, after all that was ordered."""
        limit = time.monotonic() + PATIENCE_S
        while not self._stands(status):
            assert time.monotonic() < limit, f"no {status}: {self.frames[-1:]}"
            QTest.qWait(2)
        return self.frame

    def _stands(self, status) -> bool:
        if not self.frames or (self.frame.status, self.frame.run) != (status, self.document.run):
            return False
        return status in ("preparing", "empty", "invalid") or self.frame.command >= self.session.command

    def close(self):
        self.jobs.shutdown(PATIENCE_S)
        assert self.session.shutdown()
