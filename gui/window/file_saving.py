"""Saving the document: what is not saved yet, the questions about it, and saving to a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.run_file import SUFFIX
from gui.core.document import Document
from gui.core.opening import Unresumable
from gui.core.preferences import preferences
from gui.core.saving import Clash, SaveOrder, Saver, Written
from gui.core.session import Session
from gui.kit.field import commit_field
from gui.kit.numbers import quantity_text
from gui.kit.text import tr


class UnsavedWork:
    """Edits of the document, and training steps of its runs, which no file holds."""

    def __init__(self, document: Document, session: Session) -> None:
        self._document, self._session = document, session
        self._step = 0
        self._saved_steps: dict[int, int] = {}
        """For each run, up to which step it is saved."""

    def begin_run(self, step: int) -> None:
        """Another run is at hand, with `step` optimizer steps behind it."""
        self._step = step
        self._saved_steps.setdefault(self._session.number, step)

    def note_step(self, step: int) -> None:
        """The run at hand has come this far: more than what is saved is unsaved work."""
        self._step = step
        if step > self._saved_steps.get(self._session.number, 0):
            self._document.touch()

    def note_saved(self, run: int, step: int) -> None:
        """A file holds the run up to this step; 0: none does."""
        self._saved_steps[run] = step

    @property
    def exists(self) -> bool:
        """Whether there is any: in the document, or in a run that Undo brings back."""
        return self._document.modified or self._kept_steps() > 0

    def at_stake(self) -> str:
        """What would be lost, in words."""
        lost = []
        if not self._document.undo_stack.isClean():
            lost.append(tr("your edits of the experiment"))
        steps = self._step - self._saved_steps.get(self._session.number, 0)
        if steps > 0:
            lost.append(quantity_text(steps, "training step", "training steps"))
        kept = self._kept_steps()
        if kept > 0:
            lost.append(
                tr(
                    "{kept} that Undo brings back",
                    kept=quantity_text(kept, "training step", "training steps"),
                )
            )
        if not lost:
            return tr("what was trained")
        together = lost[0]
        for another in lost[1:]:
            together = tr("{one} and {another}", one=together, another=another)
        return together

    def _kept_steps(self) -> int:
        """Training steps, not saved, of runs that Undo brings back."""
        kept = self._session.kept_steps().items()
        return sum(max(steps - self._saved_steps.get(run, 0), 0) for run, steps in kept)


class Questions:
    """Asks about the document; `asking` says whether a question is open."""

    def __init__(self, window: QWidget, document: Document) -> None:
        self._window, self._document = window, document
        self.asking = False

    @contextmanager
    def open(self) -> Iterator[None]:
        """While a question is open, nothing takes the document's place: it is what the question is about."""
        outer, self.asking = self.asking, True
        try:
            yield
        finally:
            self.asking = outer

    def box(self, title: str, text: str) -> QMessageBox:
        """A question without its buttons."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(title)
        box.setText(text)
        return box

    def answer(self, box: QMessageBox) -> int:
        """Wait for a person's answer; the window goes on meanwhile."""
        with self.open():
            return box.exec()

    def about_experiment_alone(self, found: Unresumable) -> bool:
        """Whether the experiment of a run without its data is to be opened."""
        box = self.box(tr("Open"), str(found.error))
        box.setInformativeText(
            tr(
                "The experiment in {name} can be opened without its weights, to choose the "
                "data again and train from the start. The file stays as it is, and `gradwright predict` can "
                "still use it.",
                name=found.path.name,
            )
        )
        alone = box.addButton(tr("Open the experiment"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        self.answer(box)
        return box.clickedButton() is alone

    def about_unsaved_work(self, verb: str, at_stake: str) -> QMessageBox.StandardButton:
        """Save, Discard or Cancel. verb : what is about to be done ("Close")."""
        path = self._document.path
        name = path.name if path else self._document.experiment.name
        box = self.box(tr("Unsaved work"), tr("“{name}” has work that is not saved.", name=name))
        box.setInformativeText(
            tr("{verb} without saving, and this is lost: {at_stake}.", verb=verb, at_stake=at_stake)
        )
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        box.setEscapeButton(buttons.Cancel)
        return QMessageBox.StandardButton(self.answer(box))


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
        if not self.save():
            self.forget_waiting()

    def forget_waiting(self) -> None:
        """What was to be saved is not, so nothing that would lose it is done."""
        self._waiting = None
        self._session.release()

    def save(self) -> bool:
        """Save to the document's file, or ask for one; False where none is chosen."""
        commit_field(self._window)
        if self._document.path is None:
            return self.save_as()
        self.save_to(self._document.path)
        return True

    def save_as(self) -> bool:
        """Ask where to save; False where no file is chosen, which leaves another save under way alone."""
        name = self._document.path or preferences().last_folder / file_name(self._document.experiment)
        with self._questions.open():
            chosen, _ = QFileDialog.getSaveFileName(self._window, tr("Save as"), str(name), SAVE_FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
        self.save_to(path.absolute())
        return True

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
        same = order.copy.saved.experiment == document.experiment and order.edits == self._session.edits
        complete = current and same
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
            text = tr("“{name}” was changed by another program since it was opened or saved here.", name=name)
        else:
            text = tr("“{name}” holds more training than what is to be saved.", name=name)
        box = self._questions.box(tr("Save"), text)
        box.setInformativeText(
            tr(
                "The file holds {theirs}; what you save has {steps}.",
                theirs=theirs,
                steps=_steps(order.copy.step),
            )
        )
        replacing = box.addButton(tr("Replace the file"), QMessageBox.ButtonRole.DestructiveRole)
        other = box.addButton(tr("Save as…"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(other)
        self._questions.answer(box)
        if box.clickedButton() is replacing:
            self._saver.replace(order)
        elif box.clickedButton() is not other or not self.save_as():
            self.forget_waiting()

    def _failed(self, error: UserError | None) -> None:
        self.forget_waiting()
        if error is not None:
            self.problem.emit(tr("Save"), error)


def file_name(experiment: Experiment) -> str:
    """The experiment's name as the name of a file."""
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in experiment.name)
    return ("-".join(kept.lower().split()) or "untitled") + SUFFIX


def _steps(count: int | None) -> str:
    if count is None:
        return tr("an experiment without training")
    return quantity_text(count, "training step", "training steps")
