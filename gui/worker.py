"""The worker: drives the trainer on its own thread, step by step, and answers commands in between. No Qt."""

import collections
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

from engine.data.augmentation.preview import preview
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import load
from engine.training.events import Event
from engine.training.snapshot import Wanted
from engine.training.trainer import Trainer
from gui.frames import Frames, weights_in_use
from gui.mailbox import Mailbox
from gui.messages import (
    Crashed,
    Failed,
    Frame,
    Invalid,
    Message,
    Opened,
    Prepared,
    Previewed,
    PreviewWanted,
    Saved,
    Scored,
    Status,
    Unresumable,
)
from gui.pace import Brake
from gui.runs import Run, Runs, in_words

Goal = Literal["run", "batch", "epoch"]
Speed = Literal["automatic", "full", "slow"]
PARTS = ("training", "validation", "test")
WATCHED_EPOCHS_PER_SECOND = 40.0
"""The pace of two-input examples: at full speed they are learned before anybody has seen how."""
SLOW_EPOCHS_PER_SECOND = 4.0
PREPARING = "Reading and preparing the data."


class Worker:
    """Owns the runs, and drives the one at hand. Methods without underscore may be called from any thread."""

    def __init__(self, mailbox: Mailbox[Wanted, Frame]) -> None:
        self.outbox: collections.deque[Message] = collections.deque()
        """Messages that must not be lost; the window takes them from the left."""
        self._mailbox = mailbox
        self._commands: collections.deque[Callable[[], None]] = collections.deque()
        self._wake = threading.Condition()
        self._newest: Experiment | None = None
        self._closing = False
        self._runs = Runs()
        self._run = 0
        """Number of the run at hand, or of the last one."""
        self._status: Status = "preparing"
        self._goal: Goal | None = None
        self._held = False
        """No steps are taken, whatever the goal."""
        self._frames: Frames | None = None
        """Of the run at hand."""
        self._steps: Iterator[Event] | None = None
        self._unscored = False
        self._preview_wanted: PreviewWanted | None = None
        """The newest wish; older ones are passed over."""
        self._speed: Speed = "automatic"
        self._brake = Brake()

    # --- commands, from the window's thread --------------------------------------------------------------

    def adopt(self, experiment: Experiment) -> None:
        """Take the edited experiment: at once where only live settings changed, else prepared anew.

        Of several edits in a row only the newest is prepared.
        """
        self._newest = experiment
        self._send(lambda: self._adopt(experiment))

    def load(self, experiment: Experiment) -> None:
        """Begin with another document: data is read afresh, and no earlier run comes back."""
        self._newest = experiment
        self._send(lambda: self._load_anew(experiment))

    def train(self, goal: Goal = "run") -> None:
        """Train on; "batch" and "epoch" pause after one."""
        self._send(lambda: self._train(goal))

    def pause(self) -> None:
        """Wait at the next step boundary."""
        self._send(self._pause)

    def hold(self) -> None:
        """Take no step until `release`: a question is open. What was to be trained stays what it was."""
        self._send(lambda: self._hold(True))

    def release(self) -> None:
        """Go on with what was held back, where it is still at hand."""
        self._send(lambda: self._hold(False))

    def stop(self) -> None:
        """End the run at the next step boundary."""
        self._send(self._stop)

    def reset(self) -> None:
        """Back to the same initial weights, with an empty history."""
        self._send(self._reset)

    def bring_back(self, run: int) -> None:
        """Go on with a run that was reset; nothing happens where it is not kept any more."""
        self._send(lambda: self._bring_back(run))

    def set_speed(self, speed: Speed) -> None:
        """Full speed, a pace that can be watched, or the one of both that suits the experiment."""
        self._send(lambda: self._set_speed(speed))

    def save(self, path: Path, experiment: Experiment) -> None:
        """Write experiment and run to a file; training goes on afterwards."""
        self._send(lambda: self._save(path, experiment))

    def open(self, path: Path) -> None:
        """Read a file and continue where it was."""
        self._send(lambda: self._open(path))

    def preview(self, wanted: PreviewWanted) -> None:
        """Show what augmentations make of training examples. Of several in a row the newest is answered."""
        self._preview_wanted = wanted
        self._send(lambda: self._preview(wanted))

    def close(self) -> None:
        """Make `main` return at the next step boundary."""
        self._closing = True
        with self._wake:
            self._wake.notify_all()

    def look(self) -> None:
        """Answer the mailbox's request soon, even while nothing trains."""
        with self._wake:
            self._wake.notify_all()

    def _send(self, command: Callable[[], None]) -> None:
        with self._wake:
            self._commands.append(command)
            self._wake.notify_all()

    # --- the loop, on the worker's thread ----------------------------------------------------------------

    def main(self) -> None:
        """Serve until closed. A fault of the program becomes a message; the worker goes on."""
        while not self._closing:
            try:
                self._serve()
            except Exception:
                # Whatever went wrong in here must reach the window as text, or nobody would ever learn of it.
                self._goal, self._steps, self._unscored = None, None, False
                self._status = "paused" if self._trainer else "invalid"
                self.outbox.append(Crashed(traceback.format_exc()))

    @property
    def _trainer(self) -> Trainer | None:
        run = self._runs.current
        return run.trainer if run is not None else None

    def _serve(self) -> None:
        while self._commands:
            self._commands.popleft()()
        self._answer()
        if self._goal is not None and not self._held:
            self._advance()
        elif self._unscored and self._trainer is not None:
            self._score(self._trainer)
        else:
            with self._wake:
                if not (self._commands or self._closing or self._mailbox.requested):
                    self._wake.wait()

    def _advance(self) -> None:
        """Take steps until a command or a request comes in, the goal is reached or the run ends."""
        trainer = self._trainer
        if trainer is None:
            self._goal = None
            return
        if self._steps is None:
            self._steps = trainer.run()
        goal, commands, mailbox = self._goal, self._commands, self._mailbox
        for event in self._steps:
            if (goal == "batch" and event is not Event.SCORING) or (goal == "epoch" and event is Event.EPOCH):
                self._pause()
                return
            if self._brake.on:
                self._hold_back()
            if commands or mailbox.requested or self._closing:
                return
        self._steps = None
        self._goal = None
        self._status = (
            "stopped" if trainer.stop_reason and trainer.stop_reason.kind != "finished" else "finished"
        )
        self._unscored = True

    def _hold_back(self) -> None:
        """Wait until the next step is due, unless something else comes in."""
        while (delay := self._brake.delay()) > 0:
            with self._wake:
                if not (self._commands or self._closing or self._mailbox.requested):
                    self._wake.wait(delay)
            if self._commands or self._closing:
                return
            self._answer()
        self._brake.step()

    def _set_speed(self, speed: Speed) -> None:
        self._speed = speed
        self._set_brake()

    def _set_brake(self) -> None:
        trainer = self._trainer
        if trainer is None:
            return
        limits = {"slow": SLOW_EPOCHS_PER_SECOND, "full": 0.0, "automatic": 0.0}
        limit = limits[self._speed]
        if self._speed == "automatic" and trainer.dataset.plane is not None:
            limit = WATCHED_EPOCHS_PER_SECOND
        self._brake = Brake(limit * trainer.steps_per_epoch)

    def _score(self, trainer: Trainer) -> None:
        """Score every part of the data; broken off (and begun anew later) when a command comes in."""
        found = []
        for part in PARTS:
            with closing(trainer.scoring(part)) as scoring:
                for scores in scoring:
                    if scores is not None:
                        found.append(scores)
                    self._answer()
                    if self._commands or self._closing:
                        return
        self._unscored = False
        self.outbox.append(Scored(self._run, trainer.step, tuple(found), weights_in_use(trainer)))

    def _answer(self) -> None:
        """Put a frame into the mailbox where the window has asked for one."""
        wanted = self._mailbox.take_request()
        if wanted is None:
            return
        if self._commands:
            # Whoever asked after a command wants to see what it did: the command comes first.
            if not self._mailbox.requested:
                self._mailbox.ask(wanted)
            return
        frames = self._frames
        status: Status = "paused" if self._held and self._status == "training" else self._status
        found = frames.frame(status, wanted) if frames else Frame(self._run, status)
        self._mailbox.put(found)

    # --- commands, on the worker's thread ----------------------------------------------------------------

    def _adopt(self, experiment: Experiment) -> None:
        if experiment is self._newest:
            self._take(experiment)

    def _load_anew(self, experiment: Experiment) -> None:
        self._runs.forget()
        if experiment is self._newest:
            self._take(experiment)

    def _take(self, experiment: Experiment) -> None:
        """Make the run at hand one of this experiment: changed, brought back, or prepared."""
        before = self._runs.current
        try:
            run = self._runs.changed(experiment)
            if run is not None and run is before:
                self._go_on_with(run)
                return
            if run is None:
                # The old run's arrays go before those of the new one come, unless they are kept.
                before = None
                self._leave("preparing")
                # Nobody answers the window until the data is there, so it is told beforehand.
                self._mailbox.put(Frame(self._run, "preparing", sentence=PREPARING))
                run = self._runs.prepared(experiment)
        except (UserError, MemoryError) as error:
            self._leave("invalid")
            self.outbox.append(Invalid(experiment, in_words(error), self._runs.description))
        else:
            self._install(run)

    def _go_on_with(self, run: Run) -> None:
        """The run at hand has got other settings."""
        trainer = run.trainer
        self._set_brake()
        if self._status == "finished" and trainer.epoch < trainer.experiment.training.epochs:
            self._status = "paused"

    def _leave(self, status: Status) -> None:
        """No run is at hand."""
        self._goal, self._status = None, status
        self._frames = self._steps = None

    def _install(self, run: Run) -> None:
        trainer = run.trainer
        self._frames, self._run = Frames(run, self.outbox.append), run.number
        self._steps, self._goal = None, None
        reason = trainer.stop_reason
        if reason is not None:
            self._status = "finished" if reason.kind == "finished" else "stopped"
        else:
            self._status = "paused" if trainer.step else "ready"
        self.outbox.append(
            Prepared(
                run.number,
                trainer.experiment,
                run.description,
                trainer.dataset,
                trainer.network,
                trainer.step,
            )
        )
        self._unscored = trainer.step > 0

    def _train(self, goal: Goal) -> None:
        if self._frames is not None:
            self._goal, self._status, self._unscored = goal, "training", False
            self._set_brake()
            self._frames.begin()

    def _pause(self) -> None:
        if self._goal is not None:
            self._goal, self._status, self._unscored = None, "paused", True

    def _hold(self, held: bool) -> None:
        self._held = held
        if self._frames is not None and self._goal is not None:
            self._frames.begin()

    def _stop(self) -> None:
        trainer = self._trainer
        if trainer is not None and (self._goal is not None or self._status == "paused"):
            self._steps, self._goal = None, None
            trainer.stop()
            self._status, self._unscored = "stopped", True

    def _reset(self) -> None:
        run = self._runs.current
        if run is not None:
            self._install(self._runs.begun_anew(run))

    def _bring_back(self, number: int) -> None:
        run = self._runs.brought_back(number)
        if run is not None:
            self._install(run)

    def _preview(self, wanted: PreviewWanted) -> None:
        """Training and its random numbers are not touched; a run that is gone has nobody who asks."""
        trainer = self._trainer
        if trainer is None or wanted is not self._preview_wanted or wanted.run != self._run:
            return
        try:
            found = preview(
                wanted.augmentations, trainer.dataset, seed=wanted.seed, layers=trainer.network.layers
            )
        except (UserError, MemoryError) as error:
            self.outbox.append(Previewed(wanted, None, in_words(error)))
        else:
            self.outbox.append(Previewed(wanted, found))

    def _save(self, path: Path, experiment: Experiment) -> None:
        if self._trainer is None or self._trainer.experiment != experiment:
            self._take(experiment)
        try:
            step = self._runs.save(path, experiment)
        except (UserError, MemoryError) as error:
            self.outbox.append(Failed("Save", in_words(error)))
        else:
            self.outbox.append(Saved(path, experiment, step))

    def _open(self, path: Path) -> None:
        try:
            saved = load(path)
        except (UserError, MemoryError) as error:
            self.outbox.append(Failed("Open", in_words(error)))
            return
        try:
            run = self._runs.opened(saved, path.name)
        except (UserError, MemoryError) as error:
            self.outbox.append(Unresumable(path, saved.experiment, in_words(error)))
            return
        self._newest = saved.experiment
        self.outbox.append(Opened(path, saved.experiment))
        self._install(run)
