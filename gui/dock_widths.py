"""How wide the panels at the sides shall be: a small window squeezes them, a large one gives that back."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow


class DockWidths(QObject):
    """Remembers the widths that a person, or the layout at first, gave the docks of a window.

    Qt takes width from docks when the window becomes too small for them, and leaves it in the middle when the
    window grows. What a person drags, while squeezed or not, counts from then on.
    """

    def __init__(self, window: QMainWindow, docks: Sequence[QDockWidget]) -> None:
        super().__init__(window)
        self._window, self._docks = window, tuple(docks)
        self._wanted: dict[QDockWidget, int] = {}
        self._seen = window.width()
        """The width of the window for which the docks were last laid out."""
        self._squeezed = False
        self._dragged: dict[QDockWidget, int] = {}
        """Docks that a drag changes, with their widths before."""
        self._due, self._settled = QTimer(self), QTimer(self)
        for timer, deed in ((self._due, self._give_back), (self._settled, self._note_drag)):
            timer.setSingleShot(True)
            timer.timeout.connect(deed)
        window.installEventFilter(self)
        for dock in docks:
            dock.installEventFilter(self)

    def set(self, widths: Mapping[QDockWidget, int]) -> None:
        """Make docks as wide as this, now or as soon as there is room."""
        self._wanted = dict(widths)
        self._give_back()

    def forget(self) -> None:
        """The widths that the docks are given next are the ones that count."""
        self._wanted, self._squeezed = {}, False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            if watched is self._window:
                self._window_resized()
            elif isinstance(watched, QDockWidget):
                before = event.oldSize().width() if isinstance(event, QResizeEvent) else 0
                self._dock_resized(watched, before)
        return super().eventFilter(watched, event)

    def _window_resized(self) -> None:
        # The layout has shared the new width out before this event arrives here.
        if self._window.width() != self._seen:
            self._seen = self._window.width()
            self._squeezed = any(dock.width() < self._wanted.get(dock, 0) for dock in self._in_place())
            if self._squeezed:
                self._due.start(0)

    def _dock_resized(self, dock: QDockWidget, before: int) -> None:
        if dock not in self._in_place() or self._window.width() != self._seen or before == dock.width():
            return
        if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self._dragged.setdefault(dock, before)
            self._settled.start(0)
        elif not self._squeezed or dock not in self._wanted:
            self._wanted[dock] = dock.width()

    def _note_drag(self) -> None:
        """A dock that is pulled wider may push another one, which nobody meant."""
        grown = [dock for dock, before in self._dragged.items() if dock.width() > before]
        self._wanted.update({dock: dock.width() for dock in grown or self._dragged})
        self._squeezed = self._squeezed or 0 < len(grown) < len(self._dragged)
        self._dragged = {}

    def _give_back(self) -> None:
        docks = [dock for dock in self._in_place() if dock in self._wanted]
        # What it gives them is less where there is not room enough, and no reason to want less.
        self._squeezed = True
        widths = [self._wanted[dock] for dock in docks]
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)
        self._squeezed = any(dock.width() < self._wanted[dock] for dock in docks)

    def _in_place(self) -> list[QDockWidget]:
        """The docks that are seen at a side of the window."""
        return [dock for dock in self._docks if dock.isVisible() and not dock.isFloating()]
