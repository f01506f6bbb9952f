"""The field for a list of settings: a card for each entry, opened in place, moved, removed, and added to."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from engine.settings import Settings
from gui.kit import theme
from gui.kit.card_list.card_list import CardList
from gui.kit.card_list.settings_card import HEADER_HEIGHT, CardHeader, CardStatus, MakeForm, SettingsCard
from gui.kit.form_fields import FieldSpec
from gui.kit.labels import ElidedLabel, Label
from gui.kit.settings_text import summary
from gui.kit.text import tr

_GAP = 4
_INDENT = 8
_BUTTON_ICON = 12
_BUTTONS = {
    "up": ("arrow-up", tr("Move up")),
    "down": ("arrow-down", tr("Move down")),
    "remove": ("trash", tr("Delete")),
}
"""Icon and title of the buttons on a card, by the action that they trigger."""


class EntryHeader(CardHeader):
    """The buttons show while the pointer or the focus is on the card, in place of the note at the right.

    `triggered` gives "up", "down" or "remove".
    """

    triggered = Signal(str)

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(icon, name, parent=parent)
        self._summary = ElidedLabel("", "muted", caption=True)
        self._summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._note = Label("", "muted")
        theme.set_sizes(self._note, font="tabular caption")
        self._buttons = QWidget()
        self._reasons = dict.fromkeys(_BUTTONS, "")
        self.row.addWidget(self._summary, 1)
        self.row.addWidget(self._note)
        self.row.addWidget(self._buttons)
        self._fill_buttons(name)
        self._buttons.hide()

    def summary(self) -> str:
        return self._summary.text()

    def note(self) -> str:
        return self._note.text()

    def button(self, action: str) -> QToolButton:
        """The button for "up", "down" or "remove"."""
        found = self._buttons.findChild(QToolButton, action)
        if found is None:
            raise KeyError(action)
        return found

    def show_text(self, summary: str, note: str) -> None:
        """A few words on the settings, and what stands at the right."""
        self._summary.setText(summary)
        if note != self._note.text():
            self._note.setText(note)

    def show_buttons(self, shown: bool) -> None:
        """Offer what can be done, in place of the note."""
        self._buttons.setVisible(shown)
        self._note.setVisible(not shown and bool(self._note.text()))

    def forbid(self, action: str, reason: str) -> None:
        """Disable a button and say why; an empty reason enables it."""
        if reason != self._reasons[action] or not reason:
            self._reasons[action] = reason
            button = self.button(action)
            button.setEnabled(not reason)
            button.setToolTip(reason or _BUTTONS[action][1])

    def _fill_buttons(self, name: str) -> None:
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for action, (icon, title) in _BUTTONS.items():
            button = QToolButton()
            button.setObjectName(action)
            button.setIcon(theme.icon(icon, "muted"))
            theme.set_sizes(button, icon=_BUTTON_ICON, width=HEADER_HEIGHT, height=HEADER_HEIGHT)
            # The card itself is the stop for Tab: it has a key for each of them.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(f"{title}: {name}")
            button.setToolTip(title)
            button.clicked.connect(lambda _=False, action=action: self.triggered.emit(action))
            row.addWidget(button)


class EntryCard(SettingsCard):
    """A card with a summary of its settings, and buttons for what can be done with it."""

    header: EntryHeader

    def __init__(self, settings: Settings, make_form: MakeForm, parent: QWidget | None = None) -> None:
        header = EntryHeader(settings.icon, tr(settings.heading))
        super().__init__(settings, header, make_form, padding=6, parent=parent)
        header.triggered.connect(self.triggered)
        self._describe()

    def set_lock(self, reason: str) -> None:
        super().set_lock(reason)
        self._show_buttons(self.underMouse() or self.hasFocus())

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._show_buttons(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._show_buttons(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_buttons(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_buttons(self.underMouse())

    def _show_buttons(self, shown: bool) -> None:
        self.header.show_buttons((shown or self.is_open()) and not self._lock_reason)

    def _make_inside(self) -> QWidget:
        inside = super()._make_inside()
        inside.setContentsMargins(0, 2, 0, 2)
        return inside

    def _describe(self) -> None:
        text, note = summary(self._settings), self._status.note
        self.header.show_text(text, note)
        self._show_buttons(self.underMouse() or self.hasFocus())
        parts = (self.header.name(), text, note, self._fold_text())
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setAccessibleDescription(self._status.fault)


class EntryList(CardList[EntryCard]):
    """Shows a tuple of settings of one registry, and gives a new one with each edit.

    It changes nothing by itself: whoever takes `edited` (the new tuple, and the path of the field inside it
    that was changed, "2.rate", or an empty one) answers with `set_value`, or with `refuse`.
    make_form : a gui.kit.form.SettingsForm for an entry. `prepare` : what is done to a new entry before it is
    put in (the entry, its place). `problem` : a sentence on why the list cannot be as it was to be.
    """

    edited = Signal(object, str)
    problem = Signal(str)

    def __init__(self, spec: FieldSpec, make_form: MakeForm, parent: QWidget | None = None) -> None:
        super().__init__(least=spec.least, most=spec.most, spacing=_GAP, parent=parent)
        self._spec = spec
        self._make_form = make_form
        self.prepare: Callable[[Any, int], Settings] = lambda entry, place: entry
        self._entries: tuple[Settings, ...] = ()
        self._default: object = None
        self._statuses: tuple[CardStatus, ...] = ()
        self._sentence = ""
        self._add = _add_button(spec.title)
        self._layout.setContentsMargins(_INDENT, 0, 0, 0)
        self.setAccessibleName(spec.title)
        self._add.clicked.connect(
            lambda: self._offer(spec.members, spec.title, self._add, len(self._entries))
        )
        self.changed.connect(self._change)
        self.inserted.connect(self._insert)
        self.removed.connect(lambda index: self._give(self._entries[:index] + self._entries[index + 1 :]))
        self.duplicated.connect(lambda index: self._give(self._entries[: index + 1] + self._entries[index:]))
        self.moved.connect(self._reorder)
        self._arrange()

    @property
    def add_button(self) -> QPushButton:
        return self._add

    def value(self) -> tuple[Settings, ...]:
        return self._entries

    def set_value(self, entries: Sequence[Settings]) -> None:
        """Show other entries; cards of those that stay keep their form, their focus and their cursor."""
        self.show_problem("")
        self._entries = tuple(entries)
        self._show_entries(self._entries)
        self.show_statuses(self._statuses)

    def set_default(self, default: object) -> None:
        """The list that counts as not changed."""
        self._default = default

    def differs(self) -> bool:
        return self._entries != self._default

    def refuse(self, last_good: Sequence[Settings], sentence: str) -> None:
        """Go back to a list, with a sentence on why the new one cannot be."""
        self.set_value(last_good)
        self.show_problem(sentence)

    def show_problem(self, sentence: str) -> None:
        if sentence != self._sentence:
            self._sentence = sentence
            self.setAccessibleDescription(sentence)
            self.problem.emit(sentence)

    def show_statuses(self, statuses: Sequence[CardStatus]) -> None:
        """Say of each entry what is known beyond its settings; of those that are not named, nothing."""
        self._statuses = tuple(statuses)
        known = (*self._statuses, *[CardStatus()] * len(self.cards))
        for card, status in zip(self.cards, known, strict=False):
            card.show_status(status)

    def add(self, kind: type[Settings]) -> None:
        """Append an entry of a kind, and open it."""
        self.insert(len(self._entries), kind)

    def tab_stops(self) -> list[QWidget]:
        return [*(stop for card in self.cards for stop in card.tab_stops()), self._add]

    def _insert(self, index: int, kind: type[Settings]) -> None:
        new = self.prepare(kind(), index)
        self._give((*self._entries[:index], new, *self._entries[index:]))

    def _reorder(self, index: int, target: int) -> None:
        entries = list(self._entries)
        entries.insert(target, entries.pop(index))
        self._give(tuple(entries))

    def _change(self, index: int, settings: Settings, path: str) -> None:
        entries = (*self._entries[:index], settings, *self._entries[index + 1 :])
        self._give(entries, f"{index}.{path}")

    def _give(self, entries: tuple[Settings, ...], path: str = "") -> None:
        self.show_problem("")
        self.edited.emit(entries, path)

    def _make_card(self, settings: Settings) -> EntryCard:
        return EntryCard(settings, self._make_form, self)

    def _column(self) -> list[QWidget]:
        return [*self.cards, self._add]

    def _refresh(self) -> None:
        """What can be done with each card, and whether one can be added."""
        count, reason = len(self.cards), self._lock_reason
        full = tr("At most {most}.", most=self._spec.most) if count >= self._spec.most else ""
        self._add.setEnabled(not (reason or full))
        self._add.setToolTip(reason or full)
        last = (
            tr("At least {least} has to stay.", least=self._spec.least) if count <= self._spec.least else ""
        )
        for index, card in enumerate(self.cards):
            card.header.forbid("up", reason or (tr("It is the first.") if index == 0 else ""))
            card.header.forbid("down", reason or (tr("It is the last.") if index == count - 1 else ""))
            card.header.forbid("remove", reason or last)

    def _gap_rectangle(self, number: int) -> QRect:
        if number < len(self.cards):
            card = self.cards[number].geometry()
            return QRect(card.topLeft() - QPoint(0, _GAP), card.topRight() - QPoint(0, 1))
        card = self.cards[-1].geometry()
        return QRect(card.bottomLeft() + QPoint(0, 1), card.bottomRight() + QPoint(0, _GAP))


def _add_button(title: str) -> QPushButton:
    """ "+ augmentation", "+ inner layer"."""
    noun = title[:1].lower() + title[1:]
    button = QPushButton(f"+ {noun.removesuffix('s')}")
    button.setProperty("dashed", True)
    button.setAccessibleName(tr("Add to {noun}", noun=noun))
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button
