"""One row of a form: the label, the field for its kind of value, and a sentence beneath when it is faulty."""

import html
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.settings import Settings, kind_of
from gui.kit import theme
from gui.kit.card_list.entry_list import EntryList
from gui.kit.card_list.settings_card import MakeForm
from gui.kit.choice import Choice, Toggle
from gui.kit.form_fields import FieldSpec, mid_sentence
from gui.kit.labels import Label, WrappedLabel
from gui.kit.layouts import LABEL_WIDTH
from gui.kit.number_field import NumberField
from gui.kit.slider_field import SliderField
from gui.kit.text import tr
from gui.kit.text_field import ListField, PathField, TextField


@dataclass(frozen=True)
class Item:
    """A field of the model at hand: where it is, what it is, its value and what it counts as unchanged."""

    path: tuple[str, ...]
    spec: FieldSpec
    value: Any
    default: Any
    paired: bool = False
    """It shares its row with another, so it has half the room."""

    @property
    def name(self) -> str:
        """The dotted path: "optimizer.learning_rate"."""
        return ".".join(self.path)

    @property
    def live(self) -> bool:
        """It may change in the middle of a run."""
        return self.spec.live

    @property
    def heading_only(self) -> bool:
        """A group that is always there: a title over its fields, with nothing to set by itself."""
        return self.spec.shape == "group" and not self.spec.optional

    @property
    def wide(self) -> bool:
        """It has lines of its own, from edge to edge, with its label above."""
        return self.spec.shape == "entries"

    @property
    def key(self) -> tuple[object, ...]:
        """Items of one key can use the same row."""
        return self.path, self.spec, self.paired


class FieldRow(QObject):
    """The widgets of one item. `edited` gives the path, the new value as the model wants it written (a kind
    for a union, True or False for a group that can be switched off), and for a list what in it was changed.

    make_form : a form for an entry of a list.
    """

    edited = Signal(tuple, object, str)
    problem = Signal(tuple, str)

    def __init__(self, item: Item, make_form: MakeForm, parent: QWidget) -> None:
        super().__init__(parent)
        self.item = item
        strong = item.heading_only
        self.label = Label(item.spec.title, "strong" if strong else "muted", wrap=not strong, parent=parent)
        self.editor = None if strong else _editor(item, make_form, parent)
        self.message = WrappedLabel("", "error", caption=True, parent=parent)
        self.message.hide()
        self._sentence = ""
        if strong:
            self.label.setContentsMargins(0, 8, 0, 0)
        elif not item.wide:
            theme.set_sizes(self.label, width=LABEL_WIDTH)
        if self.editor is not None:
            self.label.setBuddy(self.editor)
            self.editor.edited.connect(self._edited)
            self.editor.problem.connect(self._problem)
        self.show_item(item)
        self.set_enabled(True)

    def show_item(self, item: Item) -> None:
        """Show another value of the same field."""
        self.item = item
        if self.editor is not None:
            self.editor.setProperty("topics", _topics(item))
            self.editor.set_value(self._plain(item.value))
            self.editor.set_default(self._plain(item.default))

    def refuse(self, sentence: str) -> None:
        """Say that the model does not take what was given; the row goes back to the item's value."""
        if self.editor is not None:
            self.editor.refuse(self._plain(self.item.value), sentence)

    def sentence(self) -> str:
        """Why the field cannot be used as it stands; empty if it can."""
        return self._sentence

    def named_sentence(self) -> str:
        """The same with the field's title, for places away from the field."""
        return f"{self.item.spec.title}: {self._sentence[:1].lower()}{self._sentence[1:]}"

    def set_enabled(self, enabled: bool, reason: str = "") -> None:
        """Let the field be changed or not; the tooltip says why not."""
        tooltip = _tooltip(self.item, "" if enabled else reason)
        for widget in (self.label, self.editor):
            if widget is not None:
                widget.setToolTip(tooltip)
        if isinstance(self.editor, EntryList):
            # Its entries have fields of their own, some of which may still be changed.
            self.editor.set_lock("" if enabled else reason)
        elif self.editor is not None:
            self.editor.setEnabled(enabled)
            self.label.setEnabled(enabled)

    def focus_chain(self) -> list[QWidget]:
        """What Tab stops at in this row, in order."""
        if self.editor is None:
            return []
        if isinstance(self.editor, EntryList):
            return self.editor.tab_stops()
        if self.editor.focusProxy() is None:
            return [self.editor]
        inside = self.editor.findChildren(QWidget)
        return [child for child in inside if child.focusPolicy() & Qt.FocusPolicy.TabFocus]

    def dispose(self) -> None:
        """Take the widgets away."""
        for widget in (self.label, self.editor, self.message):
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.deleteLater()

    def _plain(self, value: Any) -> Any:
        """A value as the editor holds it."""
        shape = self.item.spec.shape
        if shape == "union":
            return kind_of(type(value)) if isinstance(value, Settings) else None
        if shape == "group":
            return value is not None
        return value

    def _edited(self, value: object, inside: str = "") -> None:
        self.edited.emit(self.item.path, value, inside)

    def _problem(self, sentence: str) -> None:
        self._sentence = sentence
        # Two fields share the line above the sentence: it says which of them is meant.
        self.message.setText(self.named_sentence() if self.item.paired else sentence)
        self.message.setVisible(bool(sentence))
        self.problem.emit(self.item.path, sentence)


def _editor(item: Item, make_form: MakeForm, parent: QWidget) -> Any:
    """The field for an item's kind of value, showing nothing yet."""
    spec = item.spec
    if spec.shape == "entries":
        return EntryList(spec, make_form, parent)
    name = spec.title
    if spec.shape == "number":
        slides = spec.slider and not item.paired and not spec.optional
        number: type[SliderField] | type[NumberField] = SliderField if slides else NumberField
        return number(
            spec.allowed,
            optional=spec.optional,
            none_title=spec.none_title,
            unit=spec.unit,
            logarithmic=spec.logarithmic,
            value=item.value,
            name=name,
            parent=parent,
        )
    if spec.shape == "flag" or spec.shape == "group":
        return Toggle(name=name, parent=parent)
    if spec.shape in ("choice", "union"):
        return Choice(spec.options, name=name, parent=parent)
    if spec.shape == "path":
        return PathField(filter=spec.path_filter, folder=spec.folder, name=name, parent=parent)
    text = ListField if spec.shape == "texts" else TextField
    return text(optional=spec.optional, none_title=spec.none_title, name=name, parent=parent)


def _topics(item: Item) -> list[str]:
    """Names by which a lesson about the field is found: the kind that is chosen, the field, what it is in."""
    value = item.value
    # A group of fields is of no kind.
    chosen = isinstance(value, Settings) and "kind" in type(value).model_fields
    kind = [kind_of(type(value))] if chosen else []
    return [*kind, *reversed(item.path)]


def _tooltip(item: Item, reason: str) -> str:
    """One sentence that teaches, then the range and the default; rich text, which wraps by itself."""
    spec = item.spec
    facts = [spec.range_sentence()]
    if spec.shape in ("number", "choice", "union") and item.default is not None:
        facts.append(tr("Default {shown}.", shown=spec.shown(item.default)))
    elif spec.optional and spec.none_title and spec.shape != "union":
        facts.append(tr("Empty: {none_title}.", none_title=spec.none_title))
    lines = [spec.description, " ".join(fact for fact in facts if fact), reason]
    return "<qt>" + "<br>".join(html.escape(line) for line in lines if line) + "</qt>" if any(lines) else ""


def change_words(item: Item) -> str:
    """A setting that is not as usual: "max norm 3", "shuffle off"; what is switched on, by its name."""
    shown = mid_sentence(item.spec.shown(item.value))
    title = mid_sentence(item.spec.title)
    if item.wide:
        return item.spec.shown(item.value)
    return title if item.spec.shape == "group" else f"{title} {shown}"


def joined(first: str, second: str) -> str:
    """The label of a pair: "L1 · L2", "Rows · columns"."""
    if second[1:2].islower():
        second = second[0].lower() + second[1:]
    return f"{first} · {second}"
