"""The commands of training (train, pause, step, stop, reset, new seed), and what the space bar does."""

import math
import random

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QActionGroup, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QWidget

from engine.experiment import Experiment
from gui.actions import Actions
from gui.core.document import Document
from gui.core.locks import RESET
from gui.core.messages import Frame, Goal, Status
from gui.core.pace import Speed
from gui.core.session import Reset, Session
from gui.kit import theme
from gui.kit.field import commit_field
from gui.kit.layouts import DisclosureButton
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr

PRESSABLE = (QAbstractButton, QAbstractItemView)
"""What Space presses where Tab brought the focus there. Drop-down lists open with Enter, F4 and arrows."""
_WATCHED = frozenset(
    (
        QEvent.Type.FocusIn,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
    )
)
_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_AS_BEFORE = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
"""A list was closed, or the window came back to the front: the focus is where it was."""


class SpaceKey:
    """Watches how the focus got to where it is, and claims Space for the control there.

    A click also leaves the focus on what was clicked, and nobody who presses Space after it means to press
    that again: the status line says "Press Train or the space bar", and that is to be true.
    """

    def __init__(self) -> None:
        self._by_keys = False
        self._last_was_key = self._tabbed = False

    def claims(self, event: QEvent) -> bool:
        """Note an event of the application; True for a Space that belongs to what has the focus."""
        kind = event.type()
        if kind not in _WATCHED:
            return False
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            self._note_focus(event.reason())
        elif kind == QEvent.Type.MouseButtonPress:
            self._by_keys = self._last_was_key = self._tabbed = False
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._last_was_key = True
            self._tabbed = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            return event.key() == Qt.Key.Key_Space and self._presses(QApplication.focusWidget())
        return False

    def _note_focus(self, reason: Qt.FocusReason) -> None:
        if reason in _BY_KEYS:
            # Qt gives the same reason where what had the focus was disabled: nobody has pressed Tab then.
            self._by_keys = self._tabbed or reason == Qt.FocusReason.ShortcutFocusReason
        elif reason not in _AS_BEFORE:
            # The program moved the focus, in answer to a click or to a key.
            self._by_keys = self._last_was_key and reason != Qt.FocusReason.MouseFocusReason

    def _presses(self, focused: QObject | None) -> bool:
        if QApplication.activePopupWidget() is not None:
            return True
        return self._by_keys and isinstance(focused, PRESSABLE) and not isinstance(focused, DisclosureButton)


BUSY = tr("The data is being prepared.")
LARGEST_SEED = 2**32
MOST_EPOCHS = 10_000_000
"""As many as an experiment can have."""
SPEEDS: tuple[Speed, ...] = ("automatic", "full", "slow", "steps")


class TrainCommands(QObject):
    """Connects the training actions with the session. `started` : training begins or goes on."""

    started = Signal()

    def __init__(self, document: Document, session: Session, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._document, self._session, self._actions = document, session, actions
        self._status: Status = "preparing"
        self._step, self._position = 0, 0.0
        self._more = document.experiment.training.epochs
        """How many epochs training on after the last one adds: as many as a person has chosen."""
        self._end = self._stepped_to = 0
        """Where the run ended, in epochs, and how far single steps have lengthened it since."""
        self._lengthening = False
        """Whether the epochs are being edited by this, and not by a person."""
        self._generation = document.generation
        for name, action in (
            ("train", self.toggle),
            ("step_batch", lambda: self._train("batch")),
            ("step_epoch", lambda: self._train("epoch")),
            ("stop", self._stop),
            ("reset", self.reset),
            ("new_seed", self.new_seed),
        ):
            actions[name].triggered.connect(lambda _=False, action=action: action())
        group = QActionGroup(self)
        for speed in SPEEDS:
            choice = actions[f"speed_{speed}"]
            group.addAction(choice)
            choice.setChecked(speed == SPEEDS[0])
            choice.triggered.connect(lambda _=False, speed=speed: session.set_speed(speed))
        session.ordered.connect(self._update_actions)
        document.changed.connect(self._note_epochs)
        theme.notifier().changed.connect(self._update_actions)
        self._update_actions()

    @property
    def more_epochs(self) -> int:
        """For how many epochs Train goes on after the end; 0 where some are left that were chosen."""
        total = self._longer_total()
        return 0 if total is None else total - int(self._position)

    def _longer_total(self) -> int | None:
        """How many epochs there are in all when Train adds some; None where the run is not at its end.

        Single steps after the end lengthen the run by as little as they need: it is at its end all the same.
        """
        epochs = self._document.experiment.training.epochs
        stepped = epochs == self._stepped_to
        end = self._end if stepped else epochs
        if not self._session.ready or self._position < end:
            return None
        # Fewer may have been chosen since than are trained.
        return min((end if stepped else math.ceil(self._position)) + self._more, MOST_EPOCHS)

    @property
    def train_hint(self) -> str:
        """What Train would do after the end of a run, in few words; empty where that goes without saying."""
        if self.more_epochs and self._session.goal is None:
            return tr("Train: {more_epochs} more", more_epochs=count_text(self.more_epochs))
        if self._status == "stopped":
            left = self._document.experiment.training.epochs - int(self._position)
            return tr("Train: {left} left", left=count_text(left))
        return ""

    def toggle(self) -> None:
        """Train, or pause where training was ordered."""
        commit_field(self._window)
        if self._session.goal == "run":
            self._session.pause()
        elif self._session.cancelled:
            self._session.retry()
        else:
            self._train("run")

    def reset(self) -> None:
        """Back to the initial weights; Undo brings the run back."""
        commit_field(self._window)
        self._document.push(Reset(self._document, self._session))

    def new_seed(self) -> None:
        """Other random numbers for weights, order and dropout; the run starts from the beginning."""
        training = self._document.experiment.training
        seed = random.randrange(LARGEST_SEED)
        changed = self._document.experiment.replace(training=training.replace(seed=seed))
        self._document.edit(changed, tr("New seed"))

    def show_frame(self, frame: Frame) -> None:
        """Adapt to how the run stands."""
        before = self._status, self._step > 0, self.more_epochs
        self._status, self._step, self._position = frame.status, frame.step, frame.position
        if (self._status, self._step > 0, self.more_epochs) != before:
            self._update_actions()

    def _train(self, goal: Goal) -> None:
        commit_field(self._window)
        training, total = self._document.experiment.training, self._longer_total()
        if total is not None and goal != "run":
            if training.epochs != self._stepped_to:
                self._end = max(training.epochs, math.ceil(self._position))
            total = self._stepped_to = max(training.epochs, min(int(self._position) + 1, MOST_EPOCHS))
        if total is not None and total != training.epochs:
            self._lengthening = True
            longer = self._document.experiment.replace(training=training.replace(epochs=total))
            self._document.edit(longer, tr("Train longer"), locks_apply=False)
            self._lengthening = False
        self._session.train(goal)
        self.started.emit()

    def _note_epochs(self, new: Experiment, old: Experiment) -> None:
        """What a person chooses is what training on adds; what training on has added is not."""
        loaded, self._generation = self._document.generation != self._generation, self._document.generation
        if loaded or (not self._lengthening and new.training.epochs != old.training.epochs):
            self._more = new.training.epochs

    def _stop(self) -> None:
        self._session.stop()

    def _update_actions(self) -> None:
        session = self._session
        goal = session.goal
        training = goal == "run"
        train = self._actions["train"]
        train.setText(tr("Pause") if training else tr("Train"))
        train.setIcon(theme.icon("pause-fill" if training else "play-fill", "on_accent"))
        blocked = ""
        if session.problem is not None:
            blocked = str(session.problem)
        elif not session.ready:
            blocked = BUSY
        self._actions.explain("train", "" if session.cancelled else blocked)
        if not blocked and not training and self.more_epochs:
            train.setToolTip(
                tr(
                    "Train {more_epochs} (Space)",
                    more_epochs=quantity_text(self.more_epochs, "more epoch", "more epochs"),
                )
            )
        stepping = tr("Pause first: training is under way.") if training else blocked
        self._actions.explain("step_batch", stepping)
        self._actions.explain("step_epoch", stepping)
        under_way = goal is not None or self._status in ("training", "paused")
        self._actions.explain("stop", blocked or ("" if under_way else tr("Nothing is being trained.")))
        begun = self._step or goal is not None or session.begun
        locks = self._document.locks
        idle = "" if begun else tr("Nothing has been trained or edited yet.")
        self._actions.explain("reset", locks.reason(RESET) or blocked or idle)
        seed = tr("Pause first: training is under way.") if training else ""
        self._actions.explain("new_seed", locks.reason("training.seed") or seed)
