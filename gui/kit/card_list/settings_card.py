"""Settings as a card: the header, what is wrong with them, and their form while the card is open."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.settings import Settings, kind_of
from gui.kit import theme
from gui.kit.card_list.folding_card import DragHandle, FoldingCard
from gui.kit.form_fields import summary
from gui.kit.labels import ElidedLabel, IconLabel, InlineMessage
from gui.kit.layouts import Disclosure
from gui.kit.text import tr

HEADER_HEIGHT = 20
_HANDLE_WIDTH = 14
_ICON_SIZE = 15
_SPACING = 6

MayChange = Callable[[Any], bool] | None
"""Which fields of a form may be changed; None: all. See `SettingsForm.set_enabled_fields`."""


class MakeForm(Protocol):
    """A gui.kit.form.SettingsForm of a section, which itself stands on lists of cards."""

    def __call__(self, settings: Settings, /, *, section: str) -> Any: ...


@dataclass(frozen=True)
class CardStatus:
    """What is known of an entry beyond its settings."""

    note: str = ""
    """Stands at the right of the header."""
    fault: str = ""
    """What is wrong with the entry, in a sentence."""
    remedy: str = ""
    """The text of the button that would mend it."""
    inner: "tuple[CardStatus, ...]" = ()
    """The same of the entries inside this one."""

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with the entry or inside it."""
        return bool(self.fault) or any(entry.faulty for entry in self.inner)


class CardHeader(DragHandle):
    """Handle, icon and name; what else stands on it is added to `row`."""

    def __init__(self, icon: str, name: str, *, movable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(movable=movable, parent=parent)
        self._name = ElidedLabel(name, "strong")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(_SPACING)
        self.handle = IconLabel("dots-six-vertical", "muted", size=_HANDLE_WIDTH) if movable else None
        if self.handle is not None:
            self.handle.setCursor(Qt.CursorShape.OpenHandCursor)
            self.handle.setToolTip(tr("Drag to move it; click for its menu"))
            self.row.addWidget(self.handle)
        else:
            # The icons of all cards stand below one another.
            room = QWidget()
            theme.set_sizes(room, width=_HANDLE_WIDTH)
            self.row.addWidget(room)
        self._icon = icon
        self._picture = IconLabel(icon, "accent", size=_ICON_SIZE) if icon else None
        if self._picture is not None:
            self.row.addWidget(self._picture)
        self.row.addWidget(self._name)
        theme.set_sizes(self, height=HEADER_HEIGHT)

    def name(self) -> str:
        return self._name.text()

    def is_handle(self, place: QPoint) -> bool:
        return self.handle is not None and self.handle.geometry().contains(place)

    def show_enabled(self, enabled: bool) -> None:
        """Draw icon and name greyed where the entry takes no part."""
        if enabled != self._name.isEnabled():
            self._name.setEnabled(enabled)
            if self._picture is not None:
                self._picture.set_icon(self._icon, "accent" if enabled else "disabled")


class SettingsCard(FoldingCard):
    """Shows one entry of a list; opened, its form.

    Signals, besides those of every card that folds: `edited` (the new settings, the path of the field);
    `remedy_wanted` (the button that mends what is wrong was pressed).
    make_form : a form of a section of the settings.
    """

    edited = Signal(object, str)
    remedy_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        header: CardHeader,
        make_form: MakeForm,
        *,
        fixed: bool = False,
        padding: int = 8,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(header, fixed=fixed, padding=padding, parent=parent)
        self._settings = settings
        self.setWhatsThis(summary(type(settings)))
        self.setProperty("topics", [kind_of(type(settings))] if "kind" in type(settings).model_fields else [])
        self._make_form = make_form
        self._status = CardStatus()
        self._forms: tuple[Any, ...] = ()
        self._may_change: MayChange = None
        self._reason = ""
        self._message: InlineMessage | None = None

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
    def message(self) -> InlineMessage | None:
        """What says what is wrong; None as long as nothing ever was."""
        return self._message

    def show_settings(self, settings: Settings) -> None:
        """Show other settings of the same kind."""
        if settings != self._settings:
            self._settings = settings
            self._describe()
        for form in self._forms:
            form.set_value(settings)

    def show_status(self, status: CardStatus) -> None:
        """Say what is known of it beyond its settings."""
        if status != self._status:
            self._status = status
            self._describe()
            self._show_fault()
        self._show_inner_status()

    def set_lock(self, reason: str) -> None:
        if reason != self._lock_reason:
            super().set_lock(reason)
            self._show_fault()

    def set_enabled_fields(self, may_change: MayChange, reason: str) -> None:
        """Disable the fields for which the predicate is False; their tooltips then give the reason."""
        self._may_change, self._reason = may_change, reason
        for form in self._forms:
            form.set_enabled_fields(may_change, reason)

    def tab_stops(self) -> list[QWidget]:
        """Where Tab stops, from top to bottom: the card itself, then the fields of its form."""
        stops: list[QWidget] = [self]
        if self.inside is not None:
            options = Qt.FindChildOption.FindDirectChildrenOnly
            stops += self._forms[0].tab_stops()
            folds = self.inside.findChildren(Disclosure, options=options)
            for fold, form in zip(folds, self._forms[1:], strict=True):
                stops += [fold.button, *form.tab_stops()]
        return stops

    def inner_lists(self) -> list[Any]:
        """The lists of cards in its open form."""
        fields = (form.field(name) for form in self._forms for name in form.names())
        return [field for field in fields if hasattr(field, "show_statuses")]

    def _make_inside(self) -> QWidget:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_SPACING)
        forms = [self._make_form(self._settings, section="")]
        column.addWidget(forms[0])
        for name in type(self._settings).sections:
            form = self._make_form(self._settings, section=name)
            if not form.names():
                form.deleteLater()
                continue
            fold = Disclosure(tr(name), form)
            # What was changed is not hidden.
            fold.set_open(bool(form.changes()))
            column.addWidget(fold)
            forms.append(form)
        self._forms = tuple(forms)
        for form in self._forms:
            form.changed.connect(self.edited)
            form.problem.connect(self._show_fault)
            form.set_enabled_fields(self._may_change, self._reason)
        self._show_inner_status()
        return inside

    def _drop_inside(self) -> None:
        self._forms = ()
        super()._drop_inside()

    def _fold_changed(self) -> None:
        self._show_fault()
        self._describe()

    def _show_inner_status(self) -> None:
        for field in self.inner_lists():
            field.show_statuses(self._status.inner)

    @abstractmethod
    def _describe(self) -> None:
        """Bring the header and the name that screen readers read up to date."""

    def _fold_text(self) -> str:
        return tr("open") if self.is_open() else tr("closed")

    def _show_fault(self) -> None:
        """The edge, the sentence, and the button that mends."""
        self.set_faulty(self._status.faulty or any(form.problems() for form in self._forms))
        remedy = "" if self._lock_reason else self._status.remedy
        told_inside = any(entry.faulty for entry in self._status.inner) and bool(self.inner_lists())
        sentence = "" if told_inside and not remedy else self._status.fault
        if self._message is None and sentence:
            # Made when it is needed: few cards of a long list ever are faulty.
            self._message = InlineMessage()
            self._message.acted.connect(self.remedy_wanted)
            self.body.insertWidget(1, self._message)
        if self._message is not None:
            self._message.show_message(sentence, action=remedy if sentence else "")
