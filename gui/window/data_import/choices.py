"""The left side of the import dialog: how the file is read, and what to predict."""

from collections.abc import Mapping, Sequence
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data import DataSettings, Description, Split
from engine.data.columns.roles import Role, with_role
from engine.data.sources import Source
from engine.experiment import Experiment
from engine.tasks import Task
from gui.kit import Choice, Label, LinkButton, Option, TextField
from gui.kit.form import SettingsForm
from gui.kit.form_fields import field_specs
from gui.kit.layouts import ROW_SPACING, Row
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.panels.setup import edits
from gui.panels.setup.split_row import SplitRow
from gui.panels.setup.target_and_task import KIND_ICONS, TaskRow

NOT_CHOSEN = ""
MOST_DESCRIBED = 500
"""Of more columns, the list of targets gives the names alone: it would take seconds to open."""
_NO_FIELDS = ("path",)
"""Fields of a source that are chosen before the dialog opens."""


class TargetRow(Row):
    """*What should be predicted?*: nothing, until a person has said so or the source itself names it.

    `chosen` gives the name of a column.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.choice = Choice(name=tr("Target"))
        super().__init__(
            tr("Target"), self.choice, tr("The column that the network learns to predict."), parent
        )
        self._listed: tuple[Option, ...] = ()
        self.choice.edited.connect(self._choose)

    def show_target(
        self, settings: DataSettings, target: str | None, description: Description | None
    ) -> None:
        """Show what is predicted; without it, that it has to be chosen."""
        labels = settings.task == "reconstruction"
        first = Option(NOT_CHOSEN, tr("None") if labels else tr("Choose a column"))
        options = (first, *_options(description))
        if options != self._listed:
            self._listed = options
            self.choice.set_options(options)
        self.choice.set_value(NOT_CHOSEN if target is None else target)
        self.label.setText(tr("Label") if labels else tr("Target"))
        missing = target is None and not labels and description is not None
        self.choice.show_problem(tr("Choose what should be predicted.") if missing else "")

    def _choose(self, name: str) -> None:
        self.chosen.emit(name)


class ImportChoices(QWidget):
    """Shows settings of data, and gives others when a person changes them.

    `changed` : DataSettings. `guess_taken` : the guessed target is to be the target.
    """

    changed = Signal(object)
    guess_taken = Signal()

    def __init__(self, settings: DataSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._part: str = getattr(settings.source, "part_field", "")
        """The field that names one of several tables in the file: it has a list of its own."""
        self.fields = SettingsForm(settings.source, exclude=(*_NO_FIELDS, self._part))
        self.part = Choice(name=tr("Table in the file"))
        specs = (spec for spec in field_specs(type(settings.source)) if spec.name == self._part)
        self._part_spec = next(specs, None)
        title = self._part_spec.title if self._part_spec is not None else ""
        self._part_row = Row(title, self.part)
        self._part_row.hide()
        self.part.edited.connect(self._change_part)
        self.notes = Label("", "muted", caption=True, wrap=True)
        self.target, self.task = TargetRow(), TaskRow()
        self.guess = LinkButton()
        self.guess_words = Label("", "muted", caption=True, wrap=True)
        self.split = SplitRow(settings.split)
        self.parts = Label("", "muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(ROW_SPACING)
        self._heading = Label(tr("How it is read"), "strong")
        predicted = Label(tr("What to predict"), "strong")
        predicted.setContentsMargins(0, 10, 0, 0)
        for widget in (
            self._heading,
            self._part_row,
            self.fields,
            self.notes,
            predicted,
            self.target,
            self.guess_words,
        ):
            layout.addWidget(widget)
        layout.addWidget(self.guess)
        layout.addWidget(self.task)
        layout.addWidget(self.split)
        layout.addWidget(self.parts)
        layout.addStretch(1)
        self.fields.changed.connect(self._change_source)
        self.target.chosen.connect(self._change_target)
        self.task.chosen.connect(self._change_task)
        self.split.edited.connect(self._change_split)
        self.split.role_chosen.connect(self._change_split_column)
        self.split.file_chosen.connect(self._change_file)
        self.guess.clicked.connect(self.guess_taken)

    def show_settings(
        self,
        settings: DataSettings,
        target: str | None,
        description: Description | None,
        notes: Sequence[str],
    ) -> None:
        """Show settings and what the reading has found out.

        target : the column that is predicted; None where none is chosen.
        """
        self._settings = settings
        self.fields.set_value(settings.source)
        self.fields.setVisible(bool(self.fields.names()))
        self.notes.setText("\n".join(map(tr, notes)))
        self.notes.setVisible(bool(notes))
        self.target.show_target(settings, target, description)
        # What a guessed target suggests is no suggestion of anybody.
        self.task.show_task(settings, description if target is not None else None)
        self.split.show_split(settings, description)
        self._show_guess(settings, target, description)
        self.parts.setText(parts_text(settings.split, description, target))

    def show_parts(self, names: Sequence[str]) -> None:
        """Let one of several tables in the file be chosen."""
        none_title = self._part_spec.none_title if self._part_spec is not None else ""
        self.part.set_options([Option(None, none_title), *(Option(name, name) for name in names)])
        self.part.set_value(getattr(self._settings.source, self._part))
        self._part_row.setVisible(bool(names))

    def show_format(self, found: Mapping[str, str]) -> None:
        """In the place of "Guessed" show what was guessed: by field, as of `engine.data.first_rows`."""
        for name, value in found.items():
            if name not in self.fields.names():
                continue
            field = self.fields.field(name)
            if isinstance(field, Choice):
                titles = {option.value: option.title for option in field.options()}
                field.set_option_title(None, tr("{value} (guess)", value=titles.get(value, value)))
            elif isinstance(field, TextField):
                field.setPlaceholderText(tr("{value} (guess)", value=value))

    def _show_guess(
        self, settings: DataSettings, target: str | None, description: Description | None
    ) -> None:
        wanted = target is None and settings.task != "reconstruction" and description is not None
        guess = description.target if wanted and description is not None else None
        if guess is not None and description is not None:
            last = description.columns[-1].name == guess
            self.guess_words.setText(
                tr("The file does not say. Often it is the last column:")
                if last
                else tr("The file does not say. Often it is the last column that suits:")
            )
            self.guess.setText(tr("Predict “{name}”", name=guess))
        self.guess.setVisible(guess is not None)
        self.guess_words.setVisible(guess is not None)

    def _change_part(self, name: str | None) -> None:
        self.changed.emit(self._settings.replace(source=self._settings.source.replace(**{self._part: name})))

    def _change_source(self, source: Source, path: str) -> None:
        self.changed.emit(self._settings.replace(source=source))

    def _change_target(self, name: str) -> None:
        self.changed.emit(with_target(self._settings, *filter(None, [name])))

    def _change_task(self, task: Task | None) -> None:
        self.changed.emit(self._settings.replace(task=task))

    def _change_split(self, split: Split, path: str) -> None:
        self.changed.emit(self._settings.replace(split=split))

    def _change_split_column(self, role: Role, column: str | None) -> None:
        experiment = Experiment(data=self._settings)
        self.changed.emit(edits.change_split_column(experiment, role, column).experiment.data)

    def _change_file(self, part: Literal["validation", "test"], path: str) -> None:
        self.changed.emit(edits.change_file(Experiment(data=self._settings), part, path).experiment.data)


def with_target(settings: DataSettings, *names: str) -> DataSettings:
    """The settings with other targets: the task follows from them, unless the input itself is learned."""
    task = settings.task if settings.task == "reconstruction" else None
    if not names:
        return settings.replace(target=None, further_targets=(), task=task)
    return with_role(settings, names, "target").replace(task=task)


def parts_text(split: Split, description: Description | None, target: str | None) -> str:
    """How many rows are for learning, checking and testing, in words."""
    if description is None or not description.rows:
        return ""
    missing = sum(column.missing for column in description.columns if column.name == target)
    rows = description.rows if description.task == "reconstruction" else description.rows - missing
    test = round(description.rows * description.published_fraction) or int(rows * split.test + 0.5)
    validation = int(rows * split.validation + 0.5)
    words = tr(
        "{training} rows to learn from, {validation} to validate, {test} to test",
        training=count_text(max(rows - validation - test, 0)),
        validation=count_text(validation),
        test=count_text(test),
    )
    if split.in_order:
        return tr("{words}, in the order of the table.", words=words)
    if split.stratified and description.classes and target is not None:
        return tr("{words}; each class in the same share.", words=words)
    return tr("{words}, at random.", words=words)


def _options(description: Description | None) -> tuple[Option, ...]:
    if description is None:
        return ()
    columns = [column for column in description.columns if column.kind != "image"]
    if len(columns) > MOST_DESCRIBED:
        return tuple(Option(column.name, column.name) for column in columns)
    return tuple(
        Option(column.name, column.name, description=column.summary, icon=KIND_ICONS.get(column.kind, ""))
        for column in columns
    )
