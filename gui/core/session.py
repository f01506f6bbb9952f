"""The session: which run belongs to the document, what was ordered of it, and what it takes to make it.

Every run has a number, given here before anything is done for it. The document notes the number beside each
step to undo; commands to the worker, jobs, frames and messages name it, and one that is not about the run at
hand is dropped. So no result of another experiment can be shown or saved as one of this.
"""

import collections
import itertools
import threading
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.data import Dataset
from engine.data.augmentation.augmenter import Preview, preview
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import SavedRun
from engine.progress import Progress
from engine.training.snapshot import Wanted
from gui.core.evaluation import Evaluation
from gui.core.jobs import Job, JobRunner
from gui.core.messages import (
    Captured,
    Copy,
    Crashed,
    Frame,
    Goal,
    Invalid,
    Prepared,
    Previewed,
    PreviewWanted,
    Refused,
    Scored,
)
from gui.core.runs import CANCELLED, Preparation, Run, RunMaker, Unfit, only_live
from gui.core.worker import Speed
from gui.core.worker_client import WorkerClient

KEPT_RUNS = 3
"""Trained runs that are kept when another takes their place, so that Undo brings them back."""

PREPARING = "Reading and preparing the data."

Captures = Callable[[Copy], None]


class Session(QObject):
    """The running experiment, as the window sees it. All methods and signals are of the window's thread.

    wanted : tells what the visible panels need of the next frame. jobs : where data is read and prepared.
    """

    frame = Signal(object)
    """Frame: how the run at hand stands, with all that was ordered."""
    ordered = Signal()
    """`goal`, `ready` or `problem` is another: what can be ordered now is not what it was."""
    changing = Signal(int)
    """Another run belongs to the document from here on: its number. Nothing of the last one may stay."""
    put_aside = Signal(int)
    """A trained run makes room for another; undoing that brings it back: its number."""
    prepared = Signal(object)
    invalid = Signal(object)
    scored = Signal(object)
    previewed = Signal(object)
    crashed = Signal(object)
    """Messages of `gui.core.messages`, of the run at hand alone."""

    def __init__(self, wanted: Callable[[], Wanted], jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.client = WorkerClient(wanted, self)
        self._worker = self.client.worker
        self._preparation = Preparation(jobs, self._made)
        self._numbers = itertools.count(1)
        self.number = 0
        """Of the run that belongs to what the document shows."""
        self.goal: Goal | None = None
        """What was ordered last and is not known to have ended."""
        self.problem: UserError | None = None
        """Why the experiment cannot run as it is."""
        self._experiment = Experiment()
        self._run: Run | None = None
        """The run at hand; None while it is being made, or cannot be."""
        self.steps = 0
        """How many it has, as far as is known."""
        self._begun = False
        """Whether it has steps, or was ordered to take some."""
        self._kept: collections.OrderedDict[int, Run] = collections.OrderedDict()
        self._previewing: Job | None = None
        self._command = 0
        """Number of the last command given to the worker."""
        self._left = threading.Event()
        """Set when the worker has let go of the run before."""
        self.trainings = 0
        """How often training was ordered since the start."""
        self._requests = itertools.count(1)
        self._captures: dict[int, tuple[Captures, Callable[[UserError], None]]] = {}
        self._evaluation = Evaluation(jobs, self._worker.freeze, self)
        self._evaluation.scored.connect(self._take_scored)
        client = self.client
        client.frame.connect(self._take_frame)
        client.refused.connect(self._take_refused)
        client.captured.connect(self._take_captured)
        client.frozen.connect(self._evaluation.take)
        client.crashed.connect(self._take_crashed)

    def start(self) -> None:
        """Start the worker."""
        self.client.start()

    def shutdown(self) -> bool:
        """Cancel what is being prepared or evaluated and end the worker; False if it has not ended soon."""
        self._preparation.cancel()
        self._evaluation.forget()
        return self.client.shutdown()

    @property
    def ready(self) -> bool:
        """Whether there is a run that can be trained."""
        return self._run is not None and self.problem is None

    @property
    def has_run(self) -> bool:
        """Whether there is a run, be it one that cannot take the settings of the experiment."""
        return self._run is not None

    @property
    def dataset(self) -> Dataset | None:
        """What the run at hand is trained and judged on; it never changes."""
        return self._run.trainer.dataset if self._run is not None else None

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

    def open(self, run: Run | Unfit, maker: RunMaker) -> int:
        """Begin with what a file held; `maker` has made it, in a job, and knows its data."""
        self._kept.clear()
        self._run, self._preparation.maker = None, maker
        if isinstance(run, Run):
            self._experiment = run.trainer.experiment
            return self._drive(run)
        self._experiment = run.experiment
        self._begin(run.number)
        self._show_unfit(run)
        return self.number

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
            if before.training.average != experiment.training.average:
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
        self._preparation.begin_again(self.number, self._experiment, run, self._left)
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
        self.goal, self.problem = None, None
        self._left = threading.Event()
        self._order(self._worker.leave(self._left.set))
        self.changing.emit(number)
        self.frame.emit(Frame(number, "preparing", sentence=PREPARING))
        self.ordered.emit()

    def _made(self, found: Run | Unfit) -> None:
        if isinstance(found, Unfit):
            self._show_unfit(found)
        else:
            self._drive(found)

    def _show_unfit(self, found: Unfit) -> None:
        self._show_problem(Invalid(found.experiment, found.error, found.description))

    def _show_problem(self, message: Invalid) -> None:
        self.problem, self.goal = message.error, None
        self._evaluation.forget()
        self.frame.emit(Frame(self.number, "invalid", sentence=_attention(message.error)))
        self.invalid.emit(message)
        self.ordered.emit()

    def _drive(self, run: Run) -> int:
        """A run that is there belongs to the document."""
        if self.number != run.number:
            self._begin(run.number)
        self._run, self.steps = run, run.trainer.step
        self._begun = self.steps > 0
        self.problem = None
        self._evaluation.forget()
        self._order(self._worker.drive(run))
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

    # --- what is ordered of it ---------------------------------------------------------------------------

    def train(self, goal: Goal = "run") -> None:
        """Train on; "batch" and "epoch" take one more and pause."""
        if self.ready:
            self.goal, self._begun = goal, True
            self.trainings += 1
            self._evaluation.forget()
            self._order(self._worker.train(self.number, goal))
            self.ordered.emit()

    def pause(self) -> None:
        """Wait at the next step boundary."""
        self._end(self._worker.pause)

    def stop(self) -> None:
        """End the run at the next step boundary."""
        self._end(self._worker.stop)

    def _end(self, command: Callable[[int], int]) -> None:
        self.goal = None
        self._order(command(self.number))
        self.ordered.emit()

    def hold(self) -> None:
        """Take no step while a question is open; what was to be trained stays what it was."""
        self._order(self._worker.hold())

    def release(self) -> None:
        """The question is answered, and training goes on where it was under way."""
        self._order(self._worker.release())

    def set_speed(self, speed: Speed) -> None:
        """See `Worker.set_speed`."""
        self._order(self._worker.set_speed(speed))

    def capture(self, done: Captures, failed: Callable[[UserError], None]) -> None:
        """A copy of all that is to be saved, as of now: `done` or `failed` gets it, soon, in any case.

        Without a run it is the experiment alone: nothing is made to be saved. A run that cannot take the
        settings of the experiment is copied with those that it has.
        """
        if self._run is None:
            done(Copy(SavedRun(self._experiment)))
            return
        request = next(self._requests)
        self._captures[request] = done, failed
        self._order(self._worker.capture(self.number, request))

    def preview(self, wanted: PreviewWanted) -> None:
        """Show what augmentations make of training examples; of several wishes the newest is answered."""
        run = self._run
        if self._previewing is not None:
            self.jobs.cancel(self._previewing)
        if run is None or wanted.run != run.number:
            return
        dataset, layers = run.trainer.dataset, run.trainer.network.layers

        def work(progress: Progress) -> Preview:
            return preview(wanted.augmentations, dataset, seed=wanted.seed, layers=layers)

        self._previewing = self.jobs.start(
            "Preview of the augmentation",
            work,
            lambda found: self.previewed.emit(Previewed(wanted, found)),
            lambda error: self.previewed.emit(Previewed(wanted, None, error)),
            quiet=True,
        )

    def request_frame(self) -> None:
        """Ask for a frame soon: a panel became visible."""
        self.client.request_frame()

    def _order(self, command: int) -> None:
        self._command = command
        self.client.request_frame()

    # --- news from the worker ----------------------------------------------------------------------------

    def _take_frame(self, frame: Frame) -> None:
        """A frame from before the last command, or of another run, says nothing of how things stand."""
        if self._run is None or frame.run != self.number or frame.command < self._command:
            return
        self.steps = frame.step
        if self.problem is not None:
            frame = replace(frame, sentence=_attention(self.problem))
        if self.problem is None and frame.status != "training" and self.goal is not None and not frame.held:
            self.goal = None
            self.ordered.emit()
        if self.problem is None and self.goal is None:
            self._evaluation.show_frame(frame)
        self.frame.emit(frame)

    def _take_refused(self, message: Refused) -> None:
        if message.run == self.number and message.experiment == self._experiment and self._run is not None:
            self._show_problem(Invalid(message.experiment, message.error, self._run.description))

    def _take_scored(self, message: Scored) -> None:
        self.scored.emit(message)
        # What is shown of the run is now complete.
        self.client.request_frame()

    def _take_captured(self, message: Captured) -> None:
        done, failed = self._captures.pop(message.request, (None, None))
        if done is None or failed is None:
            return
        if message.copy is not None:
            done(message.copy)
        else:
            failed(message.error or _NO_COPY)

    def _take_crashed(self, message: Crashed) -> None:
        self.goal = None
        self.crashed.emit(message)
        self.ordered.emit()


_NO_COPY = UserError(
    "The run",
    expected="a copy of it, to be saved",
    got="another run in its place",
    help="Save again.",
)


def _attention(problem: UserError) -> str:
    return f"Needs attention: {problem.where}."
