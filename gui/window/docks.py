"""The panels around the centre: where they stand at first, and where a person has put them."""

import itertools
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QMenu, QStyle, QWidget

from gui.core.preferences import preferences
from gui.panels.base import Panel
from gui.window.dock_sizes import DockRows, DockWidths, fitted
from gui.window.panel_dock import PanelDock

LAYOUT_VERSION = 1
FIRST_SIZE = (1440, 900)
SETUP_WIDTH = 332
LIVE_WIDTH = 380
_WHOLE_SCREEN = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


class Docks:
    """Setup at the left, plots at the right; each can be moved, float and be hidden."""

    def __init__(self, window: QMainWindow, setup: QWidget, plots: Sequence[Panel]) -> None:
        self._window = window
        specs = [plot.spec for plot in plots]
        self._setup = PanelDock("setup", "Data and network", setup, window)
        self._plots = {plot.spec.id: PanelDock(plot.spec.id, plot.spec.title, plot, window) for plot in plots}
        self._at_first = {self._plots[spec.id]: spec.height for spec in specs if spec.shown_at_first}
        """Heights of those that stand in the window at first."""
        docks = (self._setup, *self._plots.values())
        self._widths = DockWidths(window, docks)
        self._rows = DockRows(window, docks, self._room)
        self._arrange()

    def __getitem__(self, id: str) -> PanelDock:
        """That of a plot, by its id."""
        return self._plots[id]

    def fill(self, menu: QMenu, changed: Callable[[], None]) -> None:
        """Offer each panel in a menu; `changed` is called when one is shown or hidden."""
        for dock in (self._setup, *self._plots.values()):
            menu.addAction(dock.toggleViewAction())
            dock.visibilityChanged.connect(lambda _: changed())
        menu.addSeparator()
        following = menu.addAction("Next panel")
        following.setShortcut(QKeySequence("F6"))
        following.triggered.connect(self.focus_next)

    def focus_next(self) -> None:
        """Put the keyboard on the panel after the one that has it, floating ones too; then on the centre."""
        docks = (self._setup, *self._plots.values())
        shown = [dock for dock in docks if not dock.visibleRegion().isEmpty()]
        here = QApplication.focusWidget()
        at = next((place for place, dock in enumerate(shown) if here and dock.isAncestorOf(here)), -1)
        if at + 1 < len(shown):
            shown[at + 1].take_focus()
        else:
            self._window.activateWindow()
            centre = self._window.centralWidget()
            if centre is not None:
                centre.setFocus(Qt.FocusReason.OtherFocusReason)

    def reset(self) -> None:
        """Put all panels where they were at first; a window larger than the screen shrinks to it."""
        self._arrange()
        self._rows.fit_window()
        self._share_heights()

    def _arrange(self) -> None:
        window, left = self._window, Qt.DockWidgetArea.LeftDockWidgetArea
        plots = list(self._plots.values())
        shown = list(self._at_first)
        for dock in (self._setup, *plots):
            dock.setFloating(False)
            window.addDockWidget(left if dock is self._setup else Qt.DockWidgetArea.RightDockWidgetArea, dock)
            dock.setVisible(dock is self._setup or dock in shown)
        for above, below in itertools.pairwise(shown):
            window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        widths: dict[QDockWidget, int] = {self._setup: SETUP_WIDTH}
        self._widths.set(widths | dict.fromkeys(plots, LIVE_WIDTH))
        self._share_heights()

    def _share_heights(self) -> None:
        heights = self._at_first
        self._window.resizeDocks(list(heights), list(heights.values()), Qt.Orientation.Vertical)

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
            # It may come from a larger screen, or from another one at the side.
            self._rows.fit_window()
            for dock in (self._setup, *self._plots.values()):
                if dock.isFloating():
                    dock.setGeometry(fitted(dock.geometry(), self._window.screen().availableGeometry()))
        else:
            # Only a window that has its size can share it out.
            QTimer.singleShot(0, window, self._arrange)

    def _room(self) -> QRect:
        """What the screen has for the window without its frame, which is guessed before it is shown."""
        if self._window.isVisible():
            inner, outer = self._window.geometry(), self._window.frameGeometry()
            return (
                self._window.screen()
                .availableGeometry()
                .adjusted(
                    inner.left() - outer.left(),
                    inner.top() - outer.top(),
                    inner.right() - outer.right(),
                    inner.bottom() - outer.bottom(),
                )
            )
        style = self._window.style()
        title = style.pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
        edge = style.pixelMetric(QStyle.PixelMetric.PM_MdiSubWindowFrameWidth)
        return self._window.screen().availableGeometry().adjusted(edge, title, -edge, -edge)

    def remember(self) -> None:
        """Keep where window and panels are, for the next time."""
        preferences().geometry = self._window.saveGeometry()
        preferences().layout = self._window.saveState(LAYOUT_VERSION)
