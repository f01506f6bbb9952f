"""Copies of a run: taken by the worker between two steps, and handed to the callers that asked."""

import itertools
import time
from collections.abc import Callable

from engine.errors import UserError
from engine.files.run_file import captured_run
from engine.training.frozen_network import FrozenNetwork
from engine.training.history import HistoryRows
from engine.training.trainer import Trainer
from gui.core.frame_maker import weights_in_use
from gui.core.messages import Captured, Copy, Frozen, in_words
from gui.core.runs import Run
from gui.kit.text import tr

Done = Callable[[Copy], None]
Failed = Callable[[UserError], None]

NO_COPY = UserError(
    tr("The run"),
    expected=tr("a copy of it, to be saved"),
    got=tr("another run in its place"),
    help=tr("Save again."),
)


def captured(run: Run | None, number: int, request: int) -> Captured:
    """A copy of the run with this number, for this request; without one where another run is at hand.

    Called by the worker.
    """
    if run is None or run.number != number:
        return Captured(request, None)
    try:
        _check_complete(run.trainer)
        began = time.perf_counter()
        saved, rows = captured_run(run.trainer), HistoryRows.of(run.trainer.history)
        return Captured(request, Copy(saved, rows, time.perf_counter() - began))
    except (UserError, MemoryError) as error:
        return Captured(request, None, in_words(error))


def frozen_network(run: Run, command: int) -> Frozen:
    """A copy of the network in use, to be scored beside the training. Called by the worker."""
    trainer = run.trainer
    try:
        network, caption = FrozenNetwork(trainer), weights_in_use(trainer)
        return Frozen(command, run.number, trainer.step, network, caption)
    except MemoryError as error:
        return Frozen(command, run.number, trainer.step, None, error=in_words(error))


def _check_complete(trainer: Trainer) -> None:
    """A fault of the program may have ended a step between the change of the weights and its record."""
    history = trainer.history
    if (trainer.step, trainer.epoch) != (history.steps.count, history.epochs.count):
        raise UserError(
            tr("The run"),
            expected=tr("weights and history of the same step"),
            got=tr("a step that a fault of the program has broken off"),
            help=tr("Open what was saved last, or reset the run."),
        )


class CaptureRequests:
    """Who waits for which copy. Belongs to the window's thread."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[Done, Failed]] = {}

    def add(self, done: Done, failed: Failed) -> int:
        """The number of a new request: `done` or `failed` is called once when it is answered."""
        number = next(self._numbers)
        self._waiting[number] = done, failed
        return number

    def answer(self, message: Captured) -> None:
        """Hand over what the worker has given."""
        waiting = self._waiting.pop(message.request, None)
        if waiting is None:
            return
        done, failed = waiting
        if message.copy is not None:
            done(message.copy)
        else:
            failed(message.error or NO_COPY)
