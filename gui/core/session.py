"""The session: which run belongs to the document, which commands were given, and how the run is made.

Every run has a number, given here before anything is done for it. The document notes the number beside each
step to undo; commands to the worker, jobs, frames and messages name it, and one that is not about the run at
hand is dropped. So no result of another experiment can be shown or saved as one of this.
"""

import collections
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from engine.data import DataSettings, Table
from engine.experiment import Experiment
from gui.core.document import Document
from gui.core.jobs import JobRunner
from gui.core.messages import Frame, Invalid, Prepared, Queries
from gui.core.run_control import RunControl
from gui.core.runs import CANCELLED, InvalidRun, Preparation, Run, RunMaker, only_live
from gui.kit.text import tr

KEPT_RUNS = 3
"""Trained runs that are kept when another takes their place, so that Undo brings them back."""

PREPARING = tr("Reading and preparing the data.")


@dataclass(frozen=True, eq=False)
class RunsAside:
    """The runs of a document that was set aside: the one at hand, those that Undo brings back, their data."""

    experiment: Experiment
    number: int
    run: Run | None
    kept: tuple[Run, ...]
    maker: RunMaker


class Session(RunControl):
    """The running experiment, as the window sees it. All methods and signals are of the window's thread.

    queries : gives what the panels in sight ask of the run. jobs : where data is read and prepared.
    """

    changing = Signal(int)
    """Another run belongs to the document from here on: its number. Nothing of the last one may stay."""
    put_aside = Signal(int)
    """A trained run makes room for another; undoing that brings it back: its number."""
    prepared = Signal(object)
    """Prepared: the run is there."""

    def __init__(
        self, queries: Callable[[], Queries], jobs: JobRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(queries, jobs, parent)
        self.jobs = jobs
        self._preparation = Preparation(jobs, self._made)
        self._numbers = itertools.count(1)
        self._kept: collections.OrderedDict[int, Run] = collections.OrderedDict()
        self._left = threading.Event()
        """Set when the worker has let go of the run before."""

    def shutdown(self) -> bool:
        """Cancel what is being prepared or evaluated and end the worker; False if it has not ended soon."""
        self._preparation.cancel()
        return super().shutdown()

    def kept_steps(self) -> dict[int, int]:
        """For each run that Undo brings back, how many steps it has."""
        return {number: run.trainer.step for number, run in self._kept.items()}

    @property
    def cancelled(self) -> bool:
        """Whether the run is missing because its preparation was cancelled."""
        return self.problem is CANCELLED

    @property
    def preparing(self) -> bool:
        """Whether the run is being made."""
        return self._preparation.running

    # --- which run is at hand ----------------------------------------------------------------------------

    def load(self, experiment: Experiment) -> int:
        """Begin with another document: data is read afresh, no earlier run comes back. Gives its number."""
        self._kept.clear()
        self._run = None
        self._preparation.maker.forget()
        return self._prepare(experiment)

    def table_of(self, data: DataSettings) -> Table | None:
        """The table of these settings, where it is at hand; from any thread, as the file may be looked at."""
        return self._preparation.maker.table_of(data)

    def know_table(self, data: DataSettings, table: Table, state: tuple[int, int]) -> None:
        """A table that was read for a person to look at is not read again for the run of these settings.

        state : of its file before it was read, as of `gui.core.runs.file_state`.
        """
        self._preparation.maker.know(data, table, state)

    def open(self, run: Run | InvalidRun, maker: RunMaker) -> int:
        """Begin with what a file held; `maker` has made it, in a job, and knows its data."""
        self._kept.clear()
        self._run, self._preparation.maker = None, maker
        if isinstance(run, Run):
            self._experiment = run.trainer.experiment
            return self._drive(run)
        self._experiment = run.experiment
        self._begin(run.number)
        self._show_invalid_run(run)
        return self.number

    def set_aside(self) -> RunsAside:
        """Make room for the runs of another document, which is to be loaded; these are kept, paused."""
        maker = self._preparation.maker
        aside = RunsAside(self._experiment, self.number, self._run, tuple(self._kept.values()), maker)
        self._kept.clear()
        self._preparation.maker = RunMaker()
        return aside

    def take_up(self, aside: RunsAside) -> int:
        """Go on with runs that were set aside, as they were then; gives the number of the one at hand."""
        self._kept = collections.OrderedDict((run.number, run) for run in aside.kept)
        self._run, self._preparation.maker = None, aside.maker
        self._experiment = aside.experiment
        return self._prepare(aside.experiment, aside.number) if aside.run is None else self._drive(aside.run)

    def new_number(self) -> int:
        """The number of a run that is about to be made elsewhere, to be handed to `open`."""
        return next(self._numbers)

    def adopt(self, experiment: Experiment, run: int = 0) -> int:
        """Make the run at hand one of this experiment, and give its number.

        At once where only settings changed that may change in mid-run; else it is prepared.
        run : the number that this experiment had before, where an edit is undone or made again: that very run
        comes back if it is kept, and no other.
        """
        before, self._experiment = self._experiment, experiment
        if run in (0, self.number) and self._run is not None and only_live(before, experiment):
            if before.training.weight_averaging != experiment.training.weight_averaging:
                # Other weights are in use from now on.
                self._evaluation.forget()
            return self._change(self._run)
        if run and run in self._kept:
            kept = self._kept.pop(run)
            self._put_aside()
            self._drive(kept)
            # Settings may have been edited that it could not take.
            self._order(self._worker.change(run, experiment))
            return run
        self._put_aside()
        return self._prepare(experiment)

    def _change(self, run: Run) -> int:
        """Let the run at hand go on with the settings of the experiment."""
        mended, self.problem = self.problem is not None, None
        self._order(self._worker.change(run.number, self._experiment))
        if mended:
            self._show_prepared(run)
        self.ordered.emit()
        return run.number

    def reset(self) -> int:
        """Back to the same initial weights, with an empty history, on the same data; gives the new number."""
        run = self._run
        if run is None:
            return self._prepare(self._experiment)
        self._put_aside()
        self._begin(next(self._numbers))
        self._preparation.restart(self.number, self._experiment, run, self._left)
        return self.number

    def retry(self) -> None:
        """Prepare what was cancelled after all."""
        if self._run is None and not self.preparing:
            self._prepare(self._experiment, self.number)

    def _prepare(self, experiment: Experiment, number: int = 0) -> int:
        """Have the run of an experiment made; gives its number."""
        self._experiment = experiment
        self._begin(number or next(self._numbers), cancel=False)
        self._preparation.begin(self.number, experiment, self._left)
        return self.number

    def _begin(self, number: int, *, cancel: bool = True) -> None:
        """Another run belongs to the document; it is not there yet. cancel : what is being made is not it."""
        if cancel:
            self._preparation.cancel()
        self._evaluation.forget()
        self._run, self.number, self.steps = None, number, 0
        self._begun = False
        self._waiting_edits = []
        self.goal, self.problem = None, None
        self._left = threading.Event()
        self._order(self._worker.leave(self._left.set))
        self.changing.emit(number)
        self.frame.emit(Frame(number, "preparing", sentence=PREPARING))
        self.ordered.emit()

    def _made(self, found: Run | InvalidRun) -> None:
        if isinstance(found, InvalidRun):
            self._show_invalid_run(found)
        else:
            self._drive(found)

    def _show_invalid_run(self, found: InvalidRun) -> None:
        self._show_problem(Invalid(found.experiment, found.error, found.description))

    def _drive(self, run: Run) -> int:
        """A run that is there belongs to the document."""
        if self.number != run.number:
            self._begin(run.number)
        self._run, self.steps = run, run.trainer.step
        waiting, self._waiting_edits = self._waiting_edits, []
        # Before any step, marks are of edited weights.
        self._begun = self.steps > 0 or bool(waiting or run.trainer.history.marks)
        self.problem = None
        self._evaluation.forget()
        self._order(self._worker.drive(run))
        for edit in waiting:
            self._order(self._worker.edit(run.number, edit))
        self._show_prepared(run)
        self.ordered.emit()
        return run.number

    def _show_prepared(self, run: Run) -> None:
        trainer = run.trainer
        self.prepared.emit(
            Prepared(
                run.number,
                trainer.experiment,
                run.description,
                trainer.dataset,
                trainer.network,
                trainer.step,
            )
        )

    def _put_aside(self) -> None:
        """Keep a trained run, so that undoing what replaces it brings it back."""
        run = self._run
        if run is not None and self._begun:
            self._kept[run.number] = run
            while len(self._kept) > KEPT_RUNS:
                self._kept.popitem(last=False)
            self.put_aside.emit(run.number)


class Reset(QUndoCommand):
    """Back to the initial weights, and back again to the run that was."""

    def __init__(self, document: Document, session: Session) -> None:
        super().__init__(tr("Reset"))
        self._document, self._session = document, session
        self._before, self._after = document.run, 0

    def redo(self) -> None:
        document, session = self._document, self._session
        if self._after:
            document.run = session.adopt(document.experiment, self._after)
        else:
            document.run = session.reset()

    def undo(self) -> None:
        document = self._document
        self._after = document.run
        document.run = self._session.adopt(document.experiment, self._before)
