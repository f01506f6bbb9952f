"""The import dialog: a table as it will be used, and what to predict from it. Changes nothing until asked."""

import itertools
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from engine.data import DataSettings
from engine.data.columns.roles import Role, with_role
from engine.data.columns.settings import ColumnType
from engine.errors import UserError
from gui.core.jobs import Exports, JobRunner
from gui.kit import InlineMessage, Label, PlainScrollArea, theme
from gui.kit.layouts import scroll_to
from gui.kit.text import tr
from gui.window.data_import.choices import ImportChoices, with_target
from gui.window.data_import.findings import FindingBlocks
from gui.window.data_import.heading import AS_USED, ImportHeading, rule
from gui.window.data_import.preview_table import Preview
from gui.window.data_import.table_reading import TableAsRead, TableReading
from gui.window.data_import.unreadable import UnreadablePlaces

LARGEST = QSize(1500, 960)
AROUND = 40
SIDE_WIDTH = 318
UNCHANGED = tr(
    "Nothing is changed in the file. These choices are kept with the experiment, and used again for "
    "prediction."
)


class ImportDialog(QDialog):
    """Reads a table with settings that a person changes until it is understood right.

    settings : what is chosen already. `used` : the DataSettings that were agreed to, and the TableAsRead.
    """

    used = Signal(object, object)

    def __init__(self, settings: DataSettings, jobs: JobRunner, exports: Exports, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent.size() - QSize(AROUND, AROUND)
        self.setObjectName("import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self._found: TableAsRead | None = None
        self._error: UserError | None = None
        self._noticed: bool | None = None
        self._name = Path(getattr(settings.source, "path", "")).name or tr(settings.source.heading)
        self.setWindowTitle(tr("Import {name}", name=self._name))
        self.reading = TableReading(jobs, self)
        self.choices = ImportChoices(settings)
        self.preview = Preview()
        self.findings, self.unreadable = FindingBlocks(), UnreadablePlaces(exports)
        self.message = InlineMessage()
        self.heading = ImportHeading(self._name)
        self.cancel_button, self.use_button = QPushButton(tr("Cancel")), QPushButton(tr("Use this data"))
        self.note = Label(UNCHANGED, "muted", wrap=True)
        self._build()
        self._connect()
        self._show()
        self.reading.read(settings)
        self.reading.read_parts(settings)

    @property
    def settings(self) -> DataSettings:
        """What is chosen so far."""
        return self._settings

    @property
    def target(self) -> str | None:
        """The column that is predicted, or labels the samples; None where nobody has chosen it."""
        source = self._settings.source
        return self._settings.target or source.usual_target or None

    @property
    def understood(self) -> TableAsRead | None:
        """The table as it is understood now, all of it; None while it is being read, or cannot be."""
        return self._found if self._found is not None and self._found.whole and not self._error else None

    @property
    def missing(self) -> str:
        """What has to be chosen or mended before the data can be used; empty where nothing has."""
        found = self.understood
        if self._error is not None:
            return str(self._error)
        if found is None:
            return tr("The table is being read.")
        if self.target is None and self._settings.task != "reconstruction":
            return tr("Choose what should be predicted.")
        problem = found.description.problem
        return "" if problem is None else str(problem)

    def reject(self) -> None:
        self.reading.cancel()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reading.cancel()
        super().closeEvent(event)

    # --- assembly ----------------------------------------------------------------------------------------

    def _build(self) -> None:
        side = PlainScrollArea(self.choices)
        side.setFixedWidth(theme.scaled(SIDE_WIDTH))
        theme.set_sizes(side, width=SIDE_WIDTH)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(side)
        middle.addWidget(rule(upright=True))
        middle.addWidget(self._table_and_findings(), 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(18, 12, 18, 12)
        foot.setSpacing(10)
        foot.addWidget(self.note, 1)
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.use_button)
        self.use_button.setProperty("primary", True)
        self.use_button.setDefault(True)
        self.cancel_button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.heading)
        layout.addLayout(middle, 1)
        layout.addWidget(rule())
        layout.addLayout(foot)
        self.resize(self._room.boundedTo(LARGEST * theme.scale()))

    def _table_and_findings(self) -> QWidget:
        upper = QWidget()
        above = QVBoxLayout(upper)
        above.setContentsMargins(16, 14, 16, 8)
        above.addWidget(self.message)
        above.addWidget(self.preview, 1)
        # An error without a preview stays at the top.
        above.addStretch(0)
        below = QWidget()
        columns = QHBoxLayout(below)
        columns.setContentsMargins(16, 8, 16, 14)
        columns.setSpacing(28)
        columns.addWidget(self.findings, 3)
        columns.addWidget(self.unreadable, 2)
        split = self._split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(PlainScrollArea(below))
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        return split

    def _connect(self) -> None:
        self.reading.understood.connect(self._take)
        self.reading.failed.connect(self._fail)
        self.reading.busy_changed.connect(self._show_busy)
        self.reading.fields_read.connect(self._take_fields)
        self.reading.parts_read.connect(self.choices.show_parts)
        self.choices.changed.connect(self._change)
        self.choices.guess_taken.connect(self._take_guess)
        self.preview.table.type_chosen.connect(self._give_type)
        self.preview.table.role_chosen.connect(self._give_role)
        self.findings.chosen.connect(lambda remedy: self._change(remedy.apply(self._settings)))
        self.findings.shown.connect(self._show_columns)
        self.unreadable.read_as_text.connect(lambda name: self._give_type([name], "text"))
        self.heading.view_changed.connect(self._show_view)
        self.cancel_button.clicked.connect(self.reject)
        self.use_button.clicked.connect(self._use)

    # --- what a person does ------------------------------------------------------------------------------

    def _change(self, settings: DataSettings) -> None:
        if settings == self._settings:
            return
        other_table = settings.read_from != self._settings.read_from
        self._settings = settings
        if other_table:
            self._found = None if self._error is not None else self._found
            self._error = None
            self.heading.view.set_value(AS_USED)
        self.reading.read(settings)
        self._show()

    def _give_type(self, names: list[str], kind: ColumnType | None) -> None:
        settings = self._settings
        for name in names:
            settings = settings.with_column(settings.column(name).of_type(kind))
        self._change(settings)

    def _give_role(self, names: list[str], role: Role) -> None:
        if role == "target":
            self._change(with_target(self._settings, *names))
        else:
            self._change(with_role(self._settings, names, role))

    def _take_guess(self) -> None:
        found = self._found
        if found is not None and found.description.target is not None:
            self._change(with_target(self._settings, found.description.target))

    def _show_columns(self, names: list[str]) -> None:
        self.preview.table.select(names)
        self.preview.table.setFocus()

    def _use(self) -> None:
        found = self.understood
        if found is not None and not self.missing and self.reading.job is None:
            self.used.emit(self._settings, found)
            self.accept()
        elif found is not None and self.target is None:
            # The button says what is missing; this is where it is given.
            choice = self.choices.target.choice
            scroll_to(choice, choice.rect())
            choice.setFocus()
            choice.showPopup()

    # --- what is read ------------------------------------------------------------------------------------

    def _take(self, found: TableAsRead) -> None:
        self._found, self._error = found, None
        names = {column.name for column in found.table.columns}
        if found.whole and self._settings.target is not None and self._settings.target not in names:
            # Read in another way the table has other columns: what to predict is open again.
            self._settings = self._settings.replace(target=None, further_targets=(), task=None)
        self._show()

    def _fail(self, error: UserError) -> None:
        self._error = error
        self._show()

    def _take_fields(self, fields: list[list[str]]) -> None:
        if self.heading.as_written:
            self.preview.table.columns.show_fields(fields or None)
            self.preview.show_selection()

    def _show_view(self) -> None:
        if self.heading.as_written:
            self.reading.read_fields(self._settings)
        else:
            self.preview.table.columns.show_fields(None)
            self.preview.show_selection()

    # --- what is shown -----------------------------------------------------------------------------------

    def _show(self) -> None:
        found, settings, target = self._found, self._settings, self.target
        description = found.description if found is not None else None
        notes = description.notes if description is not None and found is not None and found.whole else ()
        self.choices.show_settings(settings, target, description, notes)
        self.choices.show_format(found.format if found is not None else {})
        self.choices.parts.setVisible(found is not None and found.whole)
        failed = self._error is not None
        self.message.show_message(str(self._error) if failed else "", "error")
        self.preview.setVisible(not failed)
        self.preview.table.columns.show(found, settings, target)
        self.preview.show_selection()
        self.heading.show_found(None if failed else found)
        self.findings.setVisible(found is not None and found.whole and not failed)
        about_target = () if description is None or target is not None else ABOUT_TARGET
        self.findings.show_findings(
            [one for one in description.findings if one.kind not in about_target]
            if description is not None
            else ()
        )
        # Links come and go with what is found, and are reached after the table that they are about.
        for before, link in itertools.pairwise((self.preview.role, *self.findings.links())):
            QWidget.setTabOrder(before, link)
        self.unreadable.show_places(
            found.table.unreadable if found is not None and found.whole and not failed else (),
            found.table.rows if found else 0,
        )
        self._share_height(bool(self.findings.blocks) or bool(description and description.unreadable))
        self._show_busy()

    def _share_height(self, noticed: bool) -> None:
        """Give the table what findings do not need; where a person has moved the border, it stays."""
        if noticed != self._noticed:
            self._noticed = noticed
            height = sum(self._split.sizes()) or self.height()
            below = height * 9 // 25 if noticed else self.findings.sizeHint().height() + 24
            self._split.setSizes([height - below, below])

    def _show_busy(self) -> None:
        busy, missing = self.reading.job is not None, self.missing
        untold = self.understood is not None and self.target is None and bool(missing)
        self.use_button.setText(tr("Choose what to predict") if untold else tr("Use this data"))
        self.use_button.setEnabled(not busy and (not missing or untold))
        self.use_button.setToolTip(missing)
        problem = self.understood is not None and bool(missing) and not busy
        self.note.setText(missing if problem else UNCHANGED)
        self.note.setProperty("quality", "warning" if problem else "muted")
        self.note.style().polish(self.note)
        self.heading.show_job(self.reading.job)


ABOUT_TARGET = ("gives_target_away", "missing_target", "rare_classes", "imbalance", "few_rows")
"""Findings about a target say nothing while none is chosen."""
