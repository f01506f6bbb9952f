"""Has runs made in jobs, one at a time: of several wishes in a row only the newest is made."""

import threading
from collections.abc import Callable

from engine.errors import UserError
from engine.experiment import Experiment
from engine.progress import Progress
from gui.core.jobs import Job, JobRunner
from gui.core.runs import Run, RunMaker, Unfit, Wish

CANCELLED = UserError(
    "Data",
    expected="data that is read and prepared",
    got="reading cancelled",
    help="Press Train to read it after all, or undo the edit.",
)

LEAVING_S = 2.0
"""How long a job waits for the arrays of the last run to be let go of."""


class Preparation:
    """Makes the run that is wished for. Belongs to the window's thread.

    done : gets the run, or why there is none; also where a person has cancelled its job.
    """

    def __init__(self, jobs: JobRunner, done: Callable[[Run | Unfit], None]) -> None:
        self._jobs, self._done = jobs, done
        self.maker = RunMaker()
        self._job: Job | None = None
        self._wish: Wish | None = None
        """What a table is read for; None where none is."""
        self._wanted = 0, Experiment()
        """Number and experiment of the run; one value, as jobs read it from their threads."""

    @property
    def running(self) -> bool:
        """Whether a run is being made."""
        return self._job is not None

    def begin(self, number: int, experiment: Experiment, left: threading.Event) -> None:
        """Make the run of an experiment, in place of what is being made.

        A table that is being read for it already is read on. left : set once the last run is let go of.
        """
        wish, self._wanted = self._wish, (number, experiment)
        if wish is not None and not wish.taken and wish.source == experiment.data.source:
            return
        self.cancel()
        wish = self._wish = Wish(lambda: self._wanted)
        self._start(lambda progress: self.maker.make(wish, progress), left)

    def begin_again(self, number: int, experiment: Experiment, run: Run, left: threading.Event) -> None:
        """Make a run from its beginning, on the data that it has."""
        self.cancel()
        self._wanted = number, experiment
        self._start(lambda progress: self.maker.begun_again(number, experiment, run), left)

    def cancel(self) -> None:
        """Make nothing; `done` is not called."""
        job, self._job, self._wish = self._job, None, None
        if job is not None:
            job.cancelled = _nothing
            self._jobs.cancel(job)

    def _start(self, work: Callable[[Progress], Run | Unfit], left: threading.Event) -> None:
        def prepare(progress: Progress) -> Run | Unfit:
            # The arrays of the last run go before those of the new one come.
            left.wait(LEAVING_S)
            return work(progress)

        self._job = self._jobs.start(
            f"Preparing “{self._wanted[1].name}”",
            prepare,
            self._made,
            self._end,
            lambda: self._end(CANCELLED),
        )

    def _made(self, found: Run | Unfit) -> None:
        self._job = self._wish = None
        number, experiment = self._wanted
        if found.number != number:
            # It was edited at the moment at which its table had been read.
            already_left = threading.Event()
            already_left.set()
            self.begin(number, experiment, already_left)
        else:
            self._done(found)

    def _end(self, error: UserError) -> None:
        self._job = self._wish = None
        self._done(Unfit(*self._wanted, error))


def _nothing() -> None:
    """What follows where nobody waits."""
