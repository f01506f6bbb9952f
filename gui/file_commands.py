"""Open, save, recent files, the question about unsaved work: everything the window does with files."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.errors import UserError
from engine.experiment import Experiment
from engine.files.opening import open_run, preset
from engine.files.run_file import SUFFIX
from engine.settings import read
from gui.document import Document
from gui.messages import Failed, Opened, Saved, Unresumable
from gui.plots.numerals import quantity
from gui.session import Session
from gui.settings import preferences
from gui.widgets.field import commit_field

TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".gz")
TABLE_PATTERNS = " ".join(f"*{suffix}" for suffix in TABLE_SUFFIXES)
OPEN_FILTER = (
    f"All that can be opened (*{SUFFIX} *.json {TABLE_PATTERNS});;Gradwright (*{SUFFIX});;"
    f"Experiments (*.json);;Tables ({TABLE_PATTERNS});;All files (*)"
)
TABLE_FILTER = f"Tables ({TABLE_PATTERNS});;All files (*)"
SAVE_FILTER = f"Gradwright (*{SUFFIX})"


class FileCommands(QObject):
    """Goes between document, session and the person's files.

    `loaded` : another experiment is at hand (start page and plots react). `problem` : a UserError to show.
    """

    loaded = Signal()
    problem = Signal(str, object)
    closable = Signal()
    """What was to be saved before closing is saved."""

    def __init__(self, window: QWidget, document: Document, session: Session) -> None:
        super().__init__(window)
        self._window, self._document, self._session = window, document, session
        self._after_save: Callable[[], None] | None = None
        """What waits for the file to be on disk: closing, or opening another."""
        self._being_saved = 0
        """Saves that the worker has not answered yet."""
        self._step = 0
        self._saved_step = 0
        session.saved.connect(self._saved)
        session.opened.connect(self._opened)
        session.failed.connect(self._failed)
        session.unresumable.connect(self._offer_experiment)
        session.crashed.connect(self._forget_deed)

    def begin_run(self, step: int) -> None:
        """Another run is at hand, with `step` optimizer steps behind it."""
        self._step = self._saved_step = step

    def note_step(self, step: int) -> None:
        """The run at hand has come this far: more than what is saved is unsaved work."""
        self._step = step
        if step > self._saved_step:
            self._document.touch()

    def new_from_preset(self, name: str) -> None:
        """Load a ready experiment."""
        self._guard(lambda: self._load(preset(name), None))

    def ask_open(self, tables_only: bool = False) -> None:
        """Let the person choose a file and open it."""
        folder = str(preferences().last_folder)
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open", folder, TABLE_FILTER if tables_only else OPEN_FILTER
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Open a model, an experiment or a table, by its suffix."""
        self._guard(lambda: self._open(path))

    def _open(self, path: Path) -> None:
        preferences().last_folder = path.parent
        if path.suffix.lower() == SUFFIX:
            self._session.open(path.absolute())
            return
        try:
            if path.suffix.lower() in TABLE_SUFFIXES:
                if not path.is_file():
                    raise UserError(
                        str(path),
                        expected="an existing file",
                        got="nothing at this path",
                        help="Check how its name is spelt, and which folder it is in.",
                    )
                experiment = table_experiment(path)
            else:
                experiment = open_run(str(path)).experiment
                if experiment.name == Experiment().name:
                    experiment = experiment.replace(name=path.stem[:100])
        except UserError as error:
            self.problem.emit("Open", error)
            return
        preferences().add_recent_file(path)
        self._load(experiment, None)

    def save(self) -> None:
        """Save to the file at hand, or ask for one."""
        commit_field(self._window)
        if self._document.path is None:
            self.save_as()
        else:
            self._save_to(self._document.path)

    def save_as(self) -> None:
        """Ask where to save."""
        name = (
            self._document.path
            or preferences().last_folder / f"{file_name(self._document.experiment)}{SUFFIX}"
        )
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save as", str(name), SAVE_FILTER)
        if not chosen:
            self._after_save = None
            return
        path = Path(chosen)
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
        self._save_to(path.absolute())

    def _save_to(self, path: Path) -> None:
        self._being_saved += 1
        self._session.save(path, self._document.experiment)

    def may_close(self) -> bool:
        """True where nothing would be lost, or the person says that it may be; else `closable` may follow."""
        if not self._document.modified:
            return True
        answer = self._ask("Close")
        if answer == QMessageBox.StandardButton.Save:
            self._save_before(self.closable.emit)
        elif answer == QMessageBox.StandardButton.Cancel:
            self._session.release()
        return answer == QMessageBox.StandardButton.Discard

    def _guard(self, deed: Callable[[], None]) -> None:
        """Do what would lose unsaved work at once, after saving, or not at all, as the person says."""
        if not self._document.modified:
            deed()
            return
        answer = self._ask("Go on")
        if answer == QMessageBox.StandardButton.Save:
            self._save_before(deed)
            return
        if answer == QMessageBox.StandardButton.Discard:
            deed()
        self._session.release()

    def _save_before(self, deed: Callable[[], None]) -> None:
        """Save, and then do it; training is held back until then, so that what is saved is all there is."""
        self._after_save = deed
        self.save()
        if self._after_save is None:
            # No file was chosen.
            self._session.release()

    def _ask(self, deed: str) -> QMessageBox.StandardButton:
        """The question; training is held back from here on, and whoever asked lets it go on."""
        self._session.hold()
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Unsaved work")
        name = self._document.path.name if self._document.path else self._document.experiment.name
        box.setText(f"“{name}” has work that is not saved.")
        box.setInformativeText(f"{deed} without saving, and this is lost: {self._at_stake()}.")
        box.setStandardButtons(
            QMessageBox.StandardButton.Save
            | QMessageBox.StandardButton.Discard
            | QMessageBox.StandardButton.Cancel
        )
        box.setDefaultButton(QMessageBox.StandardButton.Save)
        box.setEscapeButton(QMessageBox.StandardButton.Cancel)
        return QMessageBox.StandardButton(box.exec())

    def _at_stake(self) -> str:
        """What would be lost, in words."""
        lost = []
        if not self._document.undo_stack.isClean():
            lost.append("your edits of the experiment")
        steps = self._step - self._saved_step
        if steps > 0:
            lost.append(quantity(steps, "training step", "training steps"))
        return " and ".join(lost) or "what was trained"

    def _load(self, experiment: Experiment, path: Path | None, opened: bool = False) -> None:
        # The worker has an opened run already; anything else it has to begin.
        self._document.load(experiment, path)
        if not opened:
            self._session.load(experiment)
        self.loaded.emit()

    def _saved(self, message: Saved) -> None:
        self._saved_step = message.step
        preferences().add_recent_file(message.path)
        preferences().last_folder = message.path.parent
        self._being_saved = max(self._being_saved - 1, 0)
        current = message.experiment == self._document.experiment
        if current:
            self._document.saved(message.path)
        if self._after_save is None or self._being_saved:
            return
        if not current:
            # Edited since: what waits would lose that.
            self._save_to(message.path)
            return
        deed, self._after_save = self._after_save, None
        deed()
        self._session.release()

    def _opened(self, message: Opened) -> None:
        preferences().add_recent_file(message.path)
        self._load(message.experiment, message.path, opened=True)

    def _offer_experiment(self, message: Unresumable) -> None:
        """The data of a saved run is gone or has changed: its experiment can still be opened."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Open")
        box.setText(str(message.error))
        box.setInformativeText(
            f"The experiment in {message.path.name} can be opened without its weights, to choose the "
            "data again and train anew. The file stays as it is, and `gradwright predict` can still use it."
        )
        alone = box.addButton("Open the experiment", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        if box.clickedButton() is alone:
            self._load(message.experiment, None)

    def _forget_deed(self) -> None:
        """Nothing is saved any more, so nothing waits for it."""
        self._being_saved = 0
        if self._after_save is not None:
            self._after_save = None
            self._session.release()

    def _failed(self, message: Failed) -> None:
        self._forget_deed()
        self.problem.emit(message.deed, message.error)


def table_experiment(path: Path) -> Experiment:
    """A sensible first experiment for a person's own table: one hidden layer, Adam, early stopping.

    Raises UserError for a path that cannot be written down in an experiment.
    """
    values = {
        "name": path.stem[:100] or "Table",
        "data": {"source": {"kind": "csv", "path": str(path.absolute())}},
        "layers": [{"kind": "dense", "units": 32}],
        "training": {
            "epochs": 100,
            "optimizer": {"kind": "adam", "learning_rate": 0.003},
            "early_stopping": {},
        },
    }
    return read(Experiment, values, path.name)


def file_name(experiment: Experiment) -> str:
    """The experiment's name as a file name."""
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in experiment.name)
    return "-".join(kept.lower().split()) or "untitled"
