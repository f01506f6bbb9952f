"""The line at the top of an entry's card: handle, icon, name, summary, and what can be done with it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui import theme
from gui.entries.drag_line import DragLine
from gui.widgets import ElidedLabel, IconLabel, Label

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
