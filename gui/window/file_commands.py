"""Open, save, recent files, the question about unsaved work: everything the window does with files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.left_behind import LeftBehind
from engine.files.opening import preset
from engine.files.run_file import SUFFIX
from gui.core.document import Document
from gui.core.jobs import Job
from gui.core.opening import TABLE_SUFFIXES, Opened, Unresumable, open_file, restore
from gui.core.preferences import preferences
from gui.core.saving import Clash, SaveOrder, Saver, Written
from gui.core.session import Session
from gui.kit.field import commit_field
from gui.kit.number_text import quantity_text

TABLE_PATTERNS = " ".join(f"*{suffix}" for suffix in TABLE_SUFFIXES)
OPEN_FILTER = (
    f"All that can be opened (*{SUFFIX} *.json {TABLE_PATTERNS});;Gradwright (*{SUFFIX});;"
    f"Experiments (*.json);;Tables ({TABLE_PATTERNS});;All files (*)"
)
TABLE_FILTER = f"Tables ({TABLE_PATTERNS});;All files (*)"
LOOK_AGAIN_MS = 50
SAVE_FILTER = f"Gradwright (*{SUFFIX})"


class FileCommands(QObject):
    """Goes between document, session and the person's files, which are read and written in jobs.

    `loaded` : another experiment is at hand (start page and plots react). `problem` : a UserError to show.
    `saved` : a file is written. `opening` : the job that opens a file, None when it is over. `restored` :
    what was left behind is the document. `closable` : what was to be saved before closing is saved.
    """

    loaded = Signal()
    problem = Signal(str, object)
    saved = Signal(object)
    opening = Signal(object)
    restored = Signal(object)
    closable = Signal()

    def __init__(self, window: QWidget, document: Document, session: Session) -> None:
        super().__init__(window)
        self._window, self._document, self._session = window, document, session
        self._jobs = session.jobs
        self._after_save: Callable[[], None] | None = None
        """What waits for the file to be on disk: closing, or opening another."""
        self._saver = Saver(session, session.jobs, self)
        self._opening: Job | None = None
        self._wish = 0
        """How many wishes for another document there were: only the newest is granted."""
        self._asking = False
        """Whether a question is open."""
        self._step = 0
        self._saved_steps: dict[int, int] = {}
        """For each run, up to which step it is saved."""
        self._saver.written.connect(self._written)
        self._saver.clashed.connect(self._ask_to_replace)
        self._saver.failed.connect(self._save_failed)
        session.crashed.connect(self._forget_what_waits)

    @property
    def job(self) -> Job | None:
        """The one that opens a file, if there is one."""
        return self._opening

    @property
    def busy(self) -> bool:
        """Whether a file is being opened or written, or a copy of the run is still to come for that."""
        return self._opening is not None or self._saver.busy

    # --- unsaved work ------------------------------------------------------------------------------------

    def begin_run(self, step: int) -> None:
        """Another run is at hand, with `step` optimizer steps behind it."""
        self._step = step
        self._saved_steps.setdefault(self._session.number, step)

    def note_step(self, step: int) -> None:
        """The run at hand has come this far: more than what is saved is unsaved work."""
        self._step = step
        if step > self._saved_steps.get(self._session.number, 0):
            self._document.touch()

    @property
    def _unsaved(self) -> bool:
        """Whether there is work that no file holds: in the document, or in a run that Undo brings back."""
        return self._document.modified or self._kept_steps() > 0

    def _kept_steps(self) -> int:
        """Training steps, not saved, of runs that Undo brings back."""
        kept = self._session.kept_steps().items()
        return sum(max(steps - self._saved_steps.get(run, 0), 0) for run, steps in kept)

    def _at_stake(self) -> str:
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

    def may_close(self) -> bool:
        """True where nothing would be lost, or the person says that it may be; else `closable` may follow."""
        if not self._unsaved:
            if not self._saver.busy:
                return True
            self._after_save = self.closable.emit
            return False
        answer = self._ask("Close")
        if answer == QMessageBox.StandardButton.Save:
            self._save_before(self.closable.emit)
        elif answer == QMessageBox.StandardButton.Cancel:
            self._session.release()
        return answer == QMessageBox.StandardButton.Discard

    def _guard(self, action: Callable[[], None], verb: str = "Go on") -> None:
        """Do what would lose unsaved work at once, after saving, or not at all, as the person says."""
        if not self._unsaved:
            action()
            return
        answer = self._ask(verb)
        if answer == QMessageBox.StandardButton.Save:
            self._save_before(action)
            return
        if answer == QMessageBox.StandardButton.Discard:
            action()
        self._session.release()

    def _save_before(self, action: Callable[[], None]) -> None:
        """Save, and then do it; training is held back until then, so that what is saved is all there is."""
        self._after_save = action
        self.save()
        if self._after_save is None:
            # No file was chosen.
            self._session.release()

    def _ask(self, verb: str) -> QMessageBox.StandardButton:
        """The question; training is held back from here on, and whoever asked lets it go on."""
        self._session.hold()
        box = self._box("Unsaved work", f"“{self._document_name()}” has work that is not saved.")
        box.setInformativeText(f"{verb} without saving, and this is lost: {self._at_stake()}.")
        box.setStandardButtons(
            QMessageBox.StandardButton.Save
            | QMessageBox.StandardButton.Discard
            | QMessageBox.StandardButton.Cancel
        )
        box.setDefaultButton(QMessageBox.StandardButton.Save)
        box.setEscapeButton(QMessageBox.StandardButton.Cancel)
        return QMessageBox.StandardButton(self._answer(box))

    def _answer(self, box: QMessageBox) -> int:
        """Wait for a person's answer."""
        with self._question():
            return box.exec()

    @contextmanager
    def _question(self) -> Iterator[None]:
        """While a question is open, nothing takes the document's place: it is what the question is about."""
        outer, self._asking = self._asking, True
        try:
            yield
        finally:
            self._asking = outer

    def _document_name(self) -> str:
        path = self._document.path
        return path.name if path else self._document.experiment.name

    def _box(self, title: str, text: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(title)
        box.setText(text)
        return box

    # --- opening -----------------------------------------------------------------------------------------

    def new_from_preset(self, name: str) -> None:
        """Load a ready experiment."""
        self._guard(lambda: self._load(preset(name)))

    def ask_open(self, tables_only: bool = False) -> None:
        """Let the person choose a file and open it."""
        folder = str(preferences().last_folder)
        with self._question():
            chosen, _ = QFileDialog.getOpenFileName(
                self._window, "Open", folder, TABLE_FILTER if tables_only else OPEN_FILTER
            )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Open a model, an experiment or a table, by its suffix.

        The document stays until the file is read; what is unsaved in it is asked about then.
        """
        self._begin_opening(path.absolute())

    def cancel_opening(self) -> None:
        """Leave the document as it is; nothing happens where nothing is being opened."""
        job, self._wish = self._opening, self._wish + 1
        if job is not None:
            self._jobs.cancel(job)
            # It may have ended, and wait for a question to be answered.
            self._opening_ended()

    def _begin_opening(self, path: Path) -> None:
        self.cancel_opening()
        number, wish = self._session.new_number(), self._wish
        self._opening = self._jobs.start(
            f"Opening {path.name}",
            lambda progress: open_file(path, number, progress),
            lambda found: self._opened(found, wish),
            lambda error: self._opening_failed(path, error),
            self._opening_ended,
            announced=False,
        )
        self.opening.emit(self._opening)

    def _opening_ended(self) -> None:
        self._opening = None
        self.opening.emit(None)

    def _opening_failed(self, path: Path, error: UserError) -> None:
        self._opening_ended()
        self.problem.emit("Open", error)

    def _opened(self, found: Opened | Unresumable, wish: int) -> None:
        """Put what was read in place of the document; what is unsaved in this is asked about."""
        if wish == self._wish and not self._postponed(lambda: self._opened(found, wish)):
            self._opening_ended()
            self._guard(lambda: self._show_opened(found), f"Open {found.path.name}")

    def _postponed(self, action: Callable[[], None]) -> bool:
        """Put something off while a question is open or its answer is being carried out.

        It is about the document that is there now.
        """
        busy = self._asking or self._after_save is not None
        if busy:
            QTimer.singleShot(LOOK_AGAIN_MS, self, action)
        return busy

    def _show_opened(self, found: Opened | Unresumable) -> None:
        if isinstance(found, Unresumable):
            self._offer_experiment(found)
            return
        preferences().add_recent_file(found.path)
        preferences().last_folder = found.path.parent
        self._document.load(found.experiment, found.path if found.path.suffix.lower() == SUFFIX else None)
        self._document.file_state = found.state
        self.loaded.emit()
        self._document.run = self._session.open(found.run, found.maker)

    def restore(self, work: LeftBehind) -> None:
        """Bring back what a program has left behind; that is removed once this one's journal has it."""
        self.cancel_opening()
        number, wish = self._session.new_number(), self._wish
        self._opening = self._jobs.start(
            f"Restoring {work.experiment.name}",
            lambda progress: restore(work, number, progress),
            lambda found: self._restored(work, found, wish),
            lambda error: self._restored(work, Unresumable(work.folder, work.experiment, error), wish),
            lambda: self._leave_for_later(work),
            announced=False,
        )
        self.opening.emit(self._opening)

    def _restored(self, work: LeftBehind, found: Opened | Unresumable, wish: int) -> None:
        if wish != self._wish:
            work.close()
            return
        if self._postponed(lambda: self._restored(work, found, wish)):
            return
        self._opening_ended()
        if isinstance(found, Unresumable):
            self._leave_for_later(work)
            self._offer_experiment(found)
        else:
            generation = self._document.generation
            self._guard(lambda: self._show_restored(work, found), "Restore")
            if self._document.generation == generation and self._after_save is None:
                self._leave_for_later(work)

    def _leave_for_later(self, work: LeftBehind) -> None:
        """It is not restored now: the next start offers it again."""
        self._opening_ended()
        work.close()

    def _show_restored(self, work: LeftBehind, found: Opened) -> None:
        """The run is as it was then, with what was edited since as an edit."""
        self._document.load(found.experiment, work.path)
        self._document.file_state = work.file
        self.loaded.emit()
        self._document.run = self._session.open(found.run, found.maker)
        # None of it is saved, whatever a file of that name holds.
        self._saved_steps[self._document.run] = 0
        self._document.touch()
        self._document.edit(work.experiment, "Edits before the program ended")
        self.restored.emit(work)

    def _load(self, experiment: Experiment) -> None:
        """Begin with an experiment that is no file's."""
        self.cancel_opening()
        self._document.load(experiment, None)
        self.loaded.emit()
        self._document.run = self._session.load(experiment)

    def _offer_experiment(self, found: Unresumable) -> None:
        """The data of a saved run is gone or has changed: its experiment can still be opened."""
        box = self._box("Open", str(found.error))
        box.setInformativeText(
            f"The experiment in {found.path.name} can be opened without its weights, to choose the "
            "data again and train from the start. The file stays as it is, and `gradwright predict` can "
            "still use it."
        )
        alone = box.addButton("Open the experiment", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        self._answer(box)
        if box.clickedButton() is alone:
            self._load(found.experiment)

    # --- saving ------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save to the file at hand, or ask for one."""
        commit_field(self._window)
        if self._document.path is None:
            self.save_as()
        else:
            self.save_to(self._document.path)

    def save_as(self) -> None:
        """Ask where to save."""
        name = (
            self._document.path
            or preferences().last_folder / f"{file_name(self._document.experiment)}{SUFFIX}"
        )
        with self._question():
            chosen, _ = QFileDialog.getSaveFileName(self._window, "Save as", str(name), SAVE_FILTER)
        if not chosen:
            self._after_save = None
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
        self._saved_steps[order.run] = order.copy.step
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
        if self._after_save is None or self._saver.busy:
            return
        if current and not complete:
            # Edited since: what waits would lose that.
            self.save_to(order.path)
            return
        action, self._after_save = self._after_save, None
        action()
        self._session.release()

    def _ask_to_replace(self, order: SaveOrder, clash: Clash) -> None:
        """The file holds what nobody has agreed to lose."""
        name, theirs = order.path.name, _steps(clash.found.step)
        if clash.changed:
            text = f"“{name}” was changed by another program since it was opened or saved here."
        else:
            text = f"“{name}” holds more training than what is to be saved."
        box = self._box("Save", text)
        box.setInformativeText(f"The file holds {theirs}; what you save has {_steps(order.copy.step)}.")
        replacing = box.addButton("Replace the file", QMessageBox.ButtonRole.DestructiveRole)
        other = box.addButton("Save as…", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(other)
        self._answer(box)
        if box.clickedButton() is replacing:
            self._saver.replace(order)
        elif box.clickedButton() is other:
            self.save_as()
            if not self._saver.busy:
                self._forget_what_waits()
        else:
            self._forget_what_waits()

    def _save_failed(self, error: UserError | None) -> None:
        self._forget_what_waits()
        if error is not None:
            self.problem.emit("Save", error)

    def _forget_what_waits(self) -> None:
        """What was to be saved is not, so nothing that would lose it is done."""
        self._after_save = None
        self._session.release()


def _steps(count: int | None) -> str:
    if count is None:
        return "an experiment without training"
    return quantity_text(count, "training step", "training steps")


def file_name(experiment: Experiment) -> str:
    """The experiment's name as a file name."""
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in experiment.name)
    return "-".join(kept.lower().split()) or "untitled"
