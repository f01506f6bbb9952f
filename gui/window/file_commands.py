"""What the window does with files: opens and restores them, saves, and asks before work would be lost."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.left_behind import LeftBehind
from engine.files.opening import preset
from engine.files.run_file import SUFFIX
from gui.core.document import Document
from gui.core.importing import is_named_as_table
from gui.core.jobs import Job
from gui.core.opening import (
    OPEN_FILTER,
    TABLE_FILTER,
    Found,
    Opened,
    OpenedLesson,
    Unresumable,
    open_file,
    restore,
)
from gui.core.preferences import preferences
from gui.core.session import Session
from gui.kit.text import tr
from gui.window.file_saving import FileSaving, Questions, UnsavedWork

LOOK_AGAIN_MS = 50


def dropped_path(urls: list[QUrl]) -> Path | None:
    """The file that was dropped; None where it is not one alone, or on another machine."""
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


class FileCommands(QObject):
    """Goes between document, session and the person's files, which are read and written in jobs.

    `loaded` : another experiment is at hand (start page and plots react). `problem` : a UserError to show.
    `table_chosen`, `lesson_chosen` : one of these begins. `saved` : it is written. `opening` : the job that
    opens a file, None when it is over. `restored` : what was left behind is there. `closable` : all is saved.
    `leaving` : a lesson is to bring back what it has set aside; True: only what is unsaved of it.
    """

    loaded = Signal()
    problem = Signal(str, object)
    table_chosen = Signal(object)
    lesson_chosen = Signal(object)
    saved = Signal(object)
    opening = Signal(object)
    restored = Signal(object)
    closable = Signal()
    leaving = Signal(bool)

    def __init__(self, window: QWidget, document: Document, session: Session) -> None:
        super().__init__(window)
        self._window, self._document, self._session, self._jobs = window, document, session, session.jobs
        self.work = UnsavedWork(document, session)
        self._questions = Questions(window, document)
        self.saving = FileSaving(window, document, session, self.work, self._questions)
        self.saving.saved.connect(self.saved)
        self.saving.problem.connect(self.problem)
        self._opening: Job | None = None
        self._newest_opening = 0
        """How many openings were asked for: only the newest takes the document's place."""

    @property
    def job(self) -> Job | None:
        """The one that opens a file, if there is one."""
        return self._opening

    @property
    def busy(self) -> bool:
        """Whether a file is being opened or written, or a copy of the run is still to come for that."""
        return self._opening is not None or self.saving.busy

    # --- unsaved work ------------------------------------------------------------------------------------

    def begin_run(self, step: int) -> None:
        """Another run is at hand, with `step` optimizer steps behind it."""
        self.work.begin_run(step)

    def note_step(self, step: int) -> None:
        """The run at hand has come this far: more than what is saved is unsaved work."""
        self.work.note_step(step)

    def may_close(self) -> bool:
        """True where nothing would be lost, or the person says that it may be; else `closable` may follow."""
        self.leaving.emit(True)
        if not self.work.exists:
            if not self.saving.busy:
                return True
            self.saving.wait(self.closable.emit)
            return False
        answer = self._ask(tr("Close"))
        if answer == QMessageBox.StandardButton.Save:
            self.saving.save_before(self.closable.emit)
        elif answer == QMessageBox.StandardButton.Cancel:
            self._session.release()
        return answer == QMessageBox.StandardButton.Discard

    def _guard(self, action: Callable[[], None], verb: str = tr("Go on")) -> None:
        """Do what would lose unsaved work at once, after saving, or not at all, as the person says."""
        self.leaving.emit(True)
        if not self.work.exists:
            action()
            return
        answer = self._ask(verb)
        if answer == QMessageBox.StandardButton.Save:
            self.saving.save_before(action)
            return
        if answer == QMessageBox.StandardButton.Discard:
            action()
        self._session.release()

    def _ask(self, verb: str) -> QMessageBox.StandardButton:
        """The question; training is held back from here on, and the caller lets it go on."""
        self._session.hold()
        return self._questions.about_unsaved_work(verb, self.work.at_stake())

    # --- opening -----------------------------------------------------------------------------------------

    def new_from_preset(self, name: str) -> None:
        """Load a ready experiment."""
        self.begin(preset(name))

    def guarded(self, action: Callable[[], None]) -> None:
        """Do what puts another document in place; what is unsaved is asked about before."""
        self._guard(action)

    def begin(self, experiment: Experiment) -> None:
        """Begin with an experiment that is in no file; what is unsaved is asked about before."""
        self._guard(lambda: self.load(experiment))

    def ask_open(self, tables_only: bool = False) -> None:
        """Let the person choose a file and open it."""
        folder = str(preferences().last_folder)
        with self._questions.open():
            chosen, _ = QFileDialog.getOpenFileName(
                self._window, tr("Open"), folder, TABLE_FILTER if tables_only else OPEN_FILTER
            )
        if chosen:
            self.open(Path(chosen))

    def ask_open_folder(self) -> None:
        """Let the person choose a folder of images and open it."""
        with self._questions.open():
            chosen = QFileDialog.getExistingDirectory(
                self._window, tr("Open folder of images"), str(preferences().last_folder)
            )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Open a model, an experiment or a folder of images, or have a table imported.

        The document stays until the file is read; what is unsaved in it is asked about then.
        """
        if is_named_as_table(path):
            self.cancel_opening()
            self.table_chosen.emit(path.absolute())
        else:
            self._begin_opening(path.absolute())

    def cancel_opening(self) -> None:
        """Leave the document as it is; nothing happens where nothing is being opened."""
        job, self._newest_opening = self._opening, self._newest_opening + 1
        if job is not None:
            self._jobs.cancel(job)
            # It may have ended, and wait for a question to be answered.
            self._opening_ended()

    def _begin_opening(self, path: Path) -> None:
        self.cancel_opening()
        number, opening = self._session.new_number(), self._newest_opening
        self._opening = self._jobs.start(
            tr("Opening {name}", name=path.name),
            lambda progress: open_file(path, number, progress),
            lambda found: self._opened(found, opening),
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
        self.problem.emit(tr("Open"), error)

    def _opened(self, found: Found, opening: int) -> None:
        """Put what was read in place of the document; what is unsaved in this is asked about."""
        if opening == self._newest_opening and not self._postponed(lambda: self._opened(found, opening)):
            self._opening_ended()
            if isinstance(found, OpenedLesson):
                preferences().add_recent_file(found.path)
                self.lesson_chosen.emit(found.lesson)
            else:
                self._guard(lambda: self._show_opened(found), tr("Open {name}", name=found.path.name))

    def _postponed(self, action: Callable[[], None]) -> bool:
        """Put something off while a question is open or its answer is being carried out.

        It is about the document that is there now.
        """
        busy = self._questions.asking or self.saving.awaited
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
        number, opening = self._session.new_number(), self._newest_opening
        self._opening = self._jobs.start(
            tr("Restoring {name}", name=work.experiment.name),
            lambda progress: restore(work, number, progress),
            lambda found: self._restored(work, found, opening),
            lambda error: self._restored(work, Unresumable(work.folder, work.experiment, error), opening),
            lambda: self._leave_for_later(work),
            announced=False,
        )
        self.opening.emit(self._opening)

    def _restored(self, work: LeftBehind, found: Opened | Unresumable, opening: int) -> None:
        if opening != self._newest_opening:
            work.close()
            return
        if self._postponed(lambda: self._restored(work, found, opening)):
            return
        self._opening_ended()
        if isinstance(found, Unresumable):
            self._leave_for_later(work)
            self._offer_experiment(found)
        else:
            generation = self._document.generation
            self._guard(lambda: self._show_restored(work, found), tr("Restore"))
            if self._document.generation == generation and not self.saving.awaited:
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
        self.work.note_saved(self._document.run, 0)
        self._document.touch()
        self._document.edit(work.experiment, tr("Edits before the program ended"))
        self.restored.emit(work)

    def load(self, experiment: Experiment) -> None:
        """Begin with an experiment that is no file's."""
        self.cancel_opening()
        self._document.load(experiment, None)
        self.loaded.emit()
        self._document.run = self._session.load(experiment)

    def _offer_experiment(self, found: Unresumable) -> None:
        """The data of a saved run is gone or has changed: its experiment can still be opened."""
        if self._questions.about_experiment_alone(found):
            self.load(found.experiment)

    # --- saving ------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save to the file at hand, or ask for one."""
        self.saving.save()

    def save_as(self) -> None:
        """Ask where to save."""
        self.saving.save_as()

    def save_to(self, path: Path) -> None:
        """Save what there is now, be it without a run, to a file; training goes on meanwhile."""
        self.saving.save_to(path)
