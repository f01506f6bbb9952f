"""The data section of the setup column: source, target, split, and how the table was read."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data import DataSettings, Description
from engine.data.columns.settings import ColumnSettings
from engine.data.sources import Source
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.two_dimensional import Formula
from engine.errors import NoDataYet, UserError
from engine.experiment import Experiment
from gui.core.importing import is_table_file
from gui.core.messages import Invalid, Prepared
from gui.kit import Card, InlineMessage, SectionHeader
from gui.kit.form import SettingsForm
from gui.kit.layouts import SECTION_SPACING, Disclosure, Stack
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.panels.setup import edits
from gui.panels.setup.column_editor import ColumnEditor
from gui.panels.setup.column_table import ColumnTable
from gui.panels.setup.data_doctor import DataDoctor
from gui.panels.setup.difficulty import DifficultyRow
from gui.panels.setup.file_format import FIRST_FIELDS, DataLinks, FileFormat
from gui.panels.setup.finding_list import FindingList
from gui.panels.setup.split_row import SplitRow
from gui.panels.setup.target_and_task import GuessNote, TargetRow, TaskRow, caption

_CHOOSE_A_FILE = tr("Choose a table above, or drop one onto the window.")


class DataSection(Panel):
    """Edits `experiment.data`. Examples made by a formula show only source, noise and split until asked."""

    spec = PanelSpec(
        "data", tr("Data"), "database", "setup", tr("Where the data is from, and how it is prepared.")
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._document = context.document
        self._experiment: Experiment = context.document.experiment
        self._description: Description | None = None
        self._locked = self._training = False
        data = self._experiment.data
        self._header = SectionHeader(tr("Data"))
        self._source = SettingsForm(data, only=tuple(f"source.{name}" for name in FIRST_FIELDS))
        self._links = DataLinks()
        self._message = InlineMessage()
        self._target, self._task, self._task_of_formula = TargetRow(), TaskRow(), TaskRow()
        self._guess = GuessNote()
        self._split = SplitRow(data.split)
        self._doctor = DataDoctor(context)
        self._columns = ColumnTable()
        self._column = ColumnEditor()
        self._columns_fold = Disclosure(tr("Columns"), Stack(self._columns, self._column))
        self._fields_of_file = SettingsForm(data.source, exclude=FIRST_FIELDS)
        self._reading = FileFormat(self._fields_of_file)
        self._fields_of_formula = SettingsForm(data.source, exclude=FIRST_FIELDS)
        self._scaling = SettingsForm(data, only=("scaling",))
        self._scale_target = SettingsForm(data, only=("scale_target",))
        self._categories = SettingsForm(data, only=("categories",))
        self._missing = SettingsForm(data, only=("missing",))
        usual = (self._scaling, self._scale_target, self._categories, self._missing)
        self._forms = (self._source, *usual)
        self._more = Disclosure(tr("More"), Stack(self._fields_of_formula, self._task_of_formula, *usual))
        card = Card()
        often = (self._source, self._links, self._message, self._target, self._guess, self._task, self._split)
        for widget in (*often, self._doctor, self._columns_fold, self._reading, self._more):
            card.body.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SECTION_SPACING)
        layout.addWidget(self._header)
        layout.addWidget(card)
        self._connect()
        self._show_settings()

    @property
    def header(self) -> SectionHeader:
        return self._header

    @property
    def source(self) -> SettingsForm:
        """The chooser of the source, and its first fields."""
        return self._source

    @property
    def links(self) -> DataLinks:
        """To the import dialog and to the data themselves."""
        return self._links

    @property
    def target(self) -> TargetRow:
        return self._target

    @property
    def guess(self) -> GuessNote:
        """That the target is a guess, where it is."""
        return self._guess

    @property
    def task(self) -> TaskRow:
        return self._task

    @property
    def split(self) -> SplitRow:
        return self._split

    @property
    def columns(self) -> ColumnTable:
        return self._columns

    @property
    def column(self) -> ColumnEditor:
        """The settings of the column whose row is chosen."""
        return self._column

    @property
    def findings(self) -> FindingList:
        return self._doctor.findings

    @property
    def difficulty(self) -> DifficultyRow:
        """How hard it is to predict: asked by a click."""
        return self._doctor.difficulty

    @property
    def categories(self) -> SettingsForm:
        """How columns of texts come in; there only where the table has some."""
        return self._categories

    @property
    def more(self) -> Disclosure:
        return self._more

    @property
    def reading(self) -> Disclosure:
        """Notes on how the table was read, and the fields to read it otherwise."""
        return self._reading

    @property
    def message(self) -> InlineMessage:
        """What is wrong with the data."""
        return self._message

    def show_experiment(self, experiment: Experiment) -> None:
        """Show these settings; what was understood of another table is forgotten."""
        before, self._experiment = self._experiment, experiment
        if edits.is_other_table(before.data.source, experiment.data.source):
            self._description = None
            self._message.clear()
        if experiment.data is not before.data:
            self._show_settings()
        elif experiment.layers is not before.layers or experiment.training is not before.training:
            self._show_findings()

    def show_description(self, source: Source, description: Description | None) -> None:
        """Show what was understood of the table of a source; that of an earlier one is passed over."""
        if not edits.is_other_table(source, self._experiment.data.source):
            self._description = description
            self._show_description()

    def show_prepared(self, prepared: Prepared) -> None:
        self.show_description(prepared.experiment.data.source, prepared.description)
        self._split.show_notes(prepared.dataset.notes)

    def show_problem(self, invalid: Invalid) -> None:
        self.show_description(invalid.experiment.data.source, invalid.description)

    def clear(self) -> None:
        """Show the settings alone: of the table nothing is known."""
        super().clear()
        self._description = None
        self._show_description()
        self.show_fault(None)

    def show_fault(self, fault: UserError | None) -> None:
        """Say why the data cannot be used; None takes the sentence away."""
        if fault is None:
            self._message.clear()
        elif isinstance(fault, NoDataYet):
            table = isinstance(self._experiment.data.source, CSVFile)
            self._message.show_message(_CHOOSE_A_FILE if table else fault.help, "accent")
        else:
            self._message.show_message(str(fault), "error")

    def set_locked(self, locked: bool) -> None:
        """While training, and where a lesson says so, the data can be read but not changed."""
        self._training, kept = locked, self.context.lessons.reason("data")
        self._locked, reason = locked or bool(kept), kept or edits.PAUSE_FIRST
        may_change = (lambda item: item.live and not kept) if self._locked else None
        for form in (*self._forms, self._fields_of_file, self._fields_of_formula):
            form.set_enabled_fields(may_change, reason)
        for row in (self._target, self._task, self._task_of_formula):
            row.set_enabled(not self._locked, reason)
        for part in (self._split, self._links, self._columns, self._column):
            part.set_locked(self._locked, reason)
        self._show_findings()

    def _connect(self) -> None:
        self.context.lessons.changed.connect(lambda: self.set_locked(self._training))
        requests = self.context.requests
        self._source.changed.connect(self._choose_source)
        for form in self._forms[1:]:
            form.changed.connect(self._change)
        self._links.read_again.clicked.connect(lambda: requests.import_data.emit(self._experiment.data))
        self._links.look.clicked.connect(lambda: requests.open_tool.emit("data_viewer"))
        for form in (self._fields_of_file, self._fields_of_formula):
            form.changed.connect(partial(self._change_part, "source"))
        self._split.edited.connect(partial(self._change_part, "split"))
        self._split.role_chosen.connect(partial(self._edit, edits.change_split_column))
        self._split.file_chosen.connect(partial(self._edit, edits.change_file))
        self._target.chosen.connect(partial(self._edit, edits.change_target))
        for row in (self._task, self._task_of_formula):
            row.chosen.connect(self._change_task)
        self._columns.used.connect(self._use)
        self._columns.chosen.connect(self._column.choose)
        self._column.changed.connect(self._change_column)
        self._columns.role_chosen.connect(partial(self._edit, edits.change_role))
        self._columns.targets_chosen.connect(partial(self._edit, edits.change_target))

    def _show_settings(self) -> None:
        data = self._experiment.data
        for form in self._forms:
            form.set_value(data)
        fields = self._fields_of_formula if isinstance(data.source, Formula) else self._fields_of_file
        fields.set_value(data.source)
        self._show_description()

    def _show_description(self) -> None:
        data, description = self._experiment.data, self._description
        self._split.show_split(data, description)
        formula = isinstance(data.source, Formula)
        self._links.show_links(is_table_file(data.source), description is not None)
        self._header.set_caption(caption(description, formula) if description else "")
        self._target.setVisible(not formula)
        self._task.setVisible(not formula)
        self._task_of_formula.setVisible(formula)
        self._fields_of_formula.setVisible(formula)
        self._target.show_target(data, description)
        self._guess.show_target(data, None if formula else description)
        (self._task_of_formula if formula else self._task).show_task(data, description)
        columns = description.columns if description and not formula else ()
        self._column.show_columns(data, columns)
        self._columns.show_columns(columns)
        inputs = sum(column.role == "input" for column in columns)
        candidates = sum(column.role not in ("target", "label") for column in columns)
        self._columns_fold.setVisible(candidates > 1)
        self._columns_fold.set_caption(
            tr("{inputs} of {candidates} used", inputs=count_text(inputs), candidates=count_text(candidates))
        )
        inputs_of_texts = any(one.role == "input" and one.kind in ("category", "code") for one in columns)
        self._categories.setVisible(inputs_of_texts or data.categories != "one_hot")
        regression = description is not None and description.task == "regression"
        self._scale_target.setVisible(regression or not data.scale_target)
        self._missing.setVisible(any(column.missing for column in columns))
        self._reading.show_source(data.source, description.notes if description else ())
        self._show_findings()

    def _show_findings(self) -> None:
        formula = isinstance(self._experiment.data.source, Formula)
        self._doctor.show_description(self._experiment, self._description, self._locked, formula)

    def _change(self, data: DataSettings, path: str) -> None:
        self._document.edit(*edits.change_data(self._experiment, data, path))

    def _choose_source(self, data: DataSettings, path: str) -> None:
        """A table that is chosen is looked at before it is used; other sources are used at once."""
        if is_table_file(data.source) and edits.is_other_table(self._experiment.data.source, data.source):
            chosen = edits.change_data(self._experiment, data, path).experiment.data
            self._source.set_value(self._experiment.data)
            self.context.requests.import_data.emit(chosen)
        else:
            self._change(data, path)

    def _change_part(self, name: str, changed: Any, path: str) -> None:
        self._change(self._experiment.data.replace(**{name: changed}), f"{name}.{path}")

    def _edit(self, edit: Callable[..., edits.Edit], *arguments: Any) -> None:
        self._document.edit(*edit(self._experiment, *arguments))

    def _change_task(self, task: Any) -> None:
        self._document.edit(*edits.change_task(self._experiment, task, self._description))

    def _change_column(self, column: ColumnSettings, path: str) -> None:
        self._document.edit(*edits.change_column(self._experiment, column, path))

    def _use(self, column: str, used: bool) -> None:
        self._document.edit(*edits.ignore_column(self._experiment, column, ignored=not used))
