"""Commands to the worker about the current run, and its answers: train, pause, stop, copy, score."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.arrays import Shape
from engine.data import Dataset
from engine.errors import NoDataYet, UserError
from engine.experiment import Experiment
from engine.files.run_file import SavedRun
from engine.training.parameter_edits import Edit
from gui.core.captures import CaptureRequests, Done, Failed
from gui.core.edit_orders import EditOrder
from gui.core.evaluation import Evaluation
from gui.core.jobs import JobRunner
from gui.core.messages import Copy, Crashed, Edited, Frame, Goal, Invalid, Queries, Refused, Scored
from gui.core.pace import Speed
from gui.core.runs import Run
from gui.core.worker_client import WorkerClient
from gui.kit.text import tr


class RunControl(QObject):
    """The run at hand, be there one or not. All methods and signals are of the window's thread.

    The subclass decides which run that is.

    queries : gives what the panels in sight ask of the run. jobs : where a run at rest is scored.
    """

    frame = Signal(object)
    """Frame: how the run at hand stands, with all that was ordered."""
    ordered = Signal()
    """`goal`, `ready` or `problem` is another: what can be ordered now is not what it was."""
    scored = Signal(object)
    crashed = Signal(object)
    invalid = Signal(object)
    """Messages of `gui.core.messages`, of the run at hand alone."""
    weights_ordered = Signal()
    """Weights of the run are edited: what was known of the weights before is not of these."""
    edited = Signal(object)
    """Edited, of the run at hand."""

    def __init__(
        self, queries: Callable[[], Queries], jobs: JobRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.client = WorkerClient(queries, self)
        self._worker = self.client.worker
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
        """Whether it has steps, or was ordered to take some, or has edited weights."""
        self.edits = 0
        """How often weights were edited, of any run, since the start."""
        self._waiting_edits: list[Callable[[Run, int], Edited]] = []
        """Of the run that is being made."""
        self.command = 0
        """Number of the last command given to the worker; frames from before it are not shown."""
        self.trainings = 0
        """How often training was ordered since the start."""
        self._captures = CaptureRequests()
        self._evaluation = Evaluation(jobs, self._worker.freeze, self)
        self._evaluation.scored.connect(self._take_scored)
        client = self.client
        client.frame.connect(self._take_frame)
        client.refused.connect(self._take_refused)
        client.captured.connect(self._captures.answer)
        client.frozen.connect(self._evaluation.take)
        client.edited.connect(self._take_edited)
        client.crashed.connect(self._take_crashed)

    def start(self) -> None:
        """Start the worker."""
        self.client.start()

    def shutdown(self) -> bool:
        """Score nothing any longer and end the worker; False if it has not ended soon."""
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

    @property
    def begun(self) -> bool:
        """Whether the run at hand is another than one from the beginning."""
        return self._begun

    def parameter_shapes(self, layer: int) -> dict[str, Shape]:
        """The parameters of a layer of the run at hand, by name; empty where there is no such layer."""
        spans = self._run.trainer.network.spans if self._run is not None else ()
        return {span.name: span.shape for span in spans if span.layer == layer}

    def edit_text(self, edits: Sequence[Edit]) -> str:
        """What edits of weights of the run at hand do, in few words."""
        network = self._run.trainer.network if self._run is not None else None
        return "" if network is None else "; ".join(edit.text(network) for edit in edits)

    def edit_weights(self, order: EditOrder, *, take_back: bool = False) -> None:
        """Edit weights at the next step boundary, or take that back; training goes on if it is under way."""
        work = order.take_back if take_back else order.apply
        self._begun = True
        self.edits += 1
        self._evaluation.forget()
        if self._run is None:
            self._waiting_edits.append(work)
        else:
            self._order(self._worker.edit(self.number, work))
        self.weights_ordered.emit()
        self.ordered.emit()

    def capture(self, done: Done, failed: Failed) -> None:
        """A copy of all that is to be saved, as of now: `done` or `failed` gets it, soon, in any case.

        Without a run it is the experiment alone: nothing is made to be saved. A run that cannot take the
        settings of the experiment is copied with those that it has.
        """
        if self._run is None:
            done(Copy(SavedRun(self._experiment)))
            return
        self._order(self._worker.capture(self.number, self._captures.add(done, failed)))

    def request_frame(self) -> None:
        """Ask for a frame soon: a panel became visible."""
        self.client.request_frame()

    def _order(self, command: int) -> None:
        self.command = command
        self.client.request_frame()

    # --- news from the worker ----------------------------------------------------------------------------

    def _take_frame(self, frame: Frame) -> None:
        """A frame from before the last command, or of another run, says nothing of how things stand."""
        if self._run is None or frame.run != self.number or frame.command < self.command:
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

    def _take_edited(self, message: Edited) -> None:
        if message.run == self.number:
            self.edited.emit(message)

    def _take_scored(self, message: Scored) -> None:
        self.scored.emit(message)
        # What is shown of the run is now complete.
        self.client.request_frame()

    def _take_crashed(self, message: Crashed) -> None:
        self.goal = None
        self.crashed.emit(message)
        self.ordered.emit()

    def _show_problem(self, message: Invalid) -> None:
        self.problem, self.goal = message.error, None
        self._evaluation.forget()
        empty = isinstance(message.error, NoDataYet)
        sentence = message.error.help if empty else _attention(message.error)
        self.frame.emit(Frame(self.number, "empty" if empty else "invalid", sentence=sentence))
        self.invalid.emit(message)
        self.ordered.emit()


def _attention(problem: UserError) -> str:
    return tr("Needs attention: {where}.", where=problem.where)
