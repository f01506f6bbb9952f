"""Tools: panels that are opened from a menu, each in a window of its own beside the main one."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from gui.actions import Actions, Command
from gui.core.session import Session
from gui.kit import theme
from gui.panels.base import Panel, PanelSpec
from gui.window.panel_group import PanelGroup

NOT_READY = "There is no run yet: the data is being prepared, or something needs attention."


def tool_commands(kinds: Sequence[type[Panel]]) -> list[Command]:
    """What opens each tool, for the table of commands; a line stands above the first one of a menu."""
    specs = [kind.spec for kind in kinds if kind.spec.place == "tool"]
    commands: list[Command] = []
    for spec in sorted(specs, key=lambda spec: spec.order):
        first = all(command.menu != spec.menu for command in commands)
        commands.append(_command(spec, separated=first))
    return commands


def _command(spec: PanelSpec, *, separated: bool) -> Command:
    title, tip = f"{spec.title}…", spec.description
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
        self.resize(panel.sizeHint())


class ToolWindows(QObject):
    """Opens each tool when its command is chosen, and says why it cannot be chosen now."""

    def __init__(self, panels: PanelGroup, session: Session, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._panels, self._session, self._actions, self._window = panels, session, actions, window
        self._windows: dict[str, ToolWindow] = {}
        for kind in panels.kinds_of("tool"):
            actions[kind.spec.id].triggered.connect(partial(self._open, kind.spec.id))
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
