"""The runs of the document: the one at hand, the ones that Undo brings back, and what files hold. No Qt."""

import collections
import itertools
from dataclasses import dataclass
from pathlib import Path

from engine.data import Description, Table, describe, prepare
from engine.data.sources import AnySource
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import SavedRun, resume, save, saved_run
from engine.settings import differences
from engine.training.trainer import Trainer

KEPT_RUNS = 3
"""Trained runs that are kept when the network or the data is edited, so that Undo brings them back."""


@dataclass(frozen=True, eq=False)
class Run:
    """A trainer, with the number by which the window knows it and what its data was understood as."""

    number: int
    trainer: Trainer
    description: Description


class Runs:
    """Makes runs of experiments, and keeps what was trained. Belongs to the worker's thread.

    What cannot be made raises UserError or MemoryError; then no run is at hand.
    """

    def __init__(self) -> None:
        self.current: Run | None = None
        self.description: Description | None = None
        """Of the data of the newest experiment, as far as it could be read; also where no run is at hand."""
        self._numbers = itertools.count(1)
        self._kept: collections.deque[Run] = collections.deque(maxlen=KEPT_RUNS)
        self._table: tuple[tuple[AnySource, tuple[int, int]], Table] | None = None
        """The table read last, with its source and the state that its file was in."""

    def forget(self) -> None:
        """Another document: data is read afresh, and no earlier run comes back."""
        self._kept.clear()
        self.current = self._table = None

    def changed(self, experiment: Experiment) -> Run | None:
        """The run at hand or a kept one, where changes in mid-run make it one of this experiment.

        A run whose data the changes do not fit waits aside until that is mended.
        """
        run = self.current
        if run is None or not only_live(run.trainer.experiment, experiment):
            self.keep()
            run = next((kept for kept in self._kept if only_live(kept.trainer.experiment, experiment)), None)
            if run is None:
                return None
        try:
            run.trainer.change(experiment)
        except (UserError, MemoryError):
            self.keep()
            raise
        return self._take(run)

    def prepared(self, experiment: Experiment) -> Run:
        """A new run, with data read where it is not at hand."""
        self.current = self.description = None
        table = self._load(experiment.data.source)
        self.description = describe(table, experiment.data)
        trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
        return self._take(Run(next(self._numbers), trainer, self.description))

    def begun_anew(self, run: Run) -> Run:
        """The same run from its beginning; what it has learned is kept."""
        self.keep()
        trainer = Trainer(run.trainer.experiment, run.trainer.dataset)
        return self._take(Run(next(self._numbers), trainer, run.description))

    def brought_back(self, number: int) -> Run | None:
        """A run that was begun anew, with the settings of today; None where it is not kept any more."""
        current = self.current
        if current is None:
            return None
        experiment = current.trainer.experiment
        for run in self._kept:
            if run.number == number and only_live(run.trainer.experiment, experiment):
                run.trainer.change(experiment)
                return self._take(run)
        return None

    def opened(self, saved: SavedRun, name: str) -> Run:
        """What a file of this name holds; where it cannot go on, all stays as it was."""
        experiment = saved.experiment
        self._table = None
        table = self._load(experiment.data.source)
        description = describe(table, experiment.data)
        trainer = resume(saved, prepare(experiment.data, table, experiment.dtype), name)
        self._kept.clear()
        return self._take(Run(next(self._numbers), trainer, description))

    def save(self, path: Path, experiment: Experiment) -> int:
        """Write the run at hand, or the experiment alone where there is none; returns the run's step."""
        if self.current is not None:
            save(path, saved_run(self.current.trainer))
            return self.current.trainer.step
        if path.exists():
            raise UserError(
                path.name,
                expected="an experiment that can run, to take the place of what the file holds",
                got="one that needs attention",
                help="Mend it first, or save it under another name.",
            )
        save(path, SavedRun(experiment))
        return 0

    def keep(self) -> None:
        """Put a trained run aside, so that undoing the edit that replaces it brings it back."""
        if self.current is not None and self.current.trainer.step:
            self._kept.append(self.current)
        self.current = None

    def _take(self, run: Run) -> Run:
        if run in self._kept:
            self._kept.remove(run)
        self.current, self.description = run, run.description
        return run

    def _load(self, source: AnySource) -> Table:
        key = (source, file_state(source))
        if self._table is None or self._table[0] != key:
            self._table = None
            self._table = (key, source.load())
        return self._table[1]


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


def in_words(error: UserError | MemoryError) -> UserError:
    """Too little memory is something a person can mend."""
    if isinstance(error, UserError):
        return error
    return UserError(
        "Memory",
        expected="enough for the data and the network",
        got="too little",
        help="Use smaller layers, a smaller batch or fewer rows.",
    )
