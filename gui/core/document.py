"""The document: the current experiment and its undo stack.

An experiment is frozen, so one command does for every edit of it: put this one in place of that one. Each
step remembers by its number which run belonged to the experiment, so that undoing it asks for that very run.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoGroup, QUndoStack
from shiboken6 import isValid

from engine.experiment import Experiment
from engine.files.atomic import FileState
from gui.core.locks import Locks

MERGE_WITHIN_S = 1.0
"""Edits of one field that follow each other this fast are one step to undo: a drag, a turn of the wheel."""

_MERGING_COMMAND = 1


class ReplaceExperiment(QUndoCommand):
    """Puts one experiment in place of another; merges with the next edit of the same field."""

    def __init__(
        self, document: "Document", old: Experiment, new: Experiment, text: str, merge_key: str | None
    ) -> None:
        super().__init__(text)
        self._document = document
        self._old = old
        self._new = new
        self._old_run, self._new_run = document.run, 0
        self._merge_key = merge_key
        self._made = time.monotonic()

    def id(self) -> int:
        return -1 if self._merge_key is None else _MERGING_COMMAND

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ReplaceExperiment) or other._merge_key != self._merge_key:
            return False
        if other._made - self._made > MERGE_WITHIN_S:
            return False
        self._new, self._made = other._new, other._made
        if self._new == self._old:
            # Back where the drag began: the step has become empty and leaves the stack, and the run of
            # before the drag is asked for as if it were undone.
            self.setObsolete(True)
            self._document.edited.emit(self._old, self._old_run)
        return True

    def redo(self) -> None:
        self._document._show(self._new, self._new_run)

    def undo(self) -> None:
        self._new_run = self._document.run
        self._document._show(self._old, self._old_run)


@dataclass(frozen=True, eq=False)
class DocumentAside:
    """A document that another one has taken the place of for a while, with its undo steps."""

    experiment: Experiment
    path: Path | None
    touched: bool
    run: int
    file_state: FileState | None
    undo_stack: QUndoStack
    commands: list[QUndoCommand]

    @property
    def modified(self) -> bool:
        """True if there was something to save."""
        return self.touched or not self.undo_stack.isClean()


class Document(QObject):
    """Holds the experiment; everyone who changes it goes through `edit`, so everything can be undone.

    Signals: `changed` (new, old) after each replacement, edit or load; `edited` (new, run) after an edit,
    undo or redo alone: with the number of the run that the experiment had before, 0 for a new one;
    `modified_changed` (whether there is something to save), also where training is joined by an edit;
    `path_changed` (Path or None); `refused` with a sentence: a lesson keeps what an edit would have changed.
    """

    changed = Signal(object, object)
    edited = Signal(object, int)
    modified_changed = Signal(bool)
    path_changed = Signal(object)
    refused = Signal(str)

    def __init__(self, experiment: Experiment, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._experiment = experiment
        self._path: Path | None = None
        self._touched = False
        self._announced = (False, False)
        self.generation = 0
        """How many documents there were before: what was begun for another one is not for this."""
        self.edits = 0
        """How many replacements there were since the start, loads included."""
        self.run = 0
        """Number of the run that belongs to the experiment; the session notes it here."""
        self.file_state: FileState | None = None
        """Its file as it was when it was last read or written here."""
        self.locks = Locks()
        """What a lesson keeps as it is."""
        self.undo_group = QUndoGroup(self)
        """Follows the stack of the document at hand: what undoes and shows whether it can listens to it."""
        self.undo_stack = self._new_stack()
        self._commands: list[QUndoCommand] = []
        """Those on the stack. Without a reference of ours, PySide (6.11) at times frees the Python side of a
        command that the stack still holds, which ends the program when the stack lets go of it."""

    @property
    def experiment(self) -> Experiment:
        """The experiment as it stands."""
        return self._experiment

    @property
    def path(self) -> Path | None:
        """The file it was loaded from or saved to; None if it is new."""
        return self._path

    @property
    def modified(self) -> bool:
        """True if there is something to save: edits, or training since the last save."""
        return self._touched or self.experiment_modified

    @property
    def experiment_modified(self) -> bool:
        """True if the experiment is another than what was last saved or opened."""
        return not self.undo_stack.isClean()

    def edit(
        self, new: Experiment, text: str, merge_key: str | None = None, *, locks_apply: bool = True
    ) -> None:
        """Replace the experiment as one step to undo, called `text` ("Change learning rate").

        merge_key : consecutive edits with the same key within a second become one step.
        locks_apply : a lesson may refuse the edit; not one that only lets training go on.
        """
        if locks_apply and self.refuses(new):
            return
        if new != self._experiment:
            self.push(ReplaceExperiment(self, self._experiment, new, text, merge_key))

    def push(self, command: QUndoCommand) -> None:
        """Carry out a step to undo that is no edit of the experiment: of the run that belongs to it."""
        self._commands = [one for one in self._commands if isValid(one)]
        self._commands.append(command)
        self.undo_stack.push(command)

    def begin(self, new: Experiment, text: str) -> None:
        """Begin with an experiment that is no file's, as one step to undo.

        Where nothing was to be saved before, nothing is now.
        """
        if self.refuses(new):
            return
        nothing_to_save = not self.modified
        self.generation += 1
        self.file_state = None
        self._set_path(None)
        self.edit(new, text)
        if nothing_to_save:
            self.undo_stack.setClean()
        self._announce()

    def load(self, experiment: Experiment, path: Path | None) -> None:
        """Begin with another experiment; there is nothing to undo and nothing to save."""
        old, self._experiment = self._experiment, experiment
        self._touched = False
        self.generation += 1
        self.edits += 1
        self.run, self.file_state = 0, None
        self.undo_stack.clear()
        self._set_path(path)
        self._announce()
        self.changed.emit(experiment, old)

    def set_aside(self) -> DocumentAside:
        """Make room for another document, which is to be loaded; `take_up` brings this one back whole."""
        aside = DocumentAside(
            self._experiment,
            self._path,
            self._touched,
            self.run,
            self.file_state,
            self.undo_stack,
            self._commands,
        )
        self._commands = []
        self.undo_stack = self._new_stack()
        return aside

    def take_up(self, aside: DocumentAside) -> None:
        """Go on with a document that was set aside, as it was then; the one at hand is gone."""
        old, stack = self._experiment, self.undo_stack
        self._experiment, self._touched = aside.experiment, aside.touched
        self.undo_stack = aside.undo_stack
        self.undo_group.setActiveStack(self.undo_stack)
        stack.clear()
        stack.deleteLater()
        self._commands = aside.commands
        self.generation += 1
        self.edits += 1
        self.run, self.file_state = aside.run, aside.file_state
        self._set_path(aside.path)
        self._announce()
        self.changed.emit(self._experiment, old)

    def drop(self, aside: DocumentAside) -> None:
        """What was set aside is not taken up again: its undo steps go."""
        # Before the commands, of which `aside` has the references.
        aside.undo_stack.clear()
        aside.undo_stack.deleteLater()

    def saved(self, path: Path) -> None:
        """Note that what stands here, training included, is now in this file."""
        self._touched = False
        self.undo_stack.setClean()
        self._set_path(path)
        self._announce()

    def moved(self, path: Path) -> None:
        """Note that this is the document's file from here on, though it does not hold all of it."""
        self._set_path(path)

    def touch(self) -> None:
        """Note that there is something to save that is no edit: the network was trained."""
        self._touched = True
        self._announce()

    def _new_stack(self) -> QUndoStack:
        stack = QUndoStack(self)
        stack.cleanChanged.connect(self._announce)
        self.undo_group.addStack(stack)
        self.undo_group.setActiveStack(stack)
        return stack

    def refuses(self, new: Experiment) -> bool:
        """Whether a lesson keeps what would be another; `refused` has said so then."""
        reason = self.locks.against(self._experiment, new)
        if reason:
            self.refused.emit(reason)
        return bool(reason)

    def _show(self, experiment: Experiment, run: int) -> None:
        if experiment != self._experiment:
            old, self._experiment = self._experiment, experiment
            self.edits += 1
            self.changed.emit(experiment, old)
            self.edited.emit(experiment, run)

    def _set_path(self, path: Path | None) -> None:
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)

    def _announce(self) -> None:
        now = (self.modified, self.experiment_modified)
        if now != self._announced:
            self._announced = now
            self.modified_changed.emit(self.modified)
