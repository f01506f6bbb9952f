"""Train, pause, step, stop, reset, new seed: what each does now, and why one cannot be used now."""

import random

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup, QUndoCommand
from PySide6.QtWidgets import QWidget

from engine.errors import UserError
from gui import theme
from gui.actions import Actions
from gui.document import Document
from gui.messages import Frame, Status
from gui.session import Session
from gui.widgets.field import commit_field
from gui.worker import Speed

BUSY = "The data is being prepared."
LARGEST_SEED = 2**32
MOST_EPOCHS = 10_000_000
"""As many as an experiment can have."""
SPEEDS: tuple[Speed, ...] = ("automatic", "full", "slow")


class TrainCommands(QObject):
    """Connects the training actions with the session. `started` : training begins or goes on."""

    started = Signal()

    def __init__(self, document: Document, session: Session, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._document, self._session, self._actions = document, session, actions
        self._status: Status = "preparing"
        self._step = 0
        self._problem = ""
        self._position, self._run = 0.0, 0
        for name, deed in (
            ("train", self.toggle),
            ("step_batch", self._step_batch),
            ("step_epoch", self._step_epoch),
            ("stop", session.stop),
            ("reset", self.reset),
            ("new_seed", self.new_seed),
        ):
            actions[name].triggered.connect(lambda _=False, deed=deed: deed())
        group = QActionGroup(self)
        for speed in SPEEDS:
            action = actions[f"speed_{speed}"]
            group.addAction(action)
            action.setChecked(speed == SPEEDS[0])
            action.triggered.connect(lambda _=False, speed=speed: session.set_speed(speed))
        theme.notifier().changed.connect(self._dress)
        self._dress()

    def toggle(self) -> None:
        """Train, or pause where training is under way."""
        commit_field(self._window)
        if self._status == "training":
            self._session.pause()
            return
        self._extend_finished(None)
        self._session.train()
        self.started.emit()

    def reset(self) -> None:
        """Back to the initial weights; Undo brings the run back."""
        commit_field(self._window)
        self._document.undo_stack.push(Reset(self._session, self._run))

    def new_seed(self) -> None:
        """Other random numbers for weights, order and dropout; the run starts anew."""
        training = self._document.experiment.training
        seed = random.randrange(LARGEST_SEED)
        changed = self._document.experiment.replace(training=training.replace(seed=seed))
        self._document.edit(changed, "New seed")

    def show_frame(self, frame: Frame) -> None:
        """Adapt to how the run stands."""
        if (frame.status, frame.step) != (self._status, self._step):
            self._status, self._step = frame.status, frame.step
            self._dress()
        self._position, self._run = frame.position, frame.run

    def show_prepared(self) -> None:
        """The experiment can run."""
        self._problem = ""
        self._dress()

    def show_invalid(self, error: UserError) -> None:
        """The experiment cannot run: the buttons say why."""
        self._status, self._problem = "invalid", str(error)
        self._dress()

    def _step_batch(self) -> None:
        commit_field(self._window)
        self._extend_finished(1)
        self._session.step_batch()
        self.started.emit()

    def _step_epoch(self) -> None:
        commit_field(self._window)
        self._extend_finished(1)
        self._session.step_epoch()
        self.started.emit()

    def _extend_finished(self, epochs: int | None) -> None:
        """Training on after the last epoch adds some epochs; None: as many again."""
        training = self._document.experiment.training
        if self._position >= training.epochs:
            longer = training.replace(epochs=min(training.epochs + (epochs or training.epochs), MOST_EPOCHS))
            self._document.edit(self._document.experiment.replace(training=longer), "Train longer")

    def _dress(self) -> None:
        training, status = self._status == "training", self._status
        train = self._actions["train"]
        train.setText("Pause" if training else "Train")
        train.setIcon(theme.icon("pause-fill" if training else "play-fill", "on_accent"))
        blocked = self._problem or (BUSY if status in ("preparing", "invalid") else "")
        self._actions.explain("train", blocked)
        stepping = "Pause first: training is under way." if training else blocked
        self._actions.explain("step_batch", stepping)
        self._actions.explain("step_epoch", stepping)
        nothing_runs = "" if status in ("training", "paused") else "Nothing is being trained."
        self._actions.explain("stop", blocked or nothing_runs)
        self._actions.explain("reset", blocked or ("" if self._step else "Nothing has been trained yet."))
        self._actions.explain("new_seed", "Pause first: training is under way." if training else "")


class Reset(QUndoCommand):
    """Back to the initial weights, and back again to the run that was."""

    def __init__(self, session: Session, run: int) -> None:
        super().__init__("Reset")
        self._session, self._run = session, run

    def redo(self) -> None:
        self._session.reset()

    def undo(self) -> None:
        self._session.bring_back(self._run)
