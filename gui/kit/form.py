"""A form for any settings model: fields, ranges, titles and tooltips come from what the model declares.

The model is immutable. An edit builds a new one; what the model refuses stays beside its field with a
sentence, and nothing changes. Nested models and the members of unions stand inline, in the same columns.
"""

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.settings import Settings, explain
from gui.kit.card_list.entry_list import EntryList
from gui.kit.form_fields import defaults, field_specs, replaced, switched
from gui.kit.form_rows import FieldRow, Item, change_words, joined
from gui.kit.layouts import COLUMN_SPACING, ROW_SPACING, clear_layout
from gui.kit.settings_text import BETWEEN
from gui.kit.text import tr

Pair = tuple[str, str] | tuple[str, str, str]


class SettingsForm(QWidget):
    """Shows a model and lets a person change it.

    default : the model whose values count as unchanged; None takes what each class declares.
    exclude, only : field names or dotted paths to leave out, or to show alone (with what is inside them).
    section : show only the fields whose hints name this section ("": those that name none); None shows all.
    pairs : two fields that share a row, by path, and if need be the label of the row.
    live_only : show only the fields that may change in the middle of a run.

    `changed` gives the new model and the dotted path of the field, which serves as merge key for undo.
    `problem` gives a sentence that names the field, or an empty text when nothing is wrong any more.
    """

    changed = Signal(object, str)
    problem = Signal(str)

    def __init__(
        self,
        model: Settings,
        *,
        default: Settings | None = None,
        exclude: Collection[str] = (),
        only: Collection[str] = (),
        section: str | None = None,
        pairs: Sequence[Pair] = (("batch_size", "epochs"),),
        live_only: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._default = default
        self._exclude = frozenset(exclude)
        self._only = frozenset(only)
        self._section = section
        self._pairs = {(pair[0], pair[1]): pair[2] if len(pair) == 3 else "" for pair in pairs}
        self._live_only = live_only
        self._may_change: Callable[[Item], bool] | None = None
        self._reason = ""
        self._rows: dict[tuple[str, ...], FieldRow] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(ROW_SPACING)
        self._grid.setHorizontalSpacing(COLUMN_SPACING)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        self._show_model()

    def value(self) -> Settings:
        """The model as it stands."""
        return self._model

    def set_value(self, model: Settings) -> None:
        """Show another model. Fields that stay keep their focus, their cursor and what is being typed."""
        if model != self._model:
            self._model = model
            self._show_model()

    def set_default(self, default: Settings | None) -> None:
        """Count other values as unchanged."""
        self._default = default
        self._show_model()

    def set_enabled_fields(self, may_change: Callable[[Item], bool] | None, reason: str = "") -> None:
        """Disable the fields for which the predicate is False; their tooltips then give the reason.

        None enables all. The predicate sees an item: its dotted `name`, `live`, `spec`, `value`.
        """
        self._may_change, self._reason = may_change, reason
        for row in self._rows.values():
            self._set_row_enabled(row)

    def problems(self) -> list[str]:
        """A sentence for each field that cannot be used as it stands."""
        return [row.named_sentence() for row in self._rows.values() if row.sentence()]

    def field(self, name: str) -> Any:
        """The widget of a field by its dotted path; KeyError if the form does not show it."""
        return self._rows[tuple(name.split("."))].editor

    def names(self) -> list[str]:
        """The dotted paths of what is shown, from top to bottom."""
        return [row.item.name for row in self._rows.values()]

    def tab_stops(self) -> list[QWidget]:
        """Where Tab stops in it, from top to bottom."""
        return [stop for row in self._rows.values() for stop in row.focus_chain()]

    def changes(self) -> str:
        """What is not as usual, in a few words: "max norm 3 · shuffle off"."""
        rows = (row.item for row in self._rows.values() if len(row.item.path) == 1)
        return BETWEEN.join(change_words(item) for item in rows if item.value != item.default)

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field."""
        self.field(name).setFocus()

    def _show_model(self) -> None:
        items = list(self._ordered(self._items(self._model, self._default_model(), ())))
        if [item.key for item in items] == [row.item.key for row in self._rows.values()]:
            for item, row in zip(items, self._rows.values(), strict=True):
                row.show_item(item)
            return
        self.setUpdatesEnabled(False)
        old = {row.item.key: row for row in self._rows.values()}
        self._rows = {}
        for item in items:
            kept = old.pop(item.key, None)
            if kept is not None:
                kept.show_item(item)
            self._rows[item.path] = row = kept or self._new_row(item)
            self._set_row_enabled(row)
        for row in old.values():
            row.dispose()
        self._arrange()
        self.setUpdatesEnabled(True)

    def _new_row(self, item: Item) -> FieldRow:
        row = FieldRow(item, self._form_of_entry, self)
        row.edited.connect(self._edited)
        row.problem.connect(self._row_problem)
        return row

    def _form_of_entry(self, entry: Settings, *, section: str) -> "SettingsForm":
        return SettingsForm(entry, section=section, live_only=self._live_only)

    def _default_model(self) -> Settings | None:
        return self._default if type(self._default) is type(self._model) else defaults(type(self._model))

    def _items(
        self, model: Settings, default: Any, path: tuple[str, ...], section: str = ""
    ) -> Iterator[Item]:
        """The fields of a model and of what is nested in it, from top to bottom.

        section : that of the field in which the model is nested; its fields are there too, unless they say
        otherwise.
        """
        if type(default) is not type(model):
            default = defaults(type(model))
        for spec in field_specs(type(model)):
            place = (*path, spec.name)
            if not self._is_wanted(place):
                continue
            value, unchanged = getattr(model, spec.name), getattr(default, spec.name, None)
            inner = isinstance(value, Settings)
            item = Item(place, spec, value, unchanged)
            own = spec.section or section
            if self._shows(item) and self._section in (None, own):
                yield item
            if inner:
                yield from self._items(value, unchanged, place, own)

    def _shows(self, item: Item) -> bool:
        if not self._live_only:
            return True
        return item.live or (item.heading_only and any(s.live for s in field_specs(item.spec.members[0])))

    def _is_wanted(self, path: tuple[str, ...]) -> bool:
        prefixes = {".".join(path[:length]) for length in range(1, len(path) + 1)}
        if prefixes & self._exclude:
            return False
        leads_to = any(name.startswith(".".join(path) + ".") for name in self._only)
        return not self._only or bool(prefixes & self._only) or leads_to

    def _ordered(self, items: Iterator[Item]) -> Iterator[Item]:
        """Move the second of each pair, and what is nested in it, right behind the first."""
        listed = list(items)
        names = {item.name for item in listed}
        seconds = {second: first for first, second in self._pairs if {first, second} <= names}
        moved: dict[str, list[Item]] = {}
        stay = []
        for item in listed:
            owner = next((s for s in seconds if item.name == s or item.name.startswith(s + ".")), None)
            if item.name in seconds or item.name in seconds.values():
                item = dataclasses.replace(item, paired=True)
            if owner is None:
                stay.append(item)
            else:
                moved.setdefault(seconds[owner], []).append(item)
        for item in stay:
            yield item
            yield from moved.get(item.name, ())

    def _arrange(self) -> None:
        """Put the rows into the grid from top to bottom, and let Tab go through them in that order."""
        clear_layout(self._grid)
        for number, (first, second) in enumerate(self._lines()):
            title = first.item.spec.title
            if second is not None:
                given = self._pairs[first.item.name, second.item.name]
                title = given or joined(title, second.item.spec.title)
                second.label.hide()
            first.label.setText(title)
            # Three lines of the grid for each: the fields, and a sentence for either.
            if first.item.wide:
                self._place_wide(first, 3 * number)
                continue
            self._place(first, 3 * number, column=1, span=1 if second else 2)
            if second is not None:
                self._place(second, 3 * number, column=2, span=1)
        for before, after in itertools.pairwise(self.tab_stops()):
            QWidget.setTabOrder(before, after)

    def _lines(self) -> list[tuple[FieldRow, FieldRow | None]]:
        """The rows with the two of a pair side by side."""
        lines: list[tuple[FieldRow, FieldRow | None]] = []
        for row in self._rows.values():
            if lines and (lines[-1][0].item.name, row.item.name) in self._pairs:
                lines[-1] = (lines[-1][0], row)
            else:
                lines.append((row, None))
        return lines

    def _place(self, row: FieldRow, line: int, column: int, span: int) -> None:
        if row.editor is None:
            self._grid.addWidget(row.label, line, 0, 1, 3)
            row.label.show()
            return
        if column == 1:
            self._grid.addWidget(row.label, line, 0)
            row.label.show()
        self._grid.addWidget(row.editor, line, column, 1, span)
        self._grid.addWidget(row.message, line + column, 1, 1, 2)
        row.editor.show()

    def _place_wide(self, row: FieldRow, line: int) -> None:
        self._grid.addWidget(row.label, line, 0, 1, 3)
        self._grid.addWidget(row.message, line + 2, 0, 1, 3)
        # Under the title of its section the same words would stand twice.
        row.label.setVisible(row.item.spec.title != tr(self._section or ""))
        if row.editor is not None:
            self._grid.addWidget(row.editor, line + 1, 0, 1, 3)
            row.editor.show()

    def _edited(self, path: tuple[str, ...], value: Any, inside: str = "") -> None:
        row = self._rows[path]
        try:
            model = replaced(self._model, path, self._written(row.item, value))
        except ValidationError as error:
            row.refuse(_sentence(error))
            return
        if model != self._model:
            self._model = model
            self._show_model()
            self.changed.emit(model, f"{row.item.name}.{inside}".rstrip("."))

    def _written(self, item: Item, value: Any) -> Any:
        """What a field gives, as the model wants it."""
        if item.spec.shape == "group":
            return item.spec.members[0]() if value else None
        if item.spec.shape == "union" and value is not None:
            member = item.spec.member(value)
            return switched(item.value, member) if member else value
        return value

    def _row_problem(self, path: tuple[str, ...], sentence: str) -> None:
        if sentence and path in self._rows:
            self.problem.emit(self._rows[path].named_sentence())
        else:
            self.problem.emit(next(iter(self.problems()), ""))

    def _set_row_enabled(self, row: FieldRow) -> None:
        row.set_enabled(self._may_change is None or self._may_change(row.item), self._reason)
        if isinstance(row.editor, EntryList):
            row.editor.set_enabled_fields(self._may_change, self._reason)


def _sentence(error: ValidationError) -> str:
    """The first fault in words."""
    _, expected, found = next(explain(error))
    # A rule over several fields was broken: what was found is then the whole model, which says nothing.
    about_group = isinstance(error.errors(include_url=False)[0].get("input"), BaseModel | Mapping)
    if about_group:
        return tr("Needs {expected}.", expected=expected)
    return tr("Needs {expected}, found {found}.", expected=expected, found=found)
