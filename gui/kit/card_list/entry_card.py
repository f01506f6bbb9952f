"""One entry of a list as a card: its line, what is wrong with it, and its form when it is open."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from engine.settings import Settings
from gui.kit import theme
from gui.kit.card_list.entry_summary import EntryFacts, MakeForm, sectioned, summary
from gui.kit.card_list.folding_card import DragLine, FoldingCard
from gui.kit.inline_message import InlineMessage
from gui.kit.labels import ElidedLabel, IconLabel, Label

HEADER_HEIGHT = 20
_HANDLE_WIDTH = 14
_ICON_SIZE = 15
_BUTTON_ICON = 12
_DEEDS = {
    "up": ("arrow-up", "Move up"),
    "down": ("arrow-down", "Move down"),
    "remove": ("trash", "Delete"),
}


class EntryHeader(DragLine):
    """The buttons show while the pointer or the focus is on the card, in place of the note at the right.

    `deed` gives "up", "down" or "remove".
    """

    deed = Signal(str)

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(movable=True, parent=parent)
        self._name = ElidedLabel(name, "strong")
        self._summary = ElidedLabel("", "muted", caption=True)
        self._summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._note = Label("", "muted", caption=True)
        self._note.setFont(theme.caption_font(tabular=True))
        self._buttons = QWidget()
        self._reasons = dict.fromkeys(_DEEDS, "")
        handle = IconLabel("dots-six-vertical", "muted", size=_HANDLE_WIDTH)
        handle.setCursor(Qt.CursorShape.OpenHandCursor)
        handle.setToolTip("Drag to move it")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(handle)
        if icon:
            row.addWidget(IconLabel(icon, "accent", size=_ICON_SIZE))
        row.addWidget(self._name)
        row.addWidget(self._summary, 1)
        row.addWidget(self._note)
        row.addWidget(self._buttons)
        self._fill_buttons(name)
        self._buttons.hide()
        self.setFixedHeight(HEADER_HEIGHT)

    def name(self) -> str:
        return self._name.text()

    def summary(self) -> str:
        return self._summary.text()

    def note(self) -> str:
        return self._note.text()

    def button(self, deed: str) -> QToolButton:
        """The button for "up", "down" or "remove"."""
        return self._buttons.findChild(QToolButton, deed)

    def show_words(self, summary: str, note: str) -> None:
        """A few words on the settings, and what stands at the right."""
        self._summary.setText(summary)
        if note != self._note.text():
            self._note.setText(note)

    def show_buttons(self, shown: bool) -> None:
        """Offer what can be done, in place of the note."""
        self._buttons.setVisible(shown)
        self._note.setVisible(not shown and bool(self._note.text()))

    def forbid(self, deed: str, reason: str) -> None:
        """Disable a button and say why; an empty reason enables it."""
        if reason != self._reasons[deed] or not reason:
            self._reasons[deed] = reason
            button = self.button(deed)
            button.setEnabled(not reason)
            button.setToolTip(reason or _DEEDS[deed][1])

    def _fill_buttons(self, name: str) -> None:
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for deed, (icon, title) in _DEEDS.items():
            button = QToolButton()
            button.setObjectName(deed)
            button.setIcon(theme.icon(icon, "muted"))
            button.setIconSize(QSize(_BUTTON_ICON, _BUTTON_ICON))
            button.setFixedSize(HEADER_HEIGHT, HEADER_HEIGHT)
            # The card itself is the stop for Tab: it has a key for each of them.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(f"{title}: {name}")
            button.setToolTip(title)
            button.clicked.connect(lambda _=False, deed=deed: self.deed.emit(deed))
            row.addWidget(button)


MayChange = Callable[[Any], bool] | None


class EntryCard(FoldingCard):
    """`edited` gives the new settings and the path of the field; `resized`: what is in it came or went."""

    edited = Signal(object, str)
    resized = Signal()

    def __init__(self, settings: Settings, make_form: MakeForm, parent: QWidget | None = None) -> None:
        header = EntryHeader(settings.icon, settings.heading)
        super().__init__(header, padding=6, parent=parent)
        self._settings = settings
        self._make_form = make_form
        self._facts = EntryFacts()
        self._forms: tuple[Any, ...] = ()
        self._may_change: MayChange = None
        self._reason = ""
        self._message = InlineMessage()
        self.body.addWidget(self._message)
        header.deed.connect(self.deed)
        self._show_words()

    @property
    def settings(self) -> Settings:
        """What it shows."""
        return self._settings

    @property
    def form(self) -> Any:
        """Its form while it is open: what is set often."""
        return self._forms[0] if self._forms else None

    @property
    def forms(self) -> tuple[Any, ...]:
        """The same, and those of the sections that fold."""
        return self._forms

    @property
    def message(self) -> InlineMessage:
        return self._message

    def show_entry(self, settings: Settings) -> None:
        """Show other settings of the same kind."""
        if settings != self._settings:
            self._settings = settings
            self._show_words()
        for form in self._forms:
            form.set_value(settings)

    def show_facts(self, facts: EntryFacts) -> None:
        """Say what is known of it beyond its settings."""
        if facts != self._facts:
            self._facts = facts
            self._show_words()
            self._show_fault()
        self._hand_on_facts()

    def set_enabled_fields(self, may_change: MayChange, reason: str) -> None:
        """As with the form around the list."""
        self._may_change, self._reason = may_change, reason
        for form in self._forms:
            form.set_enabled_fields(may_change, reason)

    def set_lock(self, reason: str) -> None:
        super().set_lock(reason)
        self._show_buttons(self.underMouse() or self.hasFocus())

    def enterEvent(self, event: QEvent) -> None:
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

    def _make_inside(self) -> QWidget:
        inside, self._forms = sectioned(self._settings, self._make_form)
        inside.setParent(self)
        inside.setContentsMargins(0, 2, 0, 2)
        for form in self._forms:
            form.changed.connect(self.edited)
            form.problem.connect(lambda _: self._show_fault())
            form.set_enabled_fields(self._may_change, self._reason)
        self._hand_on_facts()
        return inside

    def _drop_inside(self) -> None:
        self._forms = ()
        super()._drop_inside()

    def _fold_changed(self) -> None:
        self._show_buttons(self.underMouse() or self.hasFocus())
        self._show_fault()
        self._show_words()
        self.resized.emit()

    def _hand_on_facts(self) -> None:
        """To the lists in its own form."""
        for form in self._forms:
            for name in form.names():
                show_facts = getattr(form.field(name), "show_facts", None)
                if show_facts is not None:
                    show_facts(self._facts.inner)

    def _show_buttons(self, shown: bool) -> None:
        self.header.show_buttons((shown or self.is_open()) and not self._lock_reason)

    def _show_words(self) -> None:
        header, words = self.header, summary(self._settings)
        header.show_words(words, self._facts.note)
        self._show_buttons(self.underMouse() or self.hasFocus())
        fold = "open" if self.is_open() else "closed"
        name = ", ".join(part for part in (header.name(), words, self._facts.note, fold) if part)
        self.setAccessibleName(name)

    def _show_fault(self) -> None:
        self.set_faulty(self._facts.faulty or any(form.problems() for form in self._forms))
        self._message.show_message(self._facts.fault)
        self.setAccessibleDescription(self._facts.fault)
