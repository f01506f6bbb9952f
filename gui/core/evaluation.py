"""Evaluation: scores the current run on all of its data, in a job, whenever it pauses or ends."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import UserError
from engine.training.scoring import Scores
from gui.core.jobs import Job, JobRunner
from gui.core.messages import Frame, Frozen, Scored
from gui.kit.text import tr

TITLE = tr("Evaluating")

REST_MS = 100
"""How long a run has paused before it is evaluated: single steps that follow faster are one."""


class Evaluation(QObject):
    """Evaluates each state of a run once. All methods and signals are of the window's thread.

    freeze : asks the worker for a Frozen of the run with this number, and gives the number of that command;
    the answer is to be handed to `take`.
    Signals: `scored` with a Scored of the run and step that are at hand.
    """

    scored = Signal(object)

    def __init__(self, jobs: JobRunner, freeze: Callable[[int], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._freeze = jobs, freeze
        self._state: tuple[int, int] | None = None
        """Run and step that are evaluated or have been; None while the run moves."""
        self._asked = 0
        """Number of the command whose answer is waited for; 0 where none is."""
        self._job: Job | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._ask)

    def show_frame(self, frame: Frame) -> None:
        """How the current run stands, after all commands: once it pauses, it is evaluated soon."""
        at_rest = frame.status in ("paused", "stopped", "finished") and frame.step > 0 and not frame.held
        state = frame.run, frame.step
        if at_rest and state != self._state:
            self.forget()
            self._state = state
            self._rest.start()

    def forget(self) -> None:
        """The run moves on, or another takes its place: nobody waits for scores of the earlier state."""
        self._rest.stop()
        self._state, self._asked = None, 0
        job, self._job = self._job, None
        if job is not None:
            self._jobs.cancel(job)

    def take(self, frozen: Frozen) -> None:
        """The copy that was asked for; one that was asked for before the run moved on is dropped."""
        if frozen.command != self._asked:
            return
        self._asked = 0
        if frozen.network is None:
            if frozen.error is not None:
                self._jobs.failed.emit(TITLE, frozen.error)
            return

        def done(scores: tuple[Scores, ...]) -> None:
            self._job = None
            self.scored.emit(Scored(frozen.run, frozen.step, scores, frozen.caption))

        self._job = self._jobs.start(TITLE, frozen.network.scores, done, self._failed, self._ended)

    def _ask(self) -> None:
        if self._state is not None:
            self._asked = self._freeze(self._state[0])

    def _failed(self, error: UserError) -> None:
        self._job = None
        self._jobs.failed.emit(TITLE, error)

    def _ended(self) -> None:
        self._job = None
