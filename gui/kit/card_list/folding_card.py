"""A card that opens under its header, and what can be done with it by keys and menu."""

from abc import abstractmethod
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from gui.kit import theme
from gui.kit.card import Card
from gui.kit.text import tr


class DragHandle(QWidget):
    """A click emits `clicked`; where `movable`, a press that moves away begins a drag.

    The drag's signals give the pointer's place on the screen. `handle_clicked` : the click was on the handle.
    """

    clicked = Signal()
    handle_clicked = Signal()
    drag_began = Signal(QPoint)
    drag_moved = Signal(QPoint)
    drag_ended = Signal()

    def __init__(self, *, movable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._movable = movable
        self._pressed_at: QPointF | None = None
        self._dragging = False

    def cancel_drag(self) -> None:
        self._pressed_at, self._dragging = None, False

    def set_movable(self, movable: bool) -> None:
        """Forbid dragging for a while."""
        self._movable = movable

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None or not self._movable:
            return
        place = event.globalPosition().toPoint()
        if self._dragging:
            self.drag_moved.emit(place)
        elif (event.position() - self._pressed_at).manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
            self.drag_began.emit(self.mapToGlobal(self._pressed_at.toPoint()))
            self.drag_moved.emit(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        dragging, self._pressed_at, self._dragging = self._dragging, None, False
        if dragging:
            self.drag_ended.emit()
        elif self.is_handle(event.position().toPoint()):
            self.handle_clicked.emit()
        elif self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def is_handle(self, place: QPoint) -> bool:
        """Whether the handle, by which it is dragged, is at a place."""
        return False


class CardAction(NamedTuple):
    """What can be done with a card, by its keys or its menu."""

    name: str
    text: str
    keys: str
    icon: str = ""
    separated: bool = False
    """A line stands above it in the menu."""
    changes: bool = True
    """Whether it changes anything: only that has to wait while the list is locked."""


CARD_ACTIONS = (
    CardAction("up", tr("Move up"), "Alt+Up", "arrow-up", separated=True),
    CardAction("down", tr("Move down"), "Alt+Down", "arrow-down"),
    CardAction("duplicate", tr("Duplicate"), "Ctrl+D", "copy"),
    CardAction("remove", tr("Delete"), "Del", "trash", separated=True),
)
"""Of every card that can be moved."""


class FoldingCard(Card):
    """A header, and under it while it is open what `_make_inside` makes.

    fixed : it stays where it is and cannot be taken away.
    Signals: `triggered` ("toggle", or the name of one of its `actions`); `stepped` (−1 or 1: the
    focus wants to go to the card above or below).
    """

    triggered = Signal(str)
    stepped = Signal(int)

    def __init__(
        self, header: DragHandle, *, fixed: bool = False, padding: int = 8, parent: QWidget | None = None
    ) -> None:
        super().__init__(selectable=True, padding=padding, parent=parent)
        self.header: DragHandle = header
        self._fixed = fixed
        self._lock_reason = ""
        self._inside: QWidget | None = None
        self.body.addWidget(header)
        header.clicked.connect(self._header_clicked)
        header.handle_clicked.connect(self._handle_clicked)
        self.clicked.connect(lambda: self.triggered.emit("toggle"))

    @property
    def inside(self) -> QWidget | None:
        """All that stands under its header while it is open."""
        return self._inside

    def is_open(self) -> bool:
        return self._inside is not None

    def set_open(self, opened: bool) -> None:
        """Show what is inside, or take it away."""
        if opened == self.is_open():
            return
        self.set_selected(opened)
        if opened:
            self._inside = self._make_inside()
            self.body.addWidget(self._inside)
        else:
            self._drop_inside()
        self._fold_changed()

    def is_framed(self) -> bool:
        """One card of a list is framed: the one that has the focus, else the one that is open."""
        if not self.is_selected() or self.hasFocus():
            return super().is_framed()
        holder = self.window().focusWidget()
        beside = isinstance(holder, FoldingCard) and holder.parentWidget() is self.parentWidget()
        return not beside or holder is self

    def set_lock(self, reason: str) -> None:
        """Forbid moving, copying and removing it, and say why; an empty reason allows it again."""
        self._lock_reason = reason
        self.header.set_movable(not reason and not self._fixed)

    def menu(self) -> QMenu:
        """What can be done with the card, for the right mouse button and the menu key."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        text = tr("Close") if self.is_open() else tr("Open")
        self._add(menu, CardAction("toggle", text, "Return", changes=False))
        for action in self.card_actions():
            if action.separated:
                menu.addSeparator()
            self._add(menu, action)
        return menu

    def card_actions(self) -> tuple[CardAction, ...]:
        """What can be done with it, besides opening it, in the order of the menu."""
        return () if self._fixed else CARD_ACTIONS

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Only the header opens and closes the card: the form's own area shall not.
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._update_frames()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._update_frames()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self._action_of(event):
            # The window may have the same keys for something else; here they are the card's.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            # It trains and pauses wherever it does not press something; Enter opens and closes.
            event.ignore()
            return
        name = self._action_of(event)
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if name:
            self.triggered.emit(name)
        elif self.hasFocus() and event.key() in steps and not event.modifiers():
            self.stepped.emit(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape and self.is_open():
            if self.hasFocus():
                self.triggered.emit("toggle")
            else:
                self.setFocus()
        else:
            super().keyPressEvent(event)

    def _update_frames(self) -> None:
        """The frame goes from card to card with the focus."""
        around = self.parentWidget()
        if around is not None:
            options = Qt.FindChildOption.FindDirectChildrenOnly
            for card in around.findChildren(Card, options=options):
                card.update()

    @abstractmethod
    def _make_inside(self) -> QWidget:
        """What stands under the header; made again each time the card is opened."""

    def _drop_inside(self) -> None:
        inside, self._inside = self._inside, None
        if inside is not None:
            holder = self.window().focusWidget()
            if holder is not None and inside.isAncestorOf(holder):
                self.setFocus()
            inside.hide()
            inside.deleteLater()

    def _fold_changed(self) -> None:
        """It was opened or closed."""

    def _action_of(self, event: QKeyEvent) -> str:
        """What the keys ask of this card; in the fields of its form they have their usual meaning."""
        if not self.hasFocus():
            return ""
        pressed = QKeySequence(event.keyCombination())
        return next((one.name for one in self.card_actions() if QKeySequence(one.keys) == pressed), "")

    def _header_clicked(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.triggered.emit("toggle")

    def _handle_clicked(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.menu().popup(self.header.mapToGlobal(QPoint(0, self.header.height())))

    def _add(self, menu: QMenu, action: CardAction) -> None:
        entry = QAction(action.text, menu)
        if action.icon:
            entry.setIcon(theme.icon(action.icon, "muted"))
        entry.setShortcut(QKeySequence(action.keys))
        entry.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        entry.triggered.connect(lambda: self.triggered.emit(action.name))
        if self._lock_reason and action.changes:
            entry.setEnabled(False)
            entry.setToolTip(self._lock_reason)
        menu.addAction(entry)
