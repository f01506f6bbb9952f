"""A layer of the network as a card: its line, what is wrong with it, and, when open, its form."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from engine.errors import ShapeError, UserError
from engine.layers import LAYERS
from engine.settings import Settings, kind_of
from gui import theme
from gui.form import SettingsForm
from gui.setup.disclosure import Disclosure
from gui.setup.facts import Stage
from gui.setup.layer_header import LayerHeader
from gui.setup.rows import Stack
from gui.widgets import Card, InlineMessage

PAUSE_FIRST = "Pause training to change this."

_SELDOM = ("bias", "bias_initializer", "l1")
"""Fields that most people never touch: behind "More", unless one of them was."""
_FORM_INDENT = 3

_DEEDS = {
    QKeySequence("Alt+Up"): "up",
    QKeySequence("Alt+Down"): "down",
    QKeySequence("Ctrl+D"): "duplicate",
    QKeySequence("Del"): "remove",
}


class LayerCard(Card):
    """Shows one layer, or the output (`fixed`: it stays where it is and cannot be taken away).

    Signals: `edited` (settings, path of the field); `deed` ("up", "down", "duplicate", "remove", "toggle");
    `stepped` (−1 or 1: the focus wants to go to the card above or below); `mended` (the JSON form of the
    layer to be put before this one).
    """

    edited = Signal(object, str)
    deed = Signal(str)
    stepped = Signal(int)
    mended = Signal(object)

    def __init__(self, settings: Settings, *, fixed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(selectable=True, parent=parent)
        self._settings = settings
        self._fixed = fixed
        self._locked = False
        self._stage = Stage("")
        self._form: SettingsForm | None = None
        self._seldom: SettingsForm | None = None
        self._inside: QWidget | None = None
        self.header = LayerHeader(settings.icon or "arrow-line-right", movable=not fixed)
        self._message: InlineMessage | None = None
        self.body.addWidget(self.header)
        self.header.clicked.connect(self._header_clicked)
        self.clicked.connect(lambda: self.deed.emit("toggle"))

    @property
    def settings(self) -> Settings:
        """What it shows."""
        return self._settings

    @property
    def form(self) -> SettingsForm | None:
        """Its form while it is open: what is set often."""
        return self._form

    @property
    def inside(self) -> QWidget | None:
        """All that stands under its line while it is open."""
        return self._inside

    def show_layer(self, settings: Settings, stage: Stage) -> None:
        """Show other settings of the same kind, and what follows from them."""
        self._settings = settings
        for form in self._forms():
            form.set_value(settings)
        if stage != self._stage:
            self._stage = stage
            self.header.show_stage(stage)
            self._show_fault()
            self._name_it()

    def is_open(self) -> bool:
        return self._form is not None

    def set_open(self, opened: bool) -> None:
        """Show the form, or take it away."""
        if opened == self.is_open():
            return
        self.set_selected(opened)
        if opened:
            self._make_form()
        else:
            self._drop_form()
        self._show_fault()
        self._name_it()

    def set_locked(self, locked: bool) -> None:
        """While training: what cannot change in mid-run is disabled, and says why."""
        if locked != self._locked:
            self._locked = locked
            self.header.set_movable(not locked and not self._fixed)
            self._lock_form()
            self._show_fault()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Only the header opens and closes the card: the form's own area shall not.
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the card, for the right mouse button and the menu key."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        self._add(menu, "Close" if self.is_open() else "Open", "toggle", "", "Return")
        if not self._fixed:
            menu.addSeparator()
            self._add(menu, "Move up", "up", "arrow-up", "Alt+Up")
            self._add(menu, "Move down", "down", "arrow-down", "Alt+Down")
            self._add(menu, "Duplicate", "duplicate", "copy", "Ctrl+D")
            menu.addSeparator()
            self._add(menu, "Delete", "remove", "trash", "Del")
        return menu

    def event(self, event: QEvent) -> bool:
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self._deed(event):
            # The window may have the same keys for something else; here they are the card's.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        deed = self._deed(event)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if deed:
            self.deed.emit(deed)
        elif self.hasFocus() and event.key() in steps and not event.modifiers():
            self.stepped.emit(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape and self.is_open():
            if self.hasFocus():
                self.deed.emit("toggle")
            else:
                self.setFocus()
        else:
            super().keyPressEvent(event)

    def _deed(self, event: QKeyEvent) -> str:
        """What the keys ask of this card; in the fields of its form they have their usual meaning."""
        if self._fixed or not self.hasFocus():
            return ""
        return _DEEDS.get(QKeySequence(event.keyCombination()), "")

    def _header_clicked(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.deed.emit("toggle")

    def _add(self, menu: QMenu, text: str, deed: str, icon: str, keys: str) -> None:
        action = QAction(text, menu)
        if icon:
            action.setIcon(theme.icon(icon, "muted"))
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: self.deed.emit(deed))
        if self._locked and deed != "toggle":
            action.setEnabled(False)
            action.setToolTip(PAUSE_FIRST)
        menu.addAction(action)

    def _make_form(self) -> None:
        """What is set often, and behind a line what is not."""
        self._form = SettingsForm(self._settings, exclude=_SELDOM)
        self._seldom = SettingsForm(self._settings, only=_SELDOM)
        more = Disclosure("More", self._seldom)
        more.set_open(any(self._seldom.field(name).differs() for name in self._seldom.names()))
        self._inside = Stack(self._form, more, parent=self)
        more.setVisible(bool(self._seldom.names()))
        self._inside.setContentsMargins(0, _FORM_INDENT, 0, 0)
        for form in (self._form, self._seldom):
            form.changed.connect(self.edited)
            form.problem.connect(self._show_fault)
        self._lock_form()
        self.body.addWidget(self._inside)

    def _drop_form(self) -> None:
        inside, self._inside, self._form, self._seldom = self._inside, None, None, None
        if inside is not None:
            holder = self.window().focusWidget()
            if holder is not None and inside.isAncestorOf(holder):
                self.setFocus()
            inside.hide()
            inside.deleteLater()

    def _forms(self) -> tuple[SettingsForm, ...]:
        return tuple(form for form in (self._form, self._seldom) if form is not None)

    def _lock_form(self) -> None:
        for form in self._forms():
            form.set_enabled_fields((lambda item: item.live) if self._locked else None, PAUSE_FIRST)

    def _show_fault(self) -> None:
        """The edge, the sentence, and the button that mends."""
        fault = self._stage.fault
        self.set_faulty(fault is not None or any(form.problems() for form in self._forms()))
        if fault is None:
            if self._message is not None:
                self._message.clear()
            return
        if self._message is None:
            self._message = InlineMessage()
            self._message.acted.connect(self._mend)
            self.body.insertWidget(1, self._message)
        action = self._mending()
        self._message.show_message(_sentence(fault, with_help=not action), action=action)

    def _mending(self) -> str:
        fault = self._stage.fault
        if self._locked or not isinstance(fault, ShapeError) or fault.insert_before is None:
            return ""
        kind = fault.insert_before["kind"]
        heading = next(member.heading for member in LAYERS if kind_of(member) == kind)
        return f"Insert a {heading}"

    def _mend(self) -> None:
        fault = self._stage.fault
        if isinstance(fault, ShapeError) and fault.insert_before is not None:
            self.mended.emit(fault.insert_before)

    def _name_it(self) -> None:
        parts = [self._stage.name]
        if self.header.shape():
            parts.append(f"output {self.header.shape()}")
        if self._stage.parameters is not None:
            parts.append(f"{self.header.parameters()} parameters")
        parts.append("open" if self.is_open() else "closed")
        self.setAccessibleName(", ".join(parts))
        self.setAccessibleDescription(str(self._stage.fault or ""))


def _sentence(fault: UserError, with_help: bool) -> str:
    """A fault without its place, which the card itself is."""
    if isinstance(fault, ShapeError):
        found = f"Needs {fault.expected} but gets {fault.got}."
    else:
        found = f"Expected {fault.expected}, found {fault.got}."
    return f"{found} {fault.help}".strip() if with_help else found
