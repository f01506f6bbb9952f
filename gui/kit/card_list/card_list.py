"""A list of cards: one can be open, all can be moved, duplicated, removed, and new ones put between them."""

import itertools
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.settings import Settings
from gui.kit.card_list.card_drag import CardDrag
from gui.kit.card_list.kind_picker import KindPicker
from gui.kit.card_list.settings_card import MayChange, SettingsCard
from gui.kit.layouts import clear_layout, scroll_to

AnyCard = TypeVar("AnyCard", bound=SettingsCard)


def matched(old: Sequence[Settings], new: Sequence[Settings]) -> list[int | None]:
    """For each new entry the index of the old one that it continues, or None for a new one.

    An entry continues as itself wherever it moved to (settings are shared, not copied, by edits), else as
    an equal one, else as one of the same kind in the same order: that one was changed.
    """
    pairing: list[int | None] = [None] * len(new)
    free = list(range(len(old)))
    rules: tuple[Callable[[Settings, Settings], bool], ...] = (
        lambda before, after: before is after,
        lambda before, after: before == after,
        lambda before, after: type(before) is type(after),
    )
    for rule in rules:
        for place, after in enumerate(new):
            if pairing[place] is None:
                found = next((index for index in free if rule(old[index], after)), None)
                if found is not None:
                    pairing[place] = found
                    free.remove(found)
    return pairing


class CardList(QWidget, Generic[AnyCard]):
    """Shows settings as cards from top to bottom, and says what a person wants done with them.

    It changes nothing by itself: its signals are answered by a call of `show_entries` with the new ones.
    All give indices of cards: `changed` (index, the new settings, path of the field), `inserted` (index,
    class of the new entry), `removed`, `duplicated` (index), `moved` (index, its new index), `remedied`
    (index: the button that mends its fault was pressed), `acted` (index, the name of an action that only
    these cards have). `opened` gives the index of the card that is open now, None where none is; `open_card`
    does not emit it.

    least, most : how many cards there may be.
    fixed : cards that stay behind the others, whatever is done.
    """

    changed = Signal(int, object, str)
    inserted = Signal(int, object)
    removed = Signal(int)
    duplicated = Signal(int)
    moved = Signal(int, int)
    remedied = Signal(int)
    acted = Signal(int, str)
    opened = Signal(object)

    def __init__(
        self,
        *,
        least: int = 0,
        most: float = float("inf"),
        fixed: Sequence[AnyCard] = (),
        spacing: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self._movable: list[AnyCard] = []
        self._fixed = tuple(fixed)
        self._lock_reason = ""
        self._may_change: MayChange = None
        self._reason = ""
        self._drag = CardDrag(self, lambda: self._movable, self._gap_rectangle)
        self._drag.dropped.connect(self._dropped)
        self._drag.moved_over.connect(lambda area: scroll_to(self, area))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(spacing)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for card in self._fixed:
            self._connect(card)

    @property
    def cards(self) -> tuple[AnyCard, ...]:
        """From top to bottom, with those that stay."""
        return (*self._movable, *self._fixed)

    def open_index(self) -> int | None:
        """Which card is open."""
        return next((index for index, card in enumerate(self.cards) if card.is_open()), None)

    def open_card(self, index: int | None) -> None:
        """Open one card and close the others."""
        for number, card in enumerate(self.cards):
            if number != index:
                card.set_open(False)
        if index is not None:
            self.cards[index].set_open(True)
        self._refresh()
        self._chain()

    def focus_card(self, index: int) -> None:
        """Put the focus on a card, where there is one of that index."""
        if 0 <= index < len(self.cards):
            self.cards[index].setFocus()
            self.reveal_card(index)

    def reveal_card(self, index: int) -> None:
        """Scroll the panel around the list until the card is seen."""
        self._layout.activate()
        scroll_to(self, self.cards[index].geometry())

    def set_lock(self, reason: str) -> None:
        """Forbid adding, moving and removing, and say why; an empty reason allows it again."""
        self._lock_reason = reason
        if reason:
            self._drag.cancel()
        for card in self.cards:
            card.set_lock(reason)
        self._refresh()

    def set_enabled_fields(self, may_change: MayChange, reason: str = "") -> None:
        """Which fields of the entries may be changed, as with a form."""
        self._may_change, self._reason = may_change, reason
        for card in self.cards:
            card.set_enabled_fields(may_change, reason)

    @abstractmethod
    def tab_stops(self) -> list[QWidget]:
        """Where Tab stops, from top to bottom; at least one widget."""

    # --- what a list fills in -----------------------------------------------------------------------------

    @abstractmethod
    def _make_card(self, settings: Settings) -> AnyCard: ...

    @abstractmethod
    def _column(self) -> Sequence[QWidget]:
        """All that stands in the list, from top to bottom."""

    @abstractmethod
    def _gap_rectangle(self, number: int) -> QRect:
        """The place before the card of an index, or behind the last one that can be moved."""

    def _refresh(self) -> None:
        """The number, the order, the lock or the open card has changed."""

    # --- what a person does -------------------------------------------------------------------------------

    def insert(self, index: int, kind: type[Settings]) -> None:
        """Ask for a new entry before the card of that index; it is opened to be edited next."""
        before = len(self._movable)
        self.inserted.emit(index, kind)
        if len(self._movable) > before:
            self.open_card(index)
            self.focus_card(index)
            self.opened.emit(index)

    def _offer(self, kinds: Sequence[type[Settings]], title: str, anchor: QWidget, index: int) -> None:
        """Let a person choose what is inserted, from a list beside a widget."""
        picker = KindPicker(kinds, title, self)
        picker.picked.connect(lambda kind: self.insert(index, kind))
        picker.open_beside(anchor)

    def _carry_out(self, card: AnyCard, action: str) -> None:
        index, count = self.cards.index(card), len(self._movable)
        if action == "toggle":
            self.open_card(None if card.is_open() else index)
            self.opened.emit(self.open_index())
            self.reveal_card(index)
        elif self._lock_reason and any(one.name == action and one.changes for one in card.card_actions()):
            return
        elif action == "remove" and count > self._least:
            self.removed.emit(index)
        elif action == "duplicate" and count < self._most:
            self.duplicated.emit(index)
            if len(self._movable) > count:
                self.focus_card(index + 1)
        elif action in ("up", "down"):
            self._move(index, index + (-1 if action == "up" else 1))
        elif action not in ("remove", "duplicate"):
            self.acted.emit(index, action)

    def _move(self, index: int, target: int) -> None:
        if 0 <= target < len(self._movable) and target != index:
            self.moved.emit(index, target)
            self.focus_card(target)

    def _dropped(self, index: int, gap: int) -> None:
        """A card was let go over a gap; behind its own place the gaps count one less."""
        if not self._lock_reason:
            self._move(index, gap - 1 if gap > index else gap)

    # --- cards --------------------------------------------------------------------------------------------

    def _show_entries(self, entries: Sequence[Settings]) -> None:
        """Show other entries; cards of those that stay keep their form, their focus and their cursor."""
        pairing = matched([card.settings for card in self._movable], entries)
        if pairing != list(range(len(self._movable))):
            self._rebuild(entries, pairing)
        for card, entry in zip(self._movable, entries, strict=True):
            card.show_settings(entry)

    def _rebuild(self, entries: Sequence[Settings], pairing: Sequence[int | None]) -> None:
        """Bring cards and entries into the same order; make and dispose of cards where need be."""
        outside = _stop_before(self.tab_stops()[0], self)
        kept = {old for old in pairing if old is not None}
        gone = [card for index, card in enumerate(self._movable) if index not in kept]
        lost = next((index for index, card in enumerate(self._movable) if card_has_focus(card)), None)
        was_open = self.open_index()
        pairs = zip(pairing, entries, strict=True)
        self._movable = [self._new_card(entry) if old is None else self._movable[old] for old, entry in pairs]
        self._arrange()
        self._chain(outside)
        if lost is not None and lost not in kept:
            # The card that took its place, or the last one, or what adds one.
            if self.cards:
                self.focus_card(min(lost, len(self.cards) - 1))
            else:
                self.tab_stops()[0].setFocus()
        for card in gone:
            card.hide()
            card.deleteLater()
        if self.open_index() != was_open:
            # It went, or has another place now: what shows the selected entry elsewhere follows.
            self.opened.emit(self.open_index())

    def _new_card(self, settings: Settings) -> AnyCard:
        card = self._make_card(settings)
        self._connect(card)
        self._drag.watch(card)
        card.set_lock(self._lock_reason)
        card.set_enabled_fields(self._may_change, self._reason)
        return card

    def _connect(self, card: AnyCard) -> None:
        card.edited.connect(lambda settings, path: self.changed.emit(self.cards.index(card), settings, path))
        card.triggered.connect(lambda action: self._carry_out(card, action))
        card.remedy_wanted.connect(lambda: self.remedied.emit(self.cards.index(card)))
        card.stepped.connect(lambda step: self.focus_card(self.cards.index(card) + step))

    def _arrange(self) -> None:
        """Put all that stands in the list into its layout."""
        clear_layout(self._layout)
        for widget in self._column():
            self._layout.addWidget(widget)
            widget.show()
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        # What was put in order before it came into its window is in another order there.
        super().showEvent(event)
        self._chain()

    def _chain(self, outside: QWidget | None = None) -> None:
        """Let Tab go from top to bottom, from the widget outside that comes before the list."""
        stops = self.tab_stops() if outside is None else [outside, *self.tab_stops()]
        for before, after in itertools.pairwise(stops):
            QWidget.setTabOrder(before, after)


def card_has_focus(card: QWidget) -> bool:
    """Whether the focus is on the card or in its form."""
    holder = card.window().focusWidget()
    return holder is not None and (holder is card or card.isAncestorOf(holder))


def _stop_before(stop: QWidget, around: QWidget) -> QWidget | None:
    """Where Tab stops before a widget, outside of the one around it; None where there is nothing."""
    found = stop.previousInFocusChain()
    while found is not None and found is not stop:
        outside = found is not around and not around.isAncestorOf(found)
        if outside and found.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return found
        found = found.previousInFocusChain()
    return None
