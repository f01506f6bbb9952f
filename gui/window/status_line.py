"""The line at the bottom: what is happening, in words; and what needs attention."""

import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStatusBar, QWidget

from engine.errors import UserError
from engine.insight.diagnosis import overfitting_findings
from gui.core.messages import Frame, Status
from gui.kit.labels import ElidedLabel, Label
from gui.window.job_list import JobList

NOTE_S = 5.0


class StatusLine(QStatusBar):
    """Left a sentence on the run, right the problem that keeps it from starting."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(10, 0, 10, 0)
        self._sentence = ElidedLabel("", "muted")
        self._problem = Label("", "error")
        self._problem.setObjectName("problem")
        self._problem.hide()
        self._finding = Label("", "warning")
        self._finding.setObjectName("finding")
        self._finding.hide()
        self._note_until = 0.0
        self._run_sentence = ""
        self._note_ends = QTimer(self)
        self._note_ends.setSingleShot(True)
        self._note_ends.timeout.connect(lambda: self._sentence.setText(self._run_sentence))
        self._before: tuple[int, Status, int] | None = None
        """How the run stood in the last frame; None since a note was shown."""
        self.addWidget(self._sentence, 1)
        self.jobs = JobList()
        """What runs beside training."""
        self.addPermanentWidget(self.jobs)
        self.addPermanentWidget(self._problem)
        self.addPermanentWidget(self._finding)

    def show_frame(self, frame: Frame) -> None:
        """Say how the run stands, and what stands out in it."""
        now = frame.run, frame.status, frame.step
        if self._before is not None and _begun(self._before, now):
            self._note_until = 0.0
        self._before = now
        self._run_sentence = frame.sentence
        if time.monotonic() >= self._note_until:
            self._sentence.setText(frame.sentence)
        found = overfitting_findings(frame.history) if frame.history is not None else ()
        self._finding.setText(f"1 finding: {found[0]}" if found else "")
        self._finding.setVisible(bool(found))

    def show_problem(self, error: UserError | None) -> None:
        """Say where something is wrong with the experiment; None when nothing is."""
        self._problem.setText("" if error is None else f"Cannot train: {error.headline}")
        self._problem.setToolTip("" if error is None else str(error))
        self._problem.setVisible(error is not None)

    def show_saved(self, path: Path) -> None:
        """Say for a while that a file was written."""
        self.show_note(f"Saved {path.name} in {path.parent}.")

    def show_note(self, sentence: str) -> None:
        """Say something for a while, until the run moves on."""
        self._note_until, self._before = time.monotonic() + NOTE_S, None
        self._sentence.setText(sentence)
        # No frame may come that would take its place.
        self._note_ends.start(round(1000 * NOTE_S))

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    @property
    def problem(self) -> str:
        return self._problem.text()


def _begun(before: tuple[int, Status, int], now: tuple[int, Status, int]) -> bool:
    """Whether another run is at hand, or training has begun, be it for a single step.

    before, now : run, status, step.
    """
    (old_run, old_status, old_step), (run, status, step) = before, now
    if old_status in ("preparing", "training"):
        return False
    return run != old_run or step != old_step or status == "training"
