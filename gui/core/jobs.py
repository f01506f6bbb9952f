"""Jobs: work that may take longer than 50 ms, each on a thread of its own, such as exports of panels."""

import collections
import functools
import itertools
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import UserError
from engine.progress import Cancelled, Progress
from gui.core.messages import Crashed, in_words
from gui.kit.text import tr

POLL_MS = 15
"""How often the window looks for jobs that have ended."""

REPORT_MS = 100
"""How often the list of jobs shows a new fraction."""

SHOWN_AFTER_S = 0.3
"""What takes no longer than this comes and goes without being shown."""

Result = TypeVar("Result")


@dataclass(eq=False)
class Job:
    """One piece of work under way."""

    number: int
    title: str
    """What it does, as a person reads it: "Opening taxis.csv"."""
    progress: Progress
    cancelled: Callable[[], None]
    """Called when it was cancelled; None of the other three is called then."""
    quiet: bool
    """True for what nobody asked for, and so is not listed."""
    announced: bool
    """Whether its end is worth a note: not where it is seen anyway."""
    began: float = field(default_factory=time.monotonic)

    @property
    def listed(self) -> bool:
        """Whether the window shows it: not where it is quiet, or likely to be over at once."""
        return not self.quiet and time.monotonic() - self.began >= SHOWN_AFTER_S


class JobRunner(QObject):
    """Starts jobs, and knows which are under way. All methods and signals are of the window's thread.

    Signals: `changed` when the list of jobs, or what one of them has reported, is another; `ended` with the
    title of a listed job that came to its end; `failed` with title and UserError where the job was
    started without a callback for errors; `crashed` with a Crashed for a fault of the program.
    """

    changed = Signal()
    ended = Signal(str)
    failed = Signal(str, object)
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._running: dict[int, Job] = {}
        self._threads: dict[int, threading.Thread] = {}
        """Of all jobs whose thread may be alive, cancelled ones among them."""
        self._outcomes: collections.deque[tuple[int, Callable[[], None]]] = collections.deque()
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._deliver)
        self._report = QTimer(self)
        self._report.setInterval(REPORT_MS)
        self._report.timeout.connect(self.changed)

    @property
    def running(self) -> list[Job]:
        """The jobs under way, oldest first."""
        return list(self._running.values())

    def start(
        self,
        title: str,
        work: Callable[[Progress], Result],
        done: Callable[[Result], None],
        failed: Callable[[UserError], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        *,
        quiet: bool = False,
        announced: bool = True,
    ) -> Job:
        """Run `work(progress)` on a thread of its own; what follows is called in the window's thread.

        done : gets the result. failed : gets what a UserError or too little memory says; without it the
        signal of that name. cancelled : called as soon as the job is cancelled, without waiting for its
        thread.
        """
        progress = Progress()
        job = Job(next(self._numbers), title, progress, cancelled or _nothing, quiet, announced)
        tell = failed or (lambda error: self.failed.emit(title, error))

        def main() -> None:
            try:
                result = work(progress)
            except Cancelled:
                outcome: Callable[[], None] = _nothing
            except (UserError, MemoryError) as error:
                outcome = _call(tell, in_words(error))
            except Exception:
                # Whatever went wrong must reach the window as text, or nobody would ever learn of it.
                outcome = _call(self._crash, job, failed, traceback.format_exc())
            else:
                outcome = _call(done, result)
                del result
            self._outcomes.append((job.number, outcome))

        thread = threading.Thread(target=main, name=f"gradwright job: {title}", daemon=True)
        self._running[job.number], self._threads[job.number] = job, thread
        thread.start()
        self._poll.start()
        if not self._report.isActive():
            self._report.start()
        self.changed.emit()
        return job

    def cancel(self, job: Job | int) -> None:
        """Cancel a job; nothing happens where it has ended. Its result, should it come, is dropped."""
        number = job if isinstance(job, int) else job.number
        found = self._running.pop(number, None)
        if found is not None:
            found.progress.cancel()
            self.changed.emit()
            found.cancelled()

    def shutdown(self, seconds: float) -> bool:
        """Cancel everything and wait for the threads, so long at most; False where one has not ended."""
        for job in self.running:
            job.progress.cancel()
        self._running.clear()
        self._poll.stop()
        self._report.stop()
        deadline = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads.values())

    def _deliver(self) -> None:
        while self._outcomes:
            number, outcome = self._outcomes.popleft()
            self._threads.pop(number, None)
            # Not from here: a question that it asks would keep the ends of all other jobs waiting.
            QTimer.singleShot(0, self, functools.partial(self._finish, number, outcome))
        if not self._threads:
            self._poll.stop()
            self._report.stop()

    def _finish(self, number: int, outcome: Callable[[], None]) -> None:
        job = self._running.pop(number, None)
        if job is None:
            return  # It was cancelled, be it a moment ago, and its `cancelled` was called then.
        self.changed.emit()
        if job.listed and job.announced:
            self.ended.emit(job.title)
        outcome()

    def _crash(self, job: Job, failed: Callable[[UserError], None] | None, trace: str) -> None:
        self.crashed.emit(Crashed(trace))
        if failed is not None:
            failed(
                UserError(
                    job.title,
                    expected=tr("this to succeed"),
                    got=tr("a fault of the program"),
                    help=tr("Everything is as it was before."),
                )
            )


def _nothing() -> None:
    """What follows where nobody waits."""


def _call(function: Callable[..., None], *arguments: Any) -> Callable[[], None]:
    return lambda: function(*arguments)


Writing = Callable[[Progress], None]
"""Writes what a panel showed when this was made; raises UserError where that cannot be, and Cancelled.

No file has changed then.
"""


class Exports(QObject):
    """Writes files, each in a job. `saved` : Path of what was written."""

    saved = Signal(object)

    def __init__(self, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._writing: dict[Path, Job] = {}
        """By what they write."""

    def write(self, path: Path, writing: Writing, failed: Callable[[UserError], None]) -> None:
        """Write a file; `failed` gets why that was not possible."""
        # Of two that are written to one place, the later is wanted.
        if path in self._writing:
            self._jobs.cancel(self._writing[path])
        self._writing[path] = self._jobs.start(
            tr("Saving {name}", name=path.name),
            writing,
            lambda _: self._written(path),
            lambda error: self._failed(path, error, failed),
            lambda: self._forget(path),
        )

    def _forget(self, path: Path) -> None:
        del self._writing[path]

    def _written(self, path: Path) -> None:
        self._forget(path)
        self.saved.emit(path)

    def _failed(self, path: Path, error: UserError, failed: Callable[[UserError], None]) -> None:
        self._forget(path)
        failed(error)
