"""The field for a list of settings: a card for each entry, opened in place, moved, removed, and added to."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from engine.settings import Settings
from gui.kit.card_list.card_drag import CardDrag
from gui.kit.card_list.entry_card import EntryCard, MayChange
from gui.kit.card_list.entry_summary import EntryFacts, MakeForm, matched, stops_of
from gui.kit.card_list.kind_picker import KindPicker
from gui.kit.form_fields import FieldSpec
from gui.kit.layouts import emptied

_GAP = 4
_INDENT = 8
_SEEN = 8
"""Pixels around a card that are scrolled into sight with it."""


class EntryList(QWidget):
    """Shows a tuple of settings of one registry, and gives a new one with each edit.

    It changes nothing by itself: whoever takes `edited` (the new tuple, and the path of the field inside it
    that was changed, "2.rate", or an empty one) answers with `set_value`, or with `refuse`.
    make_form : a gui.kit.form.SettingsForm for an entry. `prepare` : what is done to a new entry before it is
    put in (the entry, its place). `problem` : a sentence on why the list cannot be as it was to be.
    """

    edited = Signal(object, str)
    problem = Signal(str)

    def __init__(self, spec: FieldSpec, make_form: MakeForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._make_form = make_form
        self.prepare: Callable[[Any, int], Settings] = lambda entry, place: entry
        self._entries: tuple[Settings, ...] = ()
        self._default: object = None
        self._facts: tuple[EntryFacts, ...] = ()
        self._cards: list[EntryCard] = []
        self._lock_reason = ""
        self._may_change: MayChange = None
        self._reason = ""
        self._sentence = ""
        self._add = _add_button(spec.title)
        self._drag = CardDrag(self, lambda: self._cards, self._gap_rectangle)
        self._drag.dropped.connect(self._dropped)
        self._drag.moved_over.connect(self._reveal)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(_INDENT, 0, 0, 0)
        self._layout.setSpacing(_GAP)
        self._layout.addWidget(self._add)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(spec.title)
        self._add.clicked.connect(self._offer)
        self._show_limits()

    @property
    def cards(self) -> tuple[EntryCard, ...]:
        return tuple(self._cards)

    @property
    def add_button(self) -> QPushButton:
        return self._add

    def value(self) -> tuple[Settings, ...]:
        return self._entries

    def set_value(self, entries: Sequence[Settings]) -> None:
        """Show other entries; cards of those that stay keep their form, their focus and their cursor."""
        self.show_problem("")
        entries = tuple(entries)
        pairing = matched([card.settings for card in self._cards], entries)
        self._entries = entries
        if pairing != list(range(len(self._cards))):
            self._rebuild(pairing)
        for card, entry in zip(self._cards, entries, strict=True):
            card.show_entry(entry)
        self._show_facts()
        self._show_limits()

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

    def show_facts(self, facts: Sequence[EntryFacts]) -> None:
        """Say of each entry what is known beyond its settings."""
        self._facts = tuple(facts)
        self._show_facts()

    def set_lock(self, reason: str) -> None:
        """Forbid adding, moving and removing, and say why; an empty reason allows it again."""
        self._lock_reason = reason
        if reason:
            self._drag.cancel()
        self._show_limits()

    def set_enabled_fields(self, may_change: MayChange, reason: str = "") -> None:
        """As with the form around it: which fields of the entries may be changed."""
        self._may_change, self._reason = may_change, reason
        for card in self._cards:
            card.set_enabled_fields(may_change, reason)

    def open_card(self, index: int | None) -> None:
        """Open one card and close the others."""
        for number, card in enumerate(self._cards):
            if number != index:
                card.set_open(False)
        if index is not None:
            self._cards[index].set_open(True)
        self._chain()

    def tab_stops(self) -> list[QWidget]:
        """Where Tab stops in it, from top to bottom."""
        stops: list[QWidget] = []
        for card in self._cards:
            stops.append(card)
            if card.inside is not None:
                stops += stops_of(card.inside, card.forms)
        return [*stops, self._add]

    # --- what a person does ----------------------------------------------------------------------------

    def add(self, kind: type[Settings]) -> None:
        """Append an entry of a kind, and open it."""
        place = len(self._entries)
        self._give((*self._entries, self.prepare(kind(), place)))
        if len(self._cards) > place:
            self.open_card(place)
            self._focus(place)

    def _offer(self) -> None:
        picker = KindPicker(self._spec.members, self._spec.title, self)
        picker.picked.connect(self.add)
        picker.open_beside(self._add)

    def _do(self, card: EntryCard, deed: str) -> None:
        index, entries = self._cards.index(card), self._entries
        if deed == "toggle":
            self.open_card(None if card.is_open() else index)
            self._reveal(card.geometry())
        elif self._lock_reason:
            return
        elif deed == "remove" and len(entries) > self._spec.least:
            self._give((*entries[:index], *entries[index + 1 :]))
        elif deed == "duplicate" and len(entries) < self._spec.most:
            self._give((*entries[: index + 1], entries[index], *entries[index + 1 :]))
            self._focus(index + 1)
        elif deed in ("up", "down"):
            self._move(index, index + (-1 if deed == "up" else 1))

    def _move(self, index: int, target: int) -> None:
        if 0 <= target < len(self._entries) and target != index:
            entries = list(self._entries)
            entries.insert(target, entries.pop(index))
            self._give(tuple(entries))
            self._focus(target)

    def _dropped(self, index: int, gap: int) -> None:
        """A card was let go over a gap; behind its own place the gaps count one less."""
        if not self._lock_reason:
            self._move(index, gap - 1 if gap > index else gap)

    def _changed(self, card: EntryCard, settings: Settings, path: str) -> None:
        index = self._cards.index(card)
        entries = (*self._entries[:index], settings, *self._entries[index + 1 :])
        self._give(entries, f"{index}.{path}")

    def _give(self, entries: tuple[Settings, ...], path: str = "") -> None:
        self.show_problem("")
        self.edited.emit(entries, path)

    # --- cards -------------------------------------------------------------------------------------------

    def _rebuild(self, pairing: list[int | None]) -> None:
        """Bring cards and entries into the same order; make and dispose of cards where need be."""
        before = _stop_before(self.tab_stops()[0], self)
        kept = {old for old in pairing if old is not None}
        gone = [card for index, card in enumerate(self._cards) if index not in kept]
        lost = next((index for index, card in enumerate(self._cards) if _has_focus(card)), None)
        pairs = zip(pairing, self._entries, strict=True)
        self._cards = [self._new_card(entry) if old is None else self._cards[old] for old, entry in pairs]
        emptied(self._layout)
        for widget in (*self._cards, self._add):
            self._layout.addWidget(widget)
            widget.show()
        self._chain(before)
        if lost is not None and lost not in kept:
            # The card that took its place, or the last one, or the button that adds one.
            stops = (*self._cards, self._add)
            stops[min(lost, max(len(self._cards) - 1, 0))].setFocus()
        for card in gone:
            card.hide()
            card.deleteLater()

    def _new_card(self, entry: Settings) -> EntryCard:
        card = EntryCard(entry, self._make_form, self)
        card.set_enabled_fields(self._may_change, self._reason)
        card.edited.connect(lambda settings, path: self._changed(card, settings, path))
        card.deed.connect(lambda deed: self._do(card, deed))
        card.stepped.connect(lambda step: self._focus(self._cards.index(card) + step))
        self._drag.watch(card)
        return card

    def _chain(self, before: QWidget | None = None) -> None:
        stops = self.tab_stops()
        chain = [before, *stops] if before is not None else stops
        for one, other in itertools.pairwise(chain):
            QWidget.setTabOrder(one, other)

    def _show_facts(self) -> None:
        known = (*self._facts, *[EntryFacts()] * len(self._cards))
        for card, facts in zip(self._cards, known, strict=False):
            card.show_facts(facts)

    def _show_limits(self) -> None:
        """What can be done with each card, and whether one can be added."""
        count, reason = len(self._cards), self._lock_reason
        full = f"At most {self._spec.most}." if count >= self._spec.most else ""
        self._add.setEnabled(not (reason or full))
        self._add.setToolTip(reason or full)
        last = f"At least {self._spec.least} has to stay." if count <= self._spec.least else ""
        for index, card in enumerate(self._cards):
            card.set_lock(reason)
            card.header.forbid("up", reason or ("It is the first." if index == 0 else ""))
            card.header.forbid("down", reason or ("It is the last." if index == count - 1 else ""))
            card.header.forbid("remove", reason or last)

    def _focus(self, index: int) -> None:
        if 0 <= index < len(self._cards):
            self._cards[index].setFocus()
            self._layout.activate()
            self._reveal(self._cards[index].geometry())

    def _reveal(self, area: QRect) -> None:
        """Scroll the panel around it until a part of it is seen."""
        around = self.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        if around is not None and around.widget() is not None:
            middle = self.mapTo(around.widget(), area.center())
            around.ensureVisible(middle.x(), middle.y(), 0, area.height() // 2 + _SEEN)

    def _gap_rectangle(self, number: int) -> QRect:
        if number < len(self._cards):
            card = self._cards[number].geometry()
            return QRect(card.topLeft() - QPoint(0, _GAP), card.topRight() - QPoint(0, 1))
        card = self._cards[-1].geometry()
        return QRect(card.bottomLeft() + QPoint(0, 1), card.bottomRight() + QPoint(0, _GAP))


def _add_button(title: str) -> QPushButton:
    """ "+ augmentation", "+ inner layer"."""
    noun = title[:1].lower() + title[1:]
    button = QPushButton(f"+ {noun.removesuffix('s')}")
    button.setProperty("dashed", True)
    button.setAccessibleName(f"Add to {noun}")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _has_focus(card: QWidget) -> bool:
    """Whether the focus is on the card or in its form."""
    holder = card.window().focusWidget()
    return holder is not None and (holder is card or card.isAncestorOf(holder))


def _stop_before(stop: QWidget, around: QWidget) -> QWidget | None:
    """Where Tab stops before a widget, outside of the one around it; None where there is nothing."""
    found = stop.previousInFocusChain()
    while found is not stop:
        outside = found is not around and not around.isAncestorOf(found)
        if outside and found.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return found
        found = found.previousInFocusChain()
    return None
