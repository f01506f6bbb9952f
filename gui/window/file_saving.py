"""Saving the document: to its file, to one that a person chooses, and before work would be lost."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import SUFFIX
from gui.core.document import Document
from gui.core.preferences import preferences
from gui.core.saving import Clash, SaveOrder, Saver, Written
from gui.core.session import Session
from gui.kit.field import commit_field
from gui.kit.number_text import quantity_text
from gui.window.unsaved_work import Questions, UnsavedWork

SAVE_FILTER = f"Gradwright (*{SUFFIX})"


class FileSaving(QObject):
    """Writes files in jobs, while training goes on. `saved` : a file is written. `problem` : a UserError.

    What waits for the file to be on disk (closing, opening another one) is done then, or forgotten where
    nothing could be saved; the session is held until then, so that what is saved is all there is.
    """

    saved = Signal(object)
    problem = Signal(str, object)

    def __init__(
        self, window: QWidget, document: Document, session: Session, work: UnsavedWork, questions: Questions
    ) -> None:
        super().__init__(window)
        self._window, self._document, self._session = window, document, session
        self._work, self._questions = work, questions
        self._waiting: Callable[[], None] | None = None
        self._saver = Saver(session, session.jobs, self)
        self._saver.written.connect(self._written)
        self._saver.clashed.connect(self._ask_to_replace)
        self._saver.failed.connect(self._failed)
        session.crashed.connect(self.forget_waiting)

    @property
    def busy(self) -> bool:
        """Whether a file is being written, or a copy of the run is still to come for that."""
        return self._saver.busy

    @property
    def awaited(self) -> bool:
        """Whether something waits for the file to be on disk."""
        return self._waiting is not None

    def wait(self, action: Callable[[], None]) -> None:
        """Do something once the file that is being written is on disk."""
        self._waiting = action

    def save_before(self, action: Callable[[], None]) -> None:
        """Save, and then do something."""
        self._waiting = action
        self.save()
        if self._waiting is None:
            # No file was chosen.
            self._session.release()

    def forget_waiting(self) -> None:
        """What was to be saved is not, so nothing that would lose it is done."""
        self._waiting = None
        self._session.release()

    def save(self) -> None:
        """Save to the file at hand, or ask for one."""
        commit_field(self._window)
        if self._document.path is None:
            self.save_as()
        else:
            self.save_to(self._document.path)

    def save_as(self) -> None:
        """Ask where to save."""
        name = self._document.path or preferences().last_folder / file_name(self._document.experiment)
        with self._questions.open():
            chosen, _ = QFileDialog.getSaveFileName(self._window, "Save as", str(name), SAVE_FILTER)
        if not chosen:
            self._waiting = None
            return
        path = Path(chosen)
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
        self.save_to(path.absolute())

    def save_to(self, path: Path) -> None:
        """Save what there is now, be it without a run, to a file; training goes on meanwhile."""
        # Another file than the document's was chosen in a dialog, which asks before one is replaced.
        known = self._document.file_state if path == self._document.path else None
        self._saver.save(path, known, self._document.generation)

    def _written(self, order: SaveOrder, found: Written) -> None:
        preferences().add_recent_file(order.path)
        preferences().last_folder = order.path.parent
        self._work.note_saved(order.run, order.copy.step)
        document = self._document
        current = order.generation == document.generation
        complete = current and order.copy.saved.experiment == document.experiment
        if complete:
            document.saved(order.path)
        elif current:
            document.moved(order.path)
        if current:
            document.file_state = found.state
        self.saved.emit(order.path)
        if self._waiting is None or self._saver.busy:
            return
        if current and not complete:
            # Edited since: what waits would lose that.
            self.save_to(order.path)
            return
        action, self._waiting = self._waiting, None
        action()
        self._session.release()

    def _ask_to_replace(self, order: SaveOrder, clash: Clash) -> None:
        """The file holds what nobody has agreed to lose."""
        name, theirs = order.path.name, _steps(clash.found.step)
        if clash.changed:
            text = f"“{name}” was changed by another program since it was opened or saved here."
        else:
            text = f"“{name}” holds more training than what is to be saved."
        box = self._questions.box("Save", text)
        box.setInformativeText(f"The file holds {theirs}; what you save has {_steps(order.copy.step)}.")
        replacing = box.addButton("Replace the file", QMessageBox.ButtonRole.DestructiveRole)
        other = box.addButton("Save as…", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(other)
        self._questions.answer(box)
        if box.clickedButton() is replacing:
            self._saver.replace(order)
        elif box.clickedButton() is other:
            self.save_as()
            if not self._saver.busy:
                self.forget_waiting()
        else:
            self.forget_waiting()

    def _failed(self, error: UserError | None) -> None:
        self.forget_waiting()
        if error is not None:
            self.problem.emit("Save", error)


def file_name(experiment: Experiment) -> str:
    """The experiment's name as the name of a file."""
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in experiment.name)
    return ("-".join(kept.lower().split()) or "untitled") + SUFFIX


def _steps(count: int | None) -> str:
    if count is None:
        return "an experiment without training"
    return quantity_text(count, "training step", "training steps")
