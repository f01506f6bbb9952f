"""The document: the current experiment and its undo stack.

An experiment is frozen, so one command does for every edit of it: put this one in place of that one. Each
step remembers by its number which run belonged to the experiment, so that undoing it asks for that very run.
"""

import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from shiboken6 import isValid

from engine.experiment import Experiment
from engine.files.atomic import FileState

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


class Document(QObject):
    """Holds the experiment; everyone who changes it goes through `edit`, so everything can be undone.

    Signals: `changed` (new, old) after each replacement, edit or load; `edited` (new, run) after an edit,
    undo or redo alone: with the number of the run that the experiment had before, 0 for a new one;
    `modified_changed` (whether there is something to save), also where training is joined by an edit;
    `path_changed` (Path or None).
    """

    changed = Signal(object, object)
    edited = Signal(object, int)
    modified_changed = Signal(bool)
    path_changed = Signal(object)

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
        self.undo_stack = QUndoStack(self)
        self._commands: list[QUndoCommand] = []
        """Those on the stack. Without a reference of ours, PySide (6.11) at times frees the Python side of a
        command that the stack still holds, which ends the program when the stack lets go of it."""
        self.undo_stack.cleanChanged.connect(self._announce)

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

    def edit(self, new: Experiment, text: str, merge_key: str | None = None) -> None:
        """Replace the experiment as one step to undo, called `text` ("Change learning rate").

        merge_key : consecutive edits with the same key within a second become one step.
        """
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
