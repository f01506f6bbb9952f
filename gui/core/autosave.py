"""Saves unsaved work automatically: the experiment after each edit, the run every few seconds.

Training is held up for as long as copying the weights takes; the rest is done in a job of its own.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.atomic import FileState
from engine.files.journal import LEAST_INTERVAL_S, Journal, next_interval
from engine.progress import Progress
from gui.core.document import Document
from gui.core.jobs import Job
from gui.core.messages import Copy
from gui.core.session import Session
from gui.kit.figures import png_bytes
from gui.kit.text import tr

TICK_MS = 250
"""How often it is looked whether there is something to note."""

PICTURE_EVERY_S = 10.0
RETRY_AFTER_S = 5.0


class Autosave(QObject):
    """Watches document and session, and notes what is not saved. All in the window's thread.

    picture : what the work looks like. Signals: `noted` when document and run are written down as they were a
    moment ago; `failed` with a sentence when that cannot be done, once until it can again.
    """

    noted = Signal()
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        session: Session,
        picture: Callable[[], QImage],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._picture = document, session, picture
        self._root = Path()
        self._journal: Journal | None = None
        """None where none could be made: it is tried again."""
        self._job: Job | None = None
        self._capturing = False
        self._written: tuple[()] | tuple[Experiment, Path | None, FileState | None, int] = ()
        """The document as it stands in the journal; empty where nothing does."""
        self._generation = 0
        """Of that document."""
        self._run = (0, -1, 0)
        """Number and step of the run in the journal, and how often weights were edited by then."""
        self._copied_at = 0.0
        self._interval = LEAST_INTERVAL_S
        self._pictured_at = float("-inf")
        self._complaint = ""
        self._retry_at = float("-inf")
        """Not before this is anything tried again that has failed."""
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        document.edited.connect(lambda *_: self._tick())

    def start(self, root: Path) -> None:
        """Begin, in a folder of this program's own."""
        self._root = root
        self._open(root)
        self._timer.start()

    def _open(self, root: Path) -> None:
        try:
            self._journal = Journal(root, "window")
        except OSError as error:
            self._try_later((error.strerror or str(error)).lower())

    def stop(self, keep: bool) -> None:
        """End. keep : what is noted is offered at the next start; else it is removed."""
        self._timer.stop()
        journal, self._journal = self._journal, None
        if journal is None:
            return
        if keep and self._written:
            journal.close()
        else:
            journal.discard()

    @property
    def up_to_date(self) -> bool:
        """Whether all that is unsaved is in the journal."""
        if self._job is not None or self._capturing:
            return False
        if self._journal is None or self._complaint:
            # Nothing can be written: there is nothing to wait for.
            return True
        return not self._document.modified or (self._written == self._state() and not self._run_is_due(0.0))

    def hurry(self) -> None:
        """Note everything as soon as possible: the program is about to end."""
        self._interval, self._copied_at = 0.0, 0.0
        self._retry_at = float("-inf")
        self._tick()

    def _state(self) -> tuple[Experiment, Path | None, FileState | None, int]:
        document = self._document
        return (document.experiment, document.path, document.file_state, document.run)

    def _tick(self) -> None:
        if self._job is not None or self._capturing or time.monotonic() < self._retry_at:
            return
        if self._journal is None:
            self._open(self._root)
            return
        of_another = self._written and self._generation != self._document.generation
        if not self._document.modified or of_another:
            if self._written:
                self._start(self._journal.clear, self._forget)
        elif self._written != self._state():
            self._note_document()
        elif self._run_is_due(self._interval):
            self._note_run()

    def _forget(self) -> None:
        """Nothing stands in the journal."""
        self._written, self._run = (), (0, -1, 0)

    def _run_is_due(self, interval: float) -> bool:
        session = self._session
        if not session.has_run or session.number != self._document.run:
            return False
        now = session.number, session.steps, session.edits
        if now == self._run or not (session.steps or session.edits):
            return False
        return time.monotonic() - self._copied_at >= interval

    def _note_document(self) -> None:
        journal, state = self._journal, self._state()
        if journal is None:
            return

        def work() -> None:
            journal.write_document(*state)

        generation = self._document.generation

        def done() -> None:
            self._written, self._generation = state, generation

        self._start(work, done)

    def _note_run(self) -> None:
        self._capturing = True
        self._copied_at = time.monotonic()
        number, edits = self._session.number, self._session.edits

        def captured(copy: Copy) -> None:
            self._capturing = False
            journal, rows = self._journal, copy.rows
            if journal is None or rows is None or number != self._document.run or not self._document.modified:
                return
            picture = self._new_picture()

            def work() -> None:
                began, spent = time.monotonic(), time.thread_time()
                journal.write_run(number, copy.saved, rows)
                if picture is not None:
                    journal.write_picture(png_bytes(picture))
                cost = copy.seconds + time.thread_time() - spent
                self._interval = next_interval(cost, time.monotonic() - began)

            def done() -> None:
                self._run = number, copy.step, edits

            self._start(work, done)

        self._session.capture(captured, self._capture_failed)

    def _capture_failed(self, error: UserError) -> None:
        self._capturing = False

    def _new_picture(self) -> QImage | None:
        if time.monotonic() - self._pictured_at < PICTURE_EVERY_S:
            return None
        self._pictured_at = time.monotonic()
        return self._picture()

    def _start(self, work: Callable[[], None], done: Callable[[], None]) -> None:
        """Write in a job; where the disk refuses, training goes on, and a person is informed once."""

        def attempt(progress: Progress) -> OSError | None:
            try:
                work()
            except OSError as error:
                return error
            return None

        def ended(error: OSError | None) -> None:
            self._job = None
            if error is not None:
                self._try_later((error.strerror or str(error)).lower())
                if isinstance(error, FileNotFoundError):
                    self._start_afresh()
                return
            self._complaint = ""
            done()
            if self.up_to_date:
                self.noted.emit()

        def failed(error: UserError | None = None) -> None:
            self._job = None
            self._try_later(error.got if error is not None else "cancelled")

        self._job = self._session.jobs.start(
            tr("Saving unsaved work"), attempt, ended, failed, failed, quiet=True
        )

    def _try_later(self, reason: str) -> None:
        self._retry_at = time.monotonic() + RETRY_AFTER_S
        sentence = tr(
            "Unsaved work cannot be saved automatically: {reason}. Everything else goes on; save soon.",
            reason=reason,
        )
        if sentence != self._complaint:
            self._complaint = sentence
            self.failed.emit(sentence)

    def _start_afresh(self) -> None:
        """The folder has been removed by somebody: make another, and write everything again."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
            self._forget()
            self._open(self._root)
