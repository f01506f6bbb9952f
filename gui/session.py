"""The session: starts the worker's thread, takes its frames and messages, and shuts it down.

This is the only file that starts a thread. Signals are emitted in the window's thread.
"""

import atexit
import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from engine.experiment import Experiment
from engine.training.snapshot import Wanted
from gui.mailbox import Mailbox
from gui.messages import (
    Crashed,
    Failed,
    Frame,
    Invalid,
    Opened,
    Prepared,
    Previewed,
    PreviewWanted,
    Saved,
    Scored,
    Unresumable,
)
from gui.pace import Share
from gui.worker import Speed, Worker

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


class Session(QObject):
    """The running experiment, as the window sees it."""

    frame = Signal(object)
    """Frame: how the run stands, some fifteen times a second while something happens."""
    prepared = Signal(object)
    invalid = Signal(object)
    saved = Signal(object)
    opened = Signal(object)
    unresumable = Signal(object)
    failed = Signal(object)
    scored = Signal(object)
    previewed = Signal(object)
    crashed = Signal(object)
    """One signal for each kind of message of `gui.messages`."""

    def __init__(self, wanted: Callable[[], Wanted], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = wanted
        self._mailbox: Mailbox[Wanted, Frame] = Mailbox()
        self._worker = Worker(self._mailbox)
        self._thread = threading.Thread(target=self._worker.main, name="gradwright worker", daemon=True)
        self._signals = {
            Prepared: self.prepared,
            Invalid: self.invalid,
            Saved: self.saved,
            Opened: self.opened,
            Unresumable: self.unresumable,
            Failed: self.failed,
            Scored: self.scored,
            Previewed: self.previewed,
            Crashed: self.crashed,
        }
        self._share = Share(SHARE_OF_TIME, FRAME_MS / 1000, LONGEST_MS / 1000)
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
        self._thread.start()
        self._timer.start()
        atexit.register(self.shutdown)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    def shutdown(self) -> None:
        """End the worker at its next step boundary and wait for it. May be called again."""
        if self._closed:
            return
        self._closed = True
        self._timer.stop()
        self._worker.close()
        if self._thread.is_alive():
            self._thread.join()
        atexit.unregister(self.shutdown)

    def adopt(self, experiment: Experiment) -> None:
        """Take an edited experiment; see `Worker.adopt`."""
        self._worker.adopt(experiment)
        self.request_frame()

    def load(self, experiment: Experiment) -> None:
        """Begin with another document; see `Worker.load`."""
        self._worker.load(experiment)
        self.request_frame()

    def train(self) -> None:
        self._worker.train()
        self.request_frame()

    def step_batch(self) -> None:
        self._worker.train("batch")
        self.request_frame()

    def step_epoch(self) -> None:
        self._worker.train("epoch")
        self.request_frame()

    def pause(self) -> None:
        self._worker.pause()
        self.request_frame()

    def hold(self) -> None:
        """Take no step while a question is open; see `Worker.hold`."""
        self._worker.hold()
        self.request_frame()

    def release(self) -> None:
        """The question is answered, and training goes on where it was under way."""
        self._worker.release()
        self.request_frame()

    def stop(self) -> None:
        self._worker.stop()
        self.request_frame()

    def reset(self) -> None:
        self._worker.reset()
        self.request_frame()

    def bring_back(self, run: int) -> None:
        """Undo a reset; see `Worker.bring_back`."""
        self._worker.bring_back(run)
        self.request_frame()

    def set_speed(self, speed: Speed) -> None:
        self._worker.set_speed(speed)

    def save(self, path: Path, experiment: Experiment) -> None:
        self._worker.save(path, experiment)

    def open(self, path: Path) -> None:
        self._worker.open(path)

    def preview(self, wanted: PreviewWanted) -> None:
        """Ask what augmentations make of some examples; see `Worker.preview`."""
        self._worker.preview(wanted)

    def request_frame(self) -> None:
        """Ask for a frame soon: a command was given, or a panel became visible."""
        self._urgent = True

    def _tick(self) -> None:
        for _ in range(min(len(self._worker.outbox), MESSAGES_A_TICK)):
            message = self._worker.outbox.popleft()
            self._signals[type(message)].emit(message)
            self._urgent = True
        frame = self._mailbox.take()
        if frame is not None:
            self.frame.emit(frame)
            beside_several = frame.status == "training" and frame.threads > 1
            self._share.share = SHARE_BESIDE_SEVERAL if beside_several else SHARE_OF_TIME
            state = (frame.run, frame.step, frame.status)
            # Ask again while the run moves, be it slowly: a long step, or the scoring of an epoch, shows the
            # same state more than once. Where nothing trains and a frame shows it twice, all is shown.
            moves = frame.status == "training" or state != self._shown
            self._refresh_wanted = self._refresh_wanted or moves
            self._shown = state
        due = self._urgent or (self._refresh_wanted and self._share.due())
        if due and not self._mailbox.requested:
            self._refresh_wanted = self._urgent = False
            self._share.begin()
            self._mailbox.ask(self._wanted())
            self._worker.look()


class Housekeeper(QObject):
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
