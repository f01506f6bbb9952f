"""The window's side of the worker: starts its thread, sends commands, takes frames and messages.

This is the only file that starts the worker's thread. Signals are emitted in the window's thread.
"""

import atexit
import gc
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from gui.core.messages import Captured, Channel, Crashed, Edited, Frame, Frozen, Queries, Refused
from gui.core.pace import FrameBudget
from gui.core.worker import Worker

TICK_MS = 15
"""How often the window looks for news from the worker."""

FRAME_MS = 60
"""How often at most it asks for a new frame; painting is what costs, not training."""

MESSAGES_A_TICK = 8
"""However many messages wait, the window stays usable."""

LONGEST_MS = 500
"""However dear frames are, a person sees at least two a second."""

SHARE_OF_TIME = 0.35
"""What part of a processor's time the window may take; past it, frames come less often. Training loses as
much: digits on two cores, a frame being 25 ms of the window's thread, have 5,700 steps/s without frames,
4,600 at 7 to 8 frames a second, 3,900 at the 12 that this share leaves.
"""

SHARE_BESIDE_SEVERAL = 0.15
"""The same while several threads work on each step: they wait for one another and for the interpreter, so
that training loses about as much as the window takes, or more. MNIST with convolutions on two cores, a frame
being 27 ms of the window's thread: 168 steps/s without frames, 148 at the 5 to 6 frames a second that this
share leaves, 131 at 8, 105 at 11.
"""

SWITCH_INTERVAL_S = 0.0005
"""Hands the interpreter over ten times sooner than Python's default; the worker loses nothing."""

COLLECT_MS = 500
FULL_COLLECTION_EVERY = 60
"""Young garbage twice a second, all of it every half minute, always in the window's thread."""

ENDS_WITHIN_S = 0.5
"""How long closing waits for the worker: a step of a very large network may take longer."""


class WorkerClient(QObject):
    """Owns the worker and its thread, and asks for frames as often as the window's share of time allows."""

    frame = Signal(object)
    """Frame: how the run stands, some fifteen times a second while something happens."""
    refused = Signal(object)
    captured = Signal(object)
    frozen = Signal(object)
    edited = Signal(object)
    crashed = Signal(object)
    """One signal for each kind of message of the worker."""

    def __init__(self, queries: Callable[[], Queries], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queries = queries
        self._channel: Channel[Queries, Frame] = Channel()
        self.worker = Worker(self._channel)
        self.thread_ = threading.Thread(target=self.worker.main, name="gradwright worker", daemon=True)
        self._signals = {
            Refused: self.refused,
            Captured: self.captured,
            Frozen: self.frozen,
            Edited: self.edited,
            Crashed: self.crashed,
        }
        self._budget = FrameBudget(SHARE_OF_TIME, FRAME_MS / 1000, LONGEST_MS / 1000)
        self._shown: tuple[object, ...] = ()
        self._refresh_wanted = True
        self._urgent = False
        """A command was given: its effect is to be seen without waiting for the next frame's turn."""
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start the worker and the frame clock."""
        self.thread_.start()
        self._timer.start()
        atexit.register(self.shutdown)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    def shutdown(self) -> bool:
        """End the worker at its next step boundary; False if it has not ended soon. May be called again."""
        if not self._closed:
            self._closed = True
            self._timer.stop()
            self.worker.close()
            atexit.unregister(self.shutdown)
        if self.thread_.is_alive():
            self.thread_.join(ENDS_WITHIN_S)
        return not self.thread_.is_alive()

    def request_frame(self) -> None:
        """Ask for a frame soon: a command was given, or a panel became visible."""
        self._urgent = True

    def _tick(self) -> None:
        outbox = self.worker.outbox
        for _ in range(min(len(outbox), MESSAGES_A_TICK)):
            message = outbox.popleft()
            self._signals[type(message)].emit(message)
            self._urgent = True
        frame = self._channel.take()
        if frame is not None:
            self.frame.emit(frame)
            beside_several = frame.status == "training" and frame.threads > 1
            self._budget.share = SHARE_BESIDE_SEVERAL if beside_several else SHARE_OF_TIME
            state = (frame.run, frame.step, frame.status, frame.command)
            # Ask again while the run moves, be it slowly: a long step, or the scoring of an epoch, shows the
            # same state more than once. Where nothing trains and a frame shows it twice, all is shown.
            moves = frame.status == "training" or state != self._shown
            self._refresh_wanted = self._refresh_wanted or moves
            self._shown = state
        due = self._urgent or (self._refresh_wanted and self._budget.due())
        if due and not self._channel.requested:
            self._refresh_wanted = self._urgent = False
            self._budget.begin()
            self._channel.ask(self._queries())
            self.worker.look()


class GarbageCollection(QObject):
    """Collects cyclic garbage in the window's thread, and only there.

    Python's collector runs in whichever thread allocates; from the worker it would destroy Qt objects.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(COLLECT_MS)
        self._timer.timeout.connect(self._collect)

    def start(self) -> None:
        """Take collection over from the interpreter."""
        gc.disable()
        gc.freeze()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._timer.start()

    def stop(self) -> None:
        """Give collection back to the interpreter."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _collect(self) -> None:
        self._rounds += 1
        gc.collect(2 if self._rounds % FULL_COLLECTION_EVERY == 0 else 1)
