"""Jobs on a copy of the run at hand: checks and tests that must not disturb it, and may train the copy."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject

from engine.errors import UserError
from engine.files.run_file import resume
from engine.progress import Progress
from engine.training.trainer import Trainer
from gui.core.jobs import Job, JobRunner
from gui.core.messages import Copy
from gui.core.session import Session
from gui.kit.text import tr

Result = TypeVar("Result")

NO_RUN = UserError(
    tr("The run"),
    expected=tr("data that is prepared and a network that fits it"),
    got=tr("none yet"),
    help=tr("Wait until the data is prepared, or mend what needs attention."),
)


class RunJob:
    """One such job: from when it is asked for, while the run is being copied, until it has ended."""

    def __init__(self, jobs: JobRunner, cancelled: Callable[[], None]) -> None:
        self._jobs, self._cancelled = jobs, cancelled
        self._job: Job | None = None
        self.ended = False

    @property
    def fraction(self) -> float | None:
        """How much is done, 0 to 1; None where that is not known, or nothing has begun."""
        return self._job.progress.fraction if self._job is not None else None

    def cancel(self) -> None:
        """Cancel it, be it before it has begun; nothing happens where it has ended."""
        if self.ended:
            return
        if self._job is not None:
            self._jobs.cancel(self._job)
        else:
            self.ended = True
            self._cancelled()

    def begin(self, job: Job) -> None:
        """The copy is there: this is the job that works on it."""
        self._job = job


class RunJobs(QObject):
    """Starts jobs on copies. All methods are of the window's thread."""

    def __init__(self, session: Session, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs

    def start(
        self,
        title: str,
        work: Callable[[Trainer, Progress], Result],
        done: Callable[[Result], None],
        failed: Callable[[UserError], None],
        cancelled: Callable[[], None] | None = None,
    ) -> RunJob:
        """Run `work(trainer, progress)` on a thread of its own, with a trainer that stands where the run
        stands now and belongs to the job alone: it may train it, and change it.

        work : calls `progress.report(fraction, text)` often, which raises Cancelled once it is cancelled.
        done, failed : called in the window's thread with the result, or with what a UserError says.
        cancelled : called as soon as the job is cancelled, also where another run takes the place of this.
        """
        run, ends = self._session.number, cancelled or _nothing

        def end() -> None:
            handle.ended = True
            ends()

        handle = RunJob(self._jobs, ends)
        dataset = self._session.dataset
        if dataset is None:
            handle.ended = True
            failed(NO_RUN)
            return handle

        def begin(copy: Copy) -> None:
            if handle.ended:
                return

            def carry_out(progress: Progress) -> Result:
                return work(resume(copy.complete(), dataset, title), progress)

            def finish(result: Result) -> None:
                handle.ended = True
                done(result)

            handle.begin(self._jobs.start(title, carry_out, finish, fail, end))

        def fail(error: UserError) -> None:
            if not handle.ended:
                handle.ended = True
                failed(error)

        def forget(number: int) -> None:
            if number != run:
                self._session.changing.disconnect(forget)
                handle.cancel()

        self._session.changing.connect(forget)
        self._session.capture(begin, fail)
        return handle


def _nothing() -> None:
    """What follows where nobody waits."""
