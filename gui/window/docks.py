"""The panels around the centre: the setup column, the docks, their layout, and tools in own windows."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDockWidget,
    QLayout,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from gui.actions import Actions, Command
from gui.core.preferences import preferences
from gui.kit import PlainScrollArea, theme
from gui.kit.text import tr
from gui.panels.base import Panel, PanelContext, PanelSpec
from gui.window.dock_sizes import DockRows, DockWidths, fitted
from gui.window.panel_dock import PanelDock
from gui.window.panel_group import PanelGroup

_MARGIN = 12
_BETWEEN_SECTIONS = 14
_AROUND_REVEALED = 12


class SetupColumn(QWidget):
    """Scrolls what does not fit, and what a section reveals into sight."""

    def __init__(self, sections: Sequence[Panel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        content = self._content = QWidget()
        column = self._column = QVBoxLayout(content)
        column.setSpacing(_BETWEEN_SECTIONS)
        # When a card opens the column grows at once: nothing is squeezed until the scroll area follows.
        column.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        for section in sections:
            section.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            column.addWidget(section)
            section.revealed.connect(partial(self._reveal, section))
        column.addStretch(1)
        self._scroll = PlainScrollArea(content)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._leave_margin)
        self._leave_margin(0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)

    def _leave_margin(self, low: int, high: int) -> None:
        """The scroll bar comes out of the margin, so that nothing is re-flowed when it comes and goes."""
        bar = self._scroll.verticalScrollBar().sizeHint().width() if high > low else 0
        self._column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN - bar, _MARGIN)

    def _reveal(self, section: Panel, area: QRect) -> None:
        """Scroll until a part of a section is seen, once the layout has settled."""
        QTimer.singleShot(0, self, lambda: self._scroll_to(section, area))

    def _scroll_to(self, section: Panel, area: QRect) -> None:
        content = self._content
        place = section.mapTo(content, QPoint(0, 0))
        seen = area.translated(place)
        self._scroll.ensureVisible(0, seen.bottom(), 0, _AROUND_REVEALED)
        self._scroll.ensureVisible(0, seen.top(), 0, _AROUND_REVEALED)


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
        self._setup = PanelDock("setup", tr("Data and network"), setup, window)
        self._plots = {plot.spec.id: PanelDock(plot.spec.id, plot.spec.title, plot, window) for plot in plots}
        self._at_first = {self._plots[spec.id]: spec.height for spec in specs if spec.shown_at_first}
        """Heights of those that stand in the window at first."""
        docks = (self._setup, *self._plots.values())
        self._widths = DockWidths(window, docks, form=self._setup)
        self._rows = DockRows(window, docks, self.room)
        self._arrange()

    def __getitem__(self, id: str) -> PanelDock:
        """That of a plot, by its id."""
        return self._plots[id]

    def plot(self, id: str) -> PanelDock | None:
        """That of a plot, None where there is none of this id."""
        return self._plots.get(id)

    def show_plot(self, id: str) -> bool:
        """Show the plot with this id, in front of those it shares a place with; False where there is none."""
        dock = self._plots.get(id)
        if dock is None:
            return False
        dock.show()
        dock.raise_()
        return True

    def fill(self, menu: QMenu, changed: Callable[[], None]) -> None:
        """Offer each panel in a menu; `changed` is called when one is shown or hidden."""
        for dock in (self._setup, *self._plots.values()):
            menu.addAction(dock.toggleViewAction())
            dock.visibilityChanged.connect(lambda _: changed())
        menu.addSeparator()
        following = menu.addAction(tr("Next panel"))
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
        widths: dict[QDockWidget, int] = {self._setup: theme.scaled(SETUP_WIDTH)}
        self._widths.set(widths | dict.fromkeys(plots, LIVE_WIDTH))
        self._share_heights()

    def _share_heights(self) -> None:
        heights = self._at_first
        self._window.resizeDocks(list(heights), list(heights.values()), Qt.Orientation.Vertical)

    def restore(self) -> None:
        """Put window and panels where they were when the window was last closed."""
        stored, window = preferences(), self._window
        docks = (self._setup, *self._plots.values())
        if stored.geometry is None or not window.restoreGeometry(stored.geometry):
            window.resize(*FIRST_SIZE)
        if not window.windowState() & _WHOLE_SCREEN:
            window.setGeometry(fitted(window.geometry(), self.room()))
        if stored.layout is not None:
            self._widths.forget()
            window.restoreState(stored.layout, LAYOUT_VERSION)
            # It may come from a larger screen, or from another one at the side.
            self._rows.fit_window()
            # A window closed while squeezed stores squeezed widths in its layout.
            stored_widths = {dock: stored.dock_width(dock.objectName()) for dock in docks}
            self._widths.set({dock: width for dock, width in stored_widths.items() if width > 0})
            for dock in docks:
                if dock.isFloating():
                    dock.setGeometry(fitted(dock.geometry(), self._window.screen().availableGeometry()))
        else:
            # Only a window that has its size can share it out.
            QTimer.singleShot(0, window, self._arrange)

    def room(self) -> QRect:
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
        for dock, width in self._widths.wanted.items():
            preferences().note_dock_width(dock.objectName(), width)


SHARE_OF_SCREEN = 0.9
"""That a tool with large text takes at most; its panel scrolls."""
NOT_READY = tr("There is no run yet: the data is being prepared, or something needs attention.")


def tool_commands(kinds: Sequence[type[Panel]]) -> list[Command]:
    """What opens each tool, and each view that has keys, for the table of commands; a line stands above the
    first one of a menu.
    """
    specs = [kind.spec for kind in kinds if _has_command(kind.spec)]
    commands: list[Command] = []
    for spec in sorted(specs, key=lambda spec: spec.order):
        first = all(command.menu != spec.menu for command in commands)
        commands.append(_command(spec, separated=first))
    return commands


def _has_command(spec: PanelSpec) -> bool:
    return spec.place == "tool" or (spec.place == "centre" and bool(spec.keys))


def _command(spec: PanelSpec, *, separated: bool) -> Command:
    title, tip = f"{spec.title}…" if spec.place == "tool" else spec.title, spec.description
    return Command(spec.id, spec.menu, title, tip, spec.keys, spec.icon, separated=separated)


class ToolWindow(QDialog):
    """Stands beside the window, which can be worked with meanwhile. Escape closes it; its panel stays."""

    def __init__(self, panel: Panel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"tool-{panel.spec.id}")
        self.setWindowTitle(panel.spec.title)
        self.setWindowIcon(theme.icon(panel.spec.icon))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel)
        # Left to itself a dialog opens with two thirds of the screen's height at most.
        self.resize(panel.sizeHint().boundedTo(parent.screen().availableGeometry().size() * SHARE_OF_SCREEN))


class ToolWindows(QObject):
    """Opens each tool when its command is chosen, and says why it cannot be chosen now."""

    def __init__(self, panels: PanelGroup, context: PanelContext, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        session = context.session
        self._panels, self._session, self._actions, self._window = panels, session, actions, window
        context.requests.open_tool.connect(lambda id: actions[id].trigger())
        self._windows: dict[str, ToolWindow] = {}
        for kind in panels.kinds_of("tool"):
            actions[kind.spec.id].triggered.connect(partial(self._open, kind.spec.id))
        for kind in filter(lambda kind: _has_command(kind.spec), panels.kinds_of("centre")):
            actions[kind.spec.id].triggered.connect(
                lambda _=False, id=kind.spec.id: context.requests.show_panel.emit(id)
            )
        session.ordered.connect(self.update_commands)
        self.update_commands()

    def update_commands(self) -> None:
        """What a tool applies to may be another."""
        model = self._panels.model
        for kind in self._panels.kinds_of("tool"):
            ready = self._session.ready and model is not None
            reason = kind.spec.reason_against(model) if ready and model is not None else NOT_READY
            self._actions.explain(kind.spec.id, reason)

    def _open(self, id: str, checked: bool = False) -> None:
        if id not in self._windows:
            self._windows[id] = ToolWindow(self._panels[id], self._window)
        self._windows[id].show()
        self._windows[id].activateWindow()
        # Also while nothing trains it wants to see the run.
        self._session.request_frame()
