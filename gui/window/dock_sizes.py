"""How many panels stand above one another at a side, and how wide they are."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar

from gui.kit.text import tr
from gui.kit.theme import notifier, scale, scaled

# How many panels stand above one another at a side: those that have no room there become tabs.
#
# Qt adds up the least heights of the docks at a side and enlarges the window for them, beyond the screen
# where need be.

COMFORTABLE_HEIGHT = 132
"""Of a panel with a plot in it. Where there is less room for each, the newest becomes a tab."""


class DockRows(QObject):
    """Keeps the docks of a window so few above one another that the window need not grow for them.

    room : the area of the screen that the window, without its frame, may take.
    """

    def __init__(self, window: QMainWindow, docks: Sequence[QDockWidget], room: Callable[[], QRect]) -> None:
        super().__init__(window)
        self._window, self._docks, self._room = window, tuple(docks), room
        self._fitting = False
        self._on_screen = False
        self._size_before: QSize | None = None
        """Of the window, before Qt enlarged it for a panel that was shown."""
        self._seen: QSize | None = None
        """The size of the window in its last event: Qt may have enlarged it without one as yet."""
        for dock in docks:
            dock.visibilityChanged.connect(lambda seen, dock=dock: self._shown(dock) if seen else None)
            dock.dockLocationChanged.connect(lambda _, dock=dock: self._shown(dock))
        window.installEventFilter(self)

    def fit(self, newest: QDockWidget | None = None) -> None:
        """Make tabs of what has no room, the lowest panels first.

        newest : the panel that was just shown; it comes to the front of its tabs.
        """
        if self._fitting:
            return
        # Tabs show and hide panels, which leads back to here.
        self._fitting = True
        before, self._size_before = self._size_before, None
        if before is None and self._seen is not None and self._seen.height() < self._window.height():
            before = self._seen
        try:
            for area in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea):
                self._fit_area(area, newest, before or self._window.size())
        finally:
            self._fitting = False
        if before is not None:
            self._shrink(before)
        self._name_tabs()

    def fit_window(self) -> None:
        """The same, and a window that is larger than its screen shrinks to it."""
        self.fit()
        window = self._window
        self._activate()
        whole = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen
        if not window.windowState() & whole:
            window.setGeometry(fitted(window.geometry(), self._room()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and not self._on_screen:
            handle = self._window.windowHandle()
            if handle is not None:
                self._on_screen = True
                handle.screenChanged.connect(lambda _: self.fit_window())
        if isinstance(event, QResizeEvent) and not self._fitting:
            self._seen = event.size()
            grown, least = event.size().height() - event.oldSize().height(), self._least_size().height()
            forced = grown > 0 and event.oldSize().isValid() and event.size().height() <= least
            self._size_before = event.oldSize() if forced else None
        return super().eventFilter(watched, event)

    def _activate(self) -> None:
        """Work out the least size of the window again, or it could not become smaller."""
        layout = self._window.layout()
        if layout is not None:
            layout.activate()

    def _shrink(self, size: QSize) -> None:
        """Back to the size before; not before Qt has laid the window out, where it is just doing so."""
        self._resize(size)
        if self._window.size() != size:
            QTimer.singleShot(0, self, lambda: self._resize(size))

    def _resize(self, size: QSize) -> None:
        self._activate()
        self._window.resize(size)

    def _least_size(self) -> QSize:
        layout = self._window.layout()
        return layout.totalMinimumSize() if layout is not None else QSize()

    def _shown(self, dock: QDockWidget) -> None:
        if not dock.isFloating():
            self.fit(dock)

    def _fit_area(self, area: Qt.DockWidgetArea, newest: QDockWidget | None, size: QSize) -> None:
        rows = self._rows(area)
        while len(rows) > 1 and (not self._is_comfortable(len(rows), size.height()) or self._is_too_large()):
            last = rows.pop()
            for dock in last:
                self._window.tabifyDockWidget(rows[-1][-1], dock)
                rows[-1].append(dock)
        for row in rows:
            if newest in row and len(row) > 1:
                newest.raise_()

    def _rows(self, area: Qt.DockWidgetArea) -> list[list[QDockWidget]]:
        """The docks seen at a side from top to bottom, those with tabs together. One just shown comes last:
        it has no place yet."""
        rows: list[list[QDockWidget]] = []
        for dock in self._docks:
            shown = not dock.isHidden() and not dock.isFloating()
            if shown and self._window.dockWidgetArea(dock) == area and not any(dock in row for row in rows):
                beside = (other for other in self._window.tabifiedDockWidgets(dock) if not other.isHidden())
                rows.append([dock, *beside])
        return rows

    def _is_comfortable(self, rows: int, height: int) -> bool:
        """Whether so many panels have room above one another in a window of that height."""
        around = self._window.menuWidget(), self._window.statusBar()
        taken = sum(part.sizeHint().height() for part in around if part is not None)
        lines = rows - 1
        return rows * scaled(COMFORTABLE_HEIGHT) + lines <= min(height, self._room().height()) - taken

    def _is_too_large(self) -> bool:
        """Whether the window would have to be larger than the screen."""
        least, room = self._least_size(), self._room().size()
        return least.width() > room.width() or least.height() > room.height()

    def _name_tabs(self) -> None:
        """Tabs of docks can be reached by Tab and are named, which Qt leaves out."""
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            bar.setAccessibleName(tr("Panels"))
            bar.setWhatsThis(tr("Plots that share a place: a tab brings one of them to the front."))
            bar.setDrawBase(False)


def fitted(area: QRect, room: QRect) -> QRect:
    """An area as large as the room allows, and moved no further than it must be to lie in it."""
    size = area.size().boundedTo(room.size())
    left = min(max(area.left(), room.left()), room.right() + 1 - size.width())
    top = min(max(area.top(), room.top()), room.bottom() + 1 - size.height())
    return QRect(left, top, size.width(), size.height())


class DockWidths(QObject):
    """Remembers the widths that a person, or the layout at first, gave the docks of a window.

    Qt takes width from docks when the window becomes too small for them, and leaves it in the middle when the
    window grows. What a person drags, while squeezed or not, counts from then on.

    form : the dock whose width goes with the size of text; the others hold pictures.
    """

    def __init__(
        self, window: QMainWindow, docks: Sequence[QDockWidget], form: QDockWidget | None = None
    ) -> None:
        super().__init__(window)
        self._window, self._docks = window, tuple(docks)
        self._form, self._scale = form, scale()
        self._wanted: dict[QDockWidget, int] = {}
        self._seen = window.width()
        """The width of the window for which the docks were last laid out."""
        self._squeezed = False
        self._dragged: dict[QDockWidget, int] = {}
        """Docks that a drag changes, with their widths before."""
        self._due, self._settled = QTimer(self), QTimer(self)
        for timer, action in ((self._due, self._give_back), (self._settled, self._note_drag)):
            timer.setSingleShot(True)
            timer.timeout.connect(action)
        window.installEventFilter(self)
        notifier().changed.connect(self._rescale)
        for dock in docks:
            dock.installEventFilter(self)

    @property
    def wanted(self) -> Mapping[QDockWidget, int]:
        """The widths that docks have where there is room, those that are not seen included."""
        return self._wanted

    def set(self, widths: Mapping[QDockWidget, int]) -> None:
        """Make docks as wide as this, now or as soon as there is room."""
        self._wanted = dict(widths)
        self._give_back()

    def _rescale(self) -> None:
        factor, self._scale = scale() / self._scale, scale()
        if factor != 1 and self._form is not None and self._form in self._wanted:
            self.set(self._wanted | {self._form: round(factor * self._wanted[self._form])})

    def forget(self) -> None:
        """The widths that the docks are given next are the ones that count."""
        self._wanted, self._squeezed = {}, False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            if watched is self._window:
                self._window_resized()
                if event.type() == QEvent.Type.Show and self._squeezed:
                    self._due.start(0)
            elif isinstance(watched, QDockWidget):
                before = event.oldSize().width() if isinstance(event, QResizeEvent) else 0
                self._dock_resized(watched, before)
        return super().eventFilter(watched, event)

    def _window_resized(self) -> None:
        # The layout has shared the new width out before this event arrives here.
        if self._window.width() != self._seen:
            self._seen = self._window.width()
            docks = self._in_place()
            if not docks:
                # Not shown yet: nothing has been shared out.
                return
            self._squeezed = any(dock.width() < self._wanted.get(dock, 0) for dock in docks)
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
        if not self._window.isVisible():
            # Only a window that is seen has a width to share out.
            self._squeezed = True
            return
        docks = [dock for dock in self._in_place() if dock in self._wanted]
        # What it gives them is less where there is not room enough, and no reason to want less.
        self._squeezed = True
        widths = [self._wanted[dock] for dock in docks]
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)
        self._squeezed = any(dock.width() < self._wanted[dock] for dock in docks)

    def _in_place(self) -> list[QDockWidget]:
        """The docks that are seen at a side of the window."""
        return [dock for dock in self._docks if dock.isVisible() and not dock.isFloating()]
