"""The panels around the centre: where they stand at first, and where a person has put them."""

import itertools
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QStyle, QWidget

from gui.dock_widths import DockWidths
from gui.plots.base import LivePlot
from gui.settings import preferences
from gui.widgets.grip import Grip

LAYOUT_VERSION = 1
FIRST_SIZE = (1440, 900)
SHOWN_AT_FIRST = 3
"""How many of the registered plots stand in the window at first."""
PLOT_HEIGHTS = [10, 10, 12]
"""How they share the height: the weights have a row for each layer."""
SETUP_WIDTH = 332
LIVE_WIDTH = 380
APART = QPoint(-48, 48)
"""How far a panel that begins to float moves away from its place, so that one sees that it floats."""
_WHOLE_SCREEN = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


class Docks:
    """Setup at the left, plots at the right; each can be moved, float and be hidden."""

    def __init__(self, window: QMainWindow, setup: QWidget, plots: Sequence[LivePlot]) -> None:
        self._window = window
        self._setup = self._dock("setup", "Setup", setup)
        self._plots = {plot.name: self._dock(plot.name, plot.heading, plot) for plot in plots}
        self._widths = DockWidths(window, (self._setup, *self._plots.values()))
        self.reset()

    def __getitem__(self, name: str) -> QDockWidget:
        """That of a plot, by the plot's name."""
        return self._plots[name]

    def fill(self, menu: QMenu, changed: Callable[[], None]) -> None:
        """Offer each panel in a menu; `changed` is called when one is shown or hidden."""
        for dock in (self._setup, *self._plots.values()):
            menu.addAction(dock.toggleViewAction())
            dock.visibilityChanged.connect(lambda _: changed())

    def reset(self) -> None:
        """Put all panels where they were at first."""
        window, left = self._window, Qt.DockWidgetArea.LeftDockWidgetArea
        plots = list(self._plots.values())
        shown = plots[:SHOWN_AT_FIRST]
        for dock in (self._setup, *plots):
            dock.setFloating(False)
            window.addDockWidget(left if dock is self._setup else Qt.DockWidgetArea.RightDockWidgetArea, dock)
            dock.setVisible(dock is self._setup or dock in shown)
        for above, below in itertools.pairwise(shown):
            window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        self._widths.set({self._setup: SETUP_WIDTH} | dict.fromkeys(plots, LIVE_WIDTH))
        window.resizeDocks(shown, PLOT_HEIGHTS, Qt.Orientation.Vertical)

    def restore(self) -> None:
        """Put window and panels where they were when the window was last closed."""
        stored, window = preferences(), self._window
        if stored.geometry is None or not window.restoreGeometry(stored.geometry):
            window.resize(*FIRST_SIZE)
        if not window.windowState() & _WHOLE_SCREEN:
            window.setGeometry(fitted(window.geometry(), self._room()))
        if stored.layout is not None:
            self._widths.forget()
            window.restoreState(stored.layout, LAYOUT_VERSION)
        else:
            # Only a window that has its size can share it out.
            QTimer.singleShot(0, window, self.reset)

    def _room(self) -> QRect:
        """What the screen has for the window without its frame, which is not known before it is shown."""
        style = self._window.style()
        title = style.pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
        edge = style.pixelMetric(QStyle.PixelMetric.PM_MdiSubWindowFrameWidth)
        return self._window.screen().availableGeometry().adjusted(edge, title, -edge, -edge)

    def remember(self) -> None:
        """Keep where window and panels are, for the next time."""
        preferences().geometry = self._window.saveGeometry()
        preferences().layout = self._window.saveState(LAYOUT_VERSION)

    def _dock(self, name: str, heading: str, content: QWidget) -> QDockWidget:
        dock = QDockWidget(heading, self._window)
        dock.setObjectName(f"dock-{name}")
        dock.setTitleBarWidget(Grip(heading.lower()))
        dock.setWidget(content)
        dock.topLevelChanged.connect(lambda floating: dock.move(dock.pos() + APART) if floating else None)
        return dock


def fitted(area: QRect, room: QRect) -> QRect:
    """An area as large as the room allows, and moved no further than it must be to lie in it."""
    size = area.size().boundedTo(room.size())
    left = min(max(area.left(), room.left()), room.right() + 1 - size.width())
    top = min(max(area.top(), room.top()), room.bottom() + 1 - size.height())
    return QRect(QPoint(left, top), size)
