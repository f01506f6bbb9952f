"""One-slot hand-over between worker and window: the newest thing wins, and nothing ever queues. No Qt.

The window asks with what it needs; the worker answers with one result. A slow window gets fewer results,
never older ones.
"""

import traceback
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from engine.training.observer import Observer
from engine.training.snapshot import Snapshot, Wanted
from engine.training.trainer import Trainer
from gui.core.messages import Crashed, Frame, Status
from gui.core.pace import Pace
from gui.core.runs import Run

Request = TypeVar("Request")
Result = TypeVar("Result")


class Mailbox(Generic[Request, Result]):
    """A slot for the newest request and a slot for the newest result.

    Any thread may call any method. A slot is a deque of length one: its append (which drops what was there)
    and pop are atomic in CPython, so neither side ever waits for the other.
    """

    def __init__(self) -> None:
        self._requests: deque[Request] = deque(maxlen=1)
        self._results: deque[Result] = deque(maxlen=1)

    def ask(self, request: Request) -> None:
        """From the window: what the next result is to hold. Replaces a request that was not taken yet."""
        self._requests.append(request)

    @property
    def requested(self) -> bool:
        """Whether a request waits for the worker; cheap enough to look at after each training step."""
        return bool(self._requests)

    def take_request(self) -> Request | None:
        """From the worker: the newest request, or None; each request is handed out once."""
        return _taken(self._requests)

    def put(self, result: Result) -> None:
        """From the worker: a result. Replaces one that the window has not taken yet."""
        self._results.append(result)

    def take(self) -> Result | None:
        """From the window: the newest result, or None; each result is handed out once."""
        return _taken(self._results)


Item = TypeVar("Item")


def _taken(slot: deque[Item]) -> Item | None:
    # Looking first and popping then would race with the other thread's pop.
    try:
        return slot.pop()
    except IndexError:
        return None


class Frames:
    """Makes frames of one run, at its step boundaries.

    report : takes the message that something could not be shown.
    """

    def __init__(self, run: Run, report: Callable[[Crashed], None]) -> None:
        self._run, self._report = run, report
        self._observer = Observer(run.trainer)
        self._pace = Pace()
        self._blind = False
        """No snapshot could be made of this run."""

    def begin(self) -> None:
        """Training goes on now: how fast, is measured from here."""
        self._pace = Pace()

    def frame(self, status: Status, wanted: Wanted, command: int, held: bool) -> Frame:
        """How the run stands now, after the command of this number; `held`: by a question that is open."""
        trainer = self._run.trainer
        snapshot = self._snapshot(wanted)
        epochs = trainer.experiment.training.epochs
        pace = self._pace.measure(trainer.position, status == "training")
        left = (epochs - trainer.position) / pace if pace > 0 else None
        return Frame(
            self._run.number,
            status,
            trainer.step,
            trainer.position,
            epochs,
            pace * trainer.batches.total,
            left,
            trainer.threads,
            sentence(trainer, status),
            trainer.history,
            snapshot,
            command,
            held,
        )

    def _snapshot(self, wanted: Wanted) -> Snapshot | None:
        """What was asked for; None, and one message, where making it fails: the run goes on unseen."""
        if self._blind:
            return None
        try:
            return self._observer.snapshot(wanted, self._run.number)
        except Exception:
            # A fault in showing must neither end the training nor come back with each frame.
            self._blind = True
            self._report(Crashed(traceback.format_exc()))
            return None


def weights_in_use(trainer: Trainer) -> str:
    """Which weights scores are of, in words: those of the best epoch, once taken back, or today's."""
    best = trainer.best
    if best.weights is not None and best.epoch < trainer.position:
        pairs = zip(trainer.weights.in_use.state_vectors, best.weights, strict=True)
        if all(np.array_equal(one, other) for one, other in pairs):
            return f"The weights of epoch {best.epoch}, the best"
    of = "average of the weights" if trainer.weights.average is not None else "weights"
    return f"The {of} after step {trainer.step:,}".replace(",", "\u202f")


def sentence(trainer: Trainer, status: Status) -> str:
    """What is happening, in words."""
    if trainer.stop_reason is not None and status in ("stopped", "finished"):
        return trainer.stop_reason.sentence
    epochs = trainer.experiment.training.epochs
    done = f"{trainer.epoch:,} of {epochs:,} epochs".replace(",", "\u202f")
    if status == "training":
        best = trainer.best
        what = "validation" if len(trainer.dataset.validation.inputs) else "training"
        known = f" Best {what} loss {best.loss:.4g} at epoch {best.epoch}." if best.epoch else ""
        return f"Training: {done}.{known}"
    if status == "paused":
        step = f"{trainer.step:,}".replace(",", "\u202f")
        return f"Paused after {done}, step {step}."
    return "Ready. Press Train or the space bar."
