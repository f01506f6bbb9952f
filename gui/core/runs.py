"""Makes runs: reads the data of an experiment, prepares it, and builds the trainer. No Qt.

All of it runs in jobs. What was read and prepared last is remembered, so that an edit of the network or of
the training reads nothing again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.data import Dataset, DataSettings, Description, Table, describe, prepare
from engine.data.sources import AnySource
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import SavedRun, resume
from engine.progress import Progress
from engine.settings import differences
from engine.training.trainer import Trainer
from gui.core.jobs import Job, JobRunner
from gui.core.messages import in_words
from gui.kit.text import tr


@dataclass(frozen=True, eq=False)
class Run:
    """A trainer, with the number by which the window knows it and what its data was understood as."""

    number: int
    trainer: Trainer
    description: Description


@dataclass(frozen=True, eq=False)
class InvalidRun:
    """The experiment cannot run; `description` where at least its data could be read."""

    number: int
    experiment: Experiment
    error: UserError
    description: Description | None = None


class RunRequest:
    """The run that is to be made: it may be edited until its table has been read.

    current : gives its number and its experiment as they are now, from any thread.
    """

    def __init__(self, current: Callable[[], tuple[int, Experiment]]) -> None:
        self._current = current
        self.data = current()[1].data
        """What is read for it."""
        self.taken = False
        """True from when the table has been read: from then on edits come too late."""

    def take(self) -> tuple[int, Experiment]:
        """What is to be made."""
        self.taken = True
        return self._current()


class RunMaker:
    """Makes runs, one job at a time or several. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._table: tuple[object, Table] | None = None
        """The table read last, with its source and the state that its file was in."""
        self._described: tuple[DataSettings, Table, Description] | None = None
        self._prepared: tuple[object, Table, Dataset] | None = None
        """The data set prepared last, with the settings and the table that it is of."""

    def forget(self) -> None:
        """Read and prepare everything again from here on: another document."""
        with self._lock:
            self._table = self._described = self._prepared = None

    def make(self, request: RunRequest, progress: Progress) -> Run | InvalidRun:
        """The run that was asked for, as it is when its table has been read; raises Cancelled."""
        description, table, error = None, None, None
        try:
            table = self.load(request.data, progress.part(0, 0.7))
        except (UserError, MemoryError) as found:
            error = in_words(found)
        number, experiment = request.take()
        if table is None:
            return InvalidRun(number, experiment, error or in_words(MemoryError()))
        try:
            description = self._describe(experiment, table, progress.part(0.7, 0.8))
            dataset = self._prepare(experiment, table, progress.part(0.8, 0.95))
            progress.report(0.95, tr("Building the network"))
            return Run(number, Trainer(experiment, dataset), description)
        except (UserError, MemoryError) as error:
            return InvalidRun(number, experiment, in_words(error), description)

    def restarted(self, number: int, experiment: Experiment, run: Run) -> Run | InvalidRun:
        """The run of an experiment from its beginning, on the data that `run` has."""
        try:
            return Run(number, Trainer(experiment, run.trainer.dataset), run.description)
        except (UserError, MemoryError) as error:
            return InvalidRun(number, experiment, in_words(error), run.description)

    def opened(self, number: int, saved: SavedRun, name: str, progress: Progress) -> Run:
        """What a file of this name holds; raises UserError where it cannot go on, and Cancelled."""
        experiment = saved.experiment
        table = self.load(experiment.data, progress.part(0, 0.6))
        description = self._describe(experiment, table, progress.part(0.6, 0.75))
        dataset = self._prepare(experiment, table, progress.part(0.75, 0.95))
        return Run(number, resume(saved, dataset, name), description)

    def load(self, data: DataSettings, progress: Progress) -> Table:
        """The table that these settings name, read only if it is not the one read last.

        Raises UserError, MemoryError and Cancelled.
        """
        key = (data.read_from, file_state(data.source))
        with self._lock:
            if self._table is not None and self._table[0] == key:
                return self._table[1]
            # The old table goes first, or both would be in memory at once.
            self._table = self._described = self._prepared = None
        table = self.read(data, progress)
        with self._lock:
            self._table = (key, table)
        return table

    def read(self, data: DataSettings, progress: Progress) -> Table:
        """The table that these settings name."""
        return data.load(progress)

    def _describe(self, experiment: Experiment, table: Table, progress: Progress) -> Description:
        with self._lock:
            found = self._described
        if found is not None and found[0] == experiment.data and found[1] is table:
            return found[2]
        description = describe(table, experiment.data, progress)
        with self._lock:
            self._described = (experiment.data, table, description)
        return description

    def _prepare(self, experiment: Experiment, table: Table, progress: Progress) -> Dataset:
        key = (experiment.data, experiment.dtype)
        with self._lock:
            found = self._prepared
            if found is not None and found[0] == key and found[1] is table:
                return found[2]
            self._prepared = found = None
        dataset = prepare(experiment.data, table, experiment.dtype, progress)
        with self._lock:
            self._prepared = (key, table, dataset)
        return dataset


def file_state(source: AnySource) -> tuple[int, int]:
    """Time and size of a source's file, so that a changed one is read again; zeros where there is none."""
    try:
        found = Path(getattr(source, "path", "")).stat()
    except (OSError, ValueError):
        return 0, 0
    return found.st_mtime_ns, found.st_size


def only_live(old: Experiment, new: Experiment) -> bool:
    """Whether the change from one experiment to the other may be made in mid-run."""
    return all(live for _, live, _, _ in differences(old, new))


CANCELLED = UserError(
    tr("Data"),
    expected=tr("data that is read and prepared"),
    got=tr("reading cancelled"),
    help=tr("Press Train to read it after all, or undo the edit."),
)

LEAVING_S = 2.0
"""How long a job waits for the arrays of the last run to be let go of."""


class Preparation:
    """Makes the run that was asked for last. Belongs to the window's thread.

    done : gets the run, or why there is none; also where a person has cancelled its job.
    """

    def __init__(self, jobs: JobRunner, done: Callable[[Run | InvalidRun], None]) -> None:
        self._jobs, self._done = jobs, done
        self.maker = RunMaker()
        self._job: Job | None = None
        self._request: RunRequest | None = None
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
        request, self._wanted = self._request, (number, experiment)
        if request is not None and not request.taken and request.data.read_from == experiment.data.read_from:
            return
        self.cancel()
        request = self._request = RunRequest(lambda: self._wanted)
        self._start(lambda progress: self.maker.make(request, progress), left)

    def restart(self, number: int, experiment: Experiment, run: Run, left: threading.Event) -> None:
        """Make a run from its beginning, on the data that it has."""
        self.cancel()
        self._wanted = number, experiment
        self._start(lambda progress: self.maker.restarted(number, experiment, run), left)

    def cancel(self) -> None:
        """Make nothing; `done` is not called."""
        job, self._job, self._request = self._job, None, None
        if job is not None:
            job.cancelled = _nothing
            self._jobs.cancel(job)

    def _start(self, work: Callable[[Progress], Run | InvalidRun], left: threading.Event) -> None:
        def prepare(progress: Progress) -> Run | InvalidRun:
            # The arrays of the last run go before those of the new one come.
            left.wait(LEAVING_S)
            return work(progress)

        self._job = self._jobs.start(
            tr("Preparing “{name}”", name=self._wanted[1].name),
            prepare,
            self._made,
            self._end,
            lambda: self._end(CANCELLED),
        )

    def _made(self, found: Run | InvalidRun) -> None:
        self._job = self._request = None
        number, experiment = self._wanted
        if found.number != number:
            # It was edited at the moment at which its table had been read.
            already_left = threading.Event()
            already_left.set()
            self.begin(number, experiment, already_left)
        else:
            self._done(found)

    def _end(self, error: UserError) -> None:
        self._job = self._request = None
        self._done(InvalidRun(*self._wanted, error))


def _nothing() -> None:
    """What follows where nobody waits."""
