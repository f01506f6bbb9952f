"""Opens the import dialog, and puts what was agreed to in place of the data: one step to undo."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.data import DataSettings
from engine.errors import UserError
from gui.core.importing import imported_experiment, is_table, table_settings
from gui.core.jobs import Job
from gui.core.preferences import preferences
from gui.kit.text import tr
from gui.panels.base import PanelContext
from gui.window.data_import.dialog import ImportDialog
from gui.window.data_import.table_reading import TableAsRead
from gui.window.dialogs import MessageBoxes
from gui.window.file_commands import FileCommands


class ImportCommands(QObject):
    """One import at a time: another takes the place of the first."""

    def __init__(
        self, window: QWidget, context: PanelContext, files: FileCommands, messages: MessageBoxes
    ) -> None:
        super().__init__(window)
        self._window, self._messages = window, messages
        self._document, self._session = context.document, context.session
        self._exports, self._files = context.exports, files
        files.table_chosen.connect(self.open)
        files.opening.connect(lambda job: None if job is None else self._give_up())
        context.requests.import_data.connect(self.read_again)
        self._dialog: ImportDialog | None = None
        self._beginning: Job | None = None
        """What reads the beginning of the file that is opened."""

    @property
    def dialog(self) -> ImportDialog | None:
        """The one that is open, if any is."""
        return self._dialog

    def open(self, path: Path) -> None:
        """Import a table for another experiment."""
        self._give_up()
        generation = self._document.generation

        def show(settings: DataSettings) -> None:
            self._beginning = None
            # Another document was opened meanwhile: that is what is wanted now.
            if generation == self._document.generation:
                self._show(settings, again=False)

        # Some files say themselves what is to be predicted: their beginning is read, which may take long.
        self._beginning = self._session.jobs.start(
            tr("Opening {name}", name=path.name),
            lambda _: table_settings(path.absolute()),
            show,
            announced=False,
        )

    def _give_up(self) -> None:
        """Open no dialog for the file whose beginning is being read."""
        if self._beginning is not None:
            self._session.jobs.cancel(self._beginning)
            self._beginning = None

    def read_again(self, settings: DataSettings) -> None:
        """Import for the experiment at hand: other ways to read its table, or another table."""
        self._show(settings, again=True)

    def _show(self, settings: DataSettings, *, again: bool) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        dialog = self._dialog = ImportDialog(settings, self._session.jobs, self._exports, self._window)
        dialog.used.connect(partial(self._use, again))
        dialog.finished.connect(lambda _: self._forget(dialog))
        dialog.open()

    def _forget(self, dialog: ImportDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None

    def _use(self, again: bool, settings: DataSettings, found: TableAsRead) -> None:
        source, path = settings.source, Path(getattr(settings.source, "path", ""))
        before = self._document.experiment
        same = again and type(source) is type(before.data.source)
        same_file = same and getattr(before.data.source, "path", "") == str(path)
        try:
            new = before.replace(data=settings) if same_file else imported_experiment(settings, found.table)
        except UserError as error:
            self._messages.show_problem(tr("Open"), error)
            return
        if not same_file:
            self._files.leaving.emit(False)
        self._session.know_table(settings, found.table, found.state)
        if same_file:
            self._document.edit(new, tr("Change how {name} is read", name=path.name))
        else:
            self._document.begin(new, tr("Import {name}", name=path.name or tr(source.heading)))
        if is_table(source):
            preferences().add_recent_file(path)
            preferences().last_folder = path.parent
