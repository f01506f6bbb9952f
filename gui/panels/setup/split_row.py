"""The split of the data: fractions, groups, time, weights, a column or files that name the parts."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data import DataSettings, Description, Split
from engine.data.columns.roles import SINGLE
from engine.data.sources.two_dimensional import Formula
from gui.kit import Choice, Label, Option, PathField, theme
from gui.kit.form import SettingsForm
from gui.kit.layouts import COLUMN_SPACING, LABEL_WIDTH, ROW_SPACING, Row, Stack
from gui.kit.numbers import number_text
from gui.kit.text import tr
from gui.panels.setup.target_and_task import FoldedField

ROLE_WORDS: Mapping[str, tuple[str, str]] = {
    "group": (tr("Keep whole"), tr("Rows with the same value in this column all get to the same part.")),
    "time": (tr("In order of"), tr("The earliest rows are for training, the latest for test.")),
    "weight": (tr("Weight"), tr("How much each row counts in the loss and in the scores; at least 0.")),
    "part": (tr("Parts from"), tr("A column that says train, validation or test.")),
}
"""What the roles of the split are called in this row, and what they are."""

FILES: Mapping[str, tuple[str, str]] = {
    "validation": (tr("Validation file"), tr("Data of its own for validation, with the same columns.")),
    "test": (tr("Test file"), tr("Data of its own for the test, with the same columns.")),
}
_TOOLTIP = tr("Shares of the rows for training, validation and test.")
_VALUES = ("training_values", "validation_values", "test_values")


class SplitRow(QWidget):
    """`edited` gives the new split and the path of the field in it, `role_chosen` a role and its column, or
    None, and `file_chosen` a part and the path of its data, "" for none."""

    edited = Signal(object, str)
    role_chosen = Signal(str, object)
    file_chosen = Signal(str, str)

    def __init__(self, split: Split, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = FoldedField(tr("Split"), split_text(DataSettings()))
        self._row = Row(tr("Split"), self._line, _TOOLTIP)
        self._words = Label("", "muted", caption=True, wrap=True)
        self._form = SettingsForm(split, exclude=_VALUES)
        self._values = SettingsForm(split, only=_VALUES)
        self._values.hide()
        self.roles: dict[str, Choice] = {}
        self.files: dict[str, PathField] = {}
        rows: list[QWidget] = [self._form]
        self._rows: dict[str, Row] = {}
        for role in SINGLE:
            title, description = ROLE_WORDS[role]
            choice = self.roles[role] = Choice(name=title)
            choice.edited.connect(lambda name, role=role: self.role_chosen.emit(role, name or None))
            self._rows[role] = Row(title, choice, description)
            rows.append(self._rows[role])
            if role == "part":
                rows.append(self._values)
        for part, (title, description) in FILES.items():
            field = self.files[part] = PathField(name=title)
            field.edited.connect(lambda path, part=part: self.file_chosen.emit(part, str(path or "")))
            self._rows[part] = Row(title, field, description)
            rows.append(self._rows[part])
        self._details = Stack(*rows)
        self._details.hide()
        self._form.changed.connect(self.edited)
        self._values.changed.connect(self.edited)
        self._line.toggled.connect(self._details.setVisible)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        for widget in (self._row, self._words, self._details):
            layout.addWidget(widget)
        self._listed: tuple[Option, ...] | None = None
        self._data = DataSettings(split=split)
        self._notes: tuple[str, ...] = ()
        self.show_split(DataSettings(split=split), None)

    @property
    def line(self) -> FoldedField:
        return self._line

    @property
    def form(self) -> SettingsForm:
        return self._form

    @property
    def values(self) -> SettingsForm:
        """Which values of a column are for which part; there where one names the parts."""
        return self._values

    @property
    def words(self) -> str:
        """What decides on the parts beside fractions, and what each part got."""
        return self._words.text() if self._words.isVisibleTo(self) else ""

    def show_notes(self, notes: Sequence[str]) -> None:
        """Say what each part got; until the settings change."""
        self._notes = tuple(notes)
        self._show_words()

    def show_split(self, data: DataSettings, description: Description | None) -> None:
        """Show how rows are split; with a description, columns can be chosen, and supplied parts count."""
        self._line.set_summary(split_text(data, description))
        if data != self._data:
            self._data, self._notes = data, ()
        self._show_words()
        self._form.set_value(data.split)
        self._values.set_value(data.split)
        self._values.setVisible(data.part is not None)
        columns = description.columns if description else ()
        options = (
            Option(None, tr("None")),
            *(
                Option(column.name, column.name, description=column.summary)
                for column in columns
                if column.kind != "image" and column.role not in ("target", "label")
            ),
        )
        for role, choice in self.roles.items():
            if options != self._listed:
                choice.set_options(options)
            choice.set_value(getattr(data, role))
            choice.set_default(None)
            offered = len(options) > 2 and not isinstance(data.source, Formula)
            self._rows[role].setVisible(offered or getattr(data, role) is not None)
        self._listed = options
        reads_files = hasattr(data.source, "path")
        for part, field in self.files.items():
            source = getattr(data, f"{part}_source")
            field.set_value(getattr(source, "path", "") if source is not None else "")
            self._rows[part].setVisible(reads_files or source is not None)

    def _show_words(self) -> None:
        # Of rows that were left out, a finding tells too, if nothing but fractions decides on the parts.
        words = role_words(self._data)
        text = "\n".join((words, *map(tr, self._notes))) if words else ""
        self._words.setText(text)
        self._words.setContentsMargins(theme.scaled(LABEL_WIDTH) + COLUMN_SPACING, 0, 0, 0)
        self._words.setVisible(bool(text))

    def set_locked(self, locked: bool, reason: str) -> None:
        """It can be read, but not changed."""
        for form in (self._form, self._values):
            form.set_enabled_fields((lambda item: item.live) if locked else None, reason)
        for row in self._rows.values():
            row.set_enabled(not locked, reason if locked else "")


def role_words(data: DataSettings) -> str:
    """What decides on the parts beside fractions, a line for each: "Keep whole: patient"."""
    chosen = [(ROLE_WORDS[role][0], getattr(data, role)) for role in SINGLE]
    named = [tr("{title}: {column}", title=title, column=column) for title, column in chosen if column]
    for part, (title, _) in FILES.items():
        source = getattr(data, f"{part}_source")
        if source is not None:
            path = str(getattr(source, "path", ""))
            named.append(tr("{title}: {name}", title=title, name=path.replace("\\", "/").rpartition("/")[2]))
    return "\n".join(named)


def split_text(data: DataSettings, description: Description | None = None) -> str:
    """ "70 / 15 / 15 %": training, validation and test; the name of a column that names the parts."""
    split = data.split
    if data.part is not None:
        return tr("By “{column}”", column=data.part)
    validation = (description.validation_fraction if description else 0.0) or split.validation
    test = (description.published_fraction if description else 0.0) or split.test
    shares = (max(1 - validation - test, 0.0), validation, test)
    return " / ".join(number_text(round(100 * share, 1)) for share in shares) + " %"
