"""Whose the space bar is: it trains and pauses, but for a button that the keyboard has reached."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication

from gui.kit.disclosure import DisclosureButton

PRESSABLE = (QAbstractButton, QAbstractItemView)
"""What Space presses where Tab brought the focus there. Drop-down lists open with Enter, F4 and arrows."""
_WATCHED = frozenset(
    (
        QEvent.Type.FocusIn,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
    )
)
_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_AS_BEFORE = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
"""A list was closed, or the window came back to the front: the focus is where it was."""


class SpaceKey:
    """Watches how the focus got to where it is, and claims Space for the control there.

    A click also leaves the focus on what was clicked, and nobody who presses Space after it means to press
    that again: the status line says "Press Train or the space bar", and that is to be true.
    """

    def __init__(self) -> None:
        self._by_keys = False
        self._last_was_key = self._tabbed = False

    def claims(self, event: QEvent) -> bool:
        """Note an event of the application; True for a Space that belongs to what has the focus."""
        kind = event.type()
        if kind not in _WATCHED:
            return False
        if kind == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
            self._note_focus(event.reason())
        elif kind == QEvent.Type.MouseButtonPress:
            self._by_keys = self._last_was_key = self._tabbed = False
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._last_was_key = True
            self._tabbed = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        elif kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            return event.key() == Qt.Key.Key_Space and self._presses(QApplication.focusWidget())
        return False

    def _note_focus(self, reason: Qt.FocusReason) -> None:
        if reason in _BY_KEYS:
            # Qt gives the same reason where what had the focus was disabled: nobody has pressed Tab then.
            self._by_keys = self._tabbed or reason == Qt.FocusReason.ShortcutFocusReason
        elif reason not in _AS_BEFORE:
            # The program moved the focus, in answer to a click or to a key.
            self._by_keys = self._last_was_key and reason != Qt.FocusReason.MouseFocusReason

    def _presses(self, focused: QObject | None) -> bool:
        if QApplication.activePopupWidget() is not None:
            return True
        return self._by_keys and isinstance(focused, PRESSABLE) and not isinstance(focused, DisclosureButton)
