"""Work that no file holds yet, and the questions that are asked before some of it is lost."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QMessageBox, QWidget

from gui.core.document import Document
from gui.core.session import Session
from gui.kit.number_text import quantity_text


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
            lost.append("your edits of the experiment")
        steps = self._step - self._saved_steps.get(self._session.number, 0)
        if steps > 0:
            lost.append(quantity_text(steps, "training step", "training steps"))
        kept = self._kept_steps()
        if kept > 0:
            lost.append(f"{quantity_text(kept, 'training step', 'training steps')} that Undo brings back")
        return " and ".join(lost) or "what was trained"

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

    def about_unsaved_work(self, verb: str, at_stake: str) -> QMessageBox.StandardButton:
        """Save, Discard or Cancel. verb : what is about to be done ("Close")."""
        path = self._document.path
        name = path.name if path else self._document.experiment.name
        box = self.box("Unsaved work", f"“{name}” has work that is not saved.")
        box.setInformativeText(f"{verb} without saving, and this is lost: {at_stake}.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        box.setEscapeButton(buttons.Cancel)
        return QMessageBox.StandardButton(self.answer(box))
