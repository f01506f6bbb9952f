"""The worker: drives the trainer on its own thread, step by step, and answers commands in between. No Qt."""

import collections
import itertools
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

from engine.data import Description, Table, describe, prepare
from engine.data.augmentation.preview import preview
from engine.data.sources import AnySource
from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import SavedRun, load, resume, save, saved_run
from engine.settings import differences
from engine.training.events import Event
from engine.training.observer import Observer
from engine.training.snapshot import Snapshot, Wanted
from engine.training.trainer import Trainer
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
from gui.pace import Brake, Pace

Goal = Literal["run", "batch", "epoch"]
Speed = Literal["automatic", "full", "slow"]
PARTS = ("training", "validation", "test")
WATCHED_EPOCHS_PER_SECOND = 40.0
"""The pace of two-input examples: at full speed they are learned before anybody has seen how."""
SLOW_EPOCHS_PER_SECOND = 4.0
PREPARING = "Reading and preparing the data."
KEPT_RUNS = 3
"""Trained runs that are kept when the network or the data is edited, so that Undo brings them back."""


class Worker:
    """Owns the trainer. Every method without underscore may be called from any thread."""

    def __init__(self, mailbox: Mailbox[Wanted, Frame]) -> None:
        self.outbox: collections.deque[Message] = collections.deque()
        """Messages that must not be lost; the window takes them from the left."""
        self._mailbox = mailbox
        self._commands: collections.deque[Callable[[], None]] = collections.deque()
        self._wake = threading.Condition()
        self._newest: Experiment | None = None
        self._closing = False
        self._run_numbers = itertools.count(1)
        self._run = 0
        self._status: Status = "preparing"
        self._goal: Goal | None = None
        self._trainer: Trainer | None = None
        self._observer: Observer | None = None
        self._steps: Iterator[Event] | None = None
        self._kept: collections.deque[tuple[int, Trainer, Description]] = collections.deque(maxlen=KEPT_RUNS)
        self._description: Description | None = None
        self._table: tuple[tuple[AnySource, tuple[int, int]], Table] | None = None
        """The table read last, with its source and the state that its file was in."""
        self._unscored = False
        self._preview_wanted: PreviewWanted | None = None
        """The newest wish; older ones are passed over."""
        self._blind_run = 0
        """The run of which no snapshot could be made."""
        self._pace = Pace()
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

    def _serve(self) -> None:
        while self._commands:
            self._commands.popleft()()
        self._answer()
        if self._goal is not None:
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
        of = "average of the weights" if trainer.weights.average is not None else "weights"
        caption = f"The {of} after step {trainer.step:,}".replace(",", "\u202f")
        if trainer.weights.displaced is not None:
            caption = f"The weights of epoch {trainer.best.epoch}, the best"
        self.outbox.append(Scored(self._run, trainer.step, tuple(found), caption))

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
        trainer, observer = self._trainer, self._observer
        if trainer is None or observer is None:
            self._mailbox.put(Frame(self._run, self._status))
            return
        snapshot = self._snapshot(observer, wanted)
        epochs = trainer.experiment.training.epochs
        pace = self._pace.measure(trainer.position, self._status == "training")
        left = (epochs - trainer.position) / pace if pace > 0 else None
        self._mailbox.put(
            Frame(
                self._run,
                self._status,
                trainer.step,
                trainer.position,
                epochs,
                pace * trainer.batches.total,
                left,
                self._sentence(trainer),
                trainer.history,
                snapshot,
            )
        )

    def _snapshot(self, observer: Observer, wanted: Wanted) -> Snapshot | None:
        """What was asked for; None, and one message, where making it fails: the run goes on unseen."""
        if self._blind_run == self._run:
            return None
        try:
            return observer.snapshot(wanted, self._run)
        except Exception:
            # A fault in showing must neither end the training nor come back with each frame.
            self._blind_run = self._run
            self.outbox.append(Crashed(traceback.format_exc()))
            return None

    def _sentence(self, trainer: Trainer) -> str:
        if trainer.stop_reason is not None and self._status in ("stopped", "finished"):
            return trainer.stop_reason.sentence
        epochs = trainer.experiment.training.epochs
        done = f"{trainer.epoch:,} of {epochs:,} epochs".replace(",", " ")
        if self._status == "training":
            best = trainer.best
            what = "validation" if len(trainer.dataset.validation.inputs) else "training"
            known = f" Best {what} loss {best.loss:.4g} at epoch {best.epoch}." if best.epoch else ""
            return f"Training: {done}.{known}"
        if self._status == "paused":
            return f"Paused after {done}, step {trainer.step}."
        return "Ready. Press Train or the space bar."

    # --- commands, on the worker's thread ----------------------------------------------------------------

    def _adopt(self, experiment: Experiment) -> None:
        if experiment is self._newest:
            self._take(experiment)

    def _load_anew(self, experiment: Experiment) -> None:
        self._kept.clear()
        self._trainer = self._table = None
        if experiment is self._newest:
            self._prepare(experiment)

    def _take(self, experiment: Experiment) -> None:
        """Make the run at hand one of this experiment: changed, brought back, or prepared."""
        trainer = self._trainer
        if trainer is not None and only_live(trainer.experiment, experiment):
            if not self._change(trainer, experiment):
                return
            self._set_brake()
            if self._status == "finished" and trainer.epoch < experiment.training.epochs:
                self._status = "paused"
            if self._status == "invalid":
                self._status = "paused" if trainer.step else "ready"
                self._announce(trainer)
            return
        self._keep()
        for place, (run, kept, description) in enumerate(self._kept):
            if only_live(kept.experiment, experiment):
                if not self._change(kept, experiment):
                    return
                del self._kept[place]
                self._description = description
                self._install(kept, run)
                return
        self._prepare(experiment)

    def _change(self, trainer: Trainer, experiment: Experiment) -> bool:
        """Give a run other settings; where one does not fit its data, it waits aside until that is mended."""
        try:
            trainer.change(experiment)
        except UserError as error:
            self._keep()
            self._goal, self._status = None, "invalid"
            self._observer = self._steps = None
            self.outbox.append(Invalid(experiment, error, self._description))
            return False
        return True

    def _prepare(self, experiment: Experiment) -> None:
        self._goal, self._status = None, "preparing"
        self._trainer = self._observer = self._steps = None
        self._description = None
        # Nobody answers the window until the data is there, so it is told beforehand.
        self._mailbox.put(Frame(self._run, "preparing", sentence=PREPARING))
        try:
            table = self._load(experiment.data.source)
            self._description = describe(table, experiment.data)
            trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
        except (UserError, MemoryError) as error:
            self._status = "invalid"
            self.outbox.append(Invalid(experiment, in_words(error), self._description))
            return
        self._install(trainer, next(self._run_numbers))

    def _load(self, source: AnySource) -> Table:
        key = (source, file_state(source))
        if self._table is None or self._table[0] != key:
            self._table = None
            self._table = (key, source.load())
        return self._table[1]

    def _install(self, trainer: Trainer, run: int) -> None:
        self._trainer, self._observer, self._run = trainer, Observer(trainer), run
        self._steps, self._goal = None, None
        self._pace = Pace()
        reason = trainer.stop_reason
        if reason is not None:
            self._status = "finished" if reason.kind == "finished" else "stopped"
        else:
            self._status = "paused" if trainer.step else "ready"
        self._announce(trainer)
        self._unscored = trainer.step > 0

    def _announce(self, trainer: Trainer) -> None:
        if self._description is not None:
            self.outbox.append(
                Prepared(
                    self._run,
                    trainer.experiment,
                    self._description,
                    trainer.dataset,
                    trainer.network,
                    trainer.step,
                )
            )

    def _keep(self) -> None:
        """Put a trained run aside, so that undoing the edit that replaces it brings it back."""
        if self._trainer is not None and self._trainer.step and self._description is not None:
            self._kept.append((self._run, self._trainer, self._description))
        self._trainer = None

    def _train(self, goal: Goal) -> None:
        if self._trainer is not None:
            self._goal, self._status, self._unscored = goal, "training", False
            self._set_brake()
            self._pace = Pace()

    def _pause(self) -> None:
        if self._goal is not None:
            self._goal, self._status, self._unscored = None, "paused", True

    def _stop(self) -> None:
        trainer = self._trainer
        if trainer is not None and (self._goal is not None or self._status == "paused"):
            self._steps, self._goal = None, None
            trainer.stop()
            self._status, self._unscored = "stopped", True

    def _reset(self) -> None:
        trainer = self._trainer
        if trainer is not None:
            self._keep()
            self._install(Trainer(trainer.experiment, trainer.dataset), next(self._run_numbers))

    def _bring_back(self, run: int) -> None:
        for place, (number, kept, description) in enumerate(self._kept):
            current = self._trainer
            if number == run and current is not None and only_live(kept.experiment, current.experiment):
                del self._kept[place]
                kept.change(current.experiment)
                self._description = description
                self._install(kept, number)
                return

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
        trainer = self._trainer
        try:
            if trainer is None and path.exists():
                raise UserError(
                    path.name,
                    expected="an experiment that can run, to take the place of what the file holds",
                    got="one that needs attention",
                    help="Mend it first, or save it under another name.",
                )
            save(path, saved_run(trainer) if trainer is not None else SavedRun(experiment))
        except (UserError, MemoryError) as error:
            self.outbox.append(Failed("Save", in_words(error)))
        else:
            self.outbox.append(Saved(path, experiment, trainer.step if trainer is not None else 0))

    def _open(self, path: Path) -> None:
        self._table = None
        try:
            run = load(path)
        except (UserError, MemoryError) as error:
            self.outbox.append(Failed("Open", in_words(error)))
            return
        try:
            table = self._load(run.experiment.data.source)
            description = describe(table, run.experiment.data)
            dataset = prepare(run.experiment.data, table, run.experiment.dtype)
            trainer = resume(run, dataset, path.name)
        except (UserError, MemoryError) as error:
            self.outbox.append(Unresumable(path, run.experiment, in_words(error)))
            return
        self._kept.clear()
        self._description = description
        self._newest = run.experiment
        self.outbox.append(Opened(path, run.experiment))
        self._install(trainer, next(self._run_numbers))


def file_state(source: AnySource) -> tuple[int, int]:
    """Time and size of a source's file, so that a changed one is read again; zeros where there is none."""
    try:
        found = Path(getattr(source, "path", "")).stat()
    except (OSError, ValueError):
        return 0, 0
    return found.st_mtime_ns, found.st_size


def in_words(error: UserError | MemoryError) -> UserError:
    """Too little memory is something a person can mend."""
    if isinstance(error, UserError):
        return error
    return UserError(
        "Memory",
        expected="enough for the data and the network",
        got="too little",
        help="Use smaller layers, a smaller batch or fewer rows.",
    )


def only_live(old: Experiment, new: Experiment) -> bool:
    """Whether the change from one experiment to the other may be made in mid-run."""
    return all(live for _, live, _, _ in differences(old, new))
