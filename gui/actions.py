"""The one table of commands: menus, buttons, shortcuts and the help page all read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from gui.kit import theme


@dataclass(frozen=True)
class Command:
    """One action: where it stands, what it is called, how it is reached from the keyboard."""

    name: str
    menu: str
    text: str
    tip: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    separated: bool = False
    """A line stands above it in its menu."""


MENUS = ("File", "Edit", "Model", "Train", "View", "Help")

COMMANDS = (
    Command("new", "File", "Start page", "Show the start page, or leave it.", ("Ctrl+N",), "file-plus"),
    Command(
        "open",
        "File",
        "Open…",
        "Open a model, experiment or table.",
        ("Ctrl+O",),
        "folder-open",
    ),
    Command(
        "save",
        "File",
        "Save",
        "Save model and history.",
        ("Ctrl+S",),
        "floppy-disk",
        separated=True,
    ),
    Command("save_as", "File", "Save as…", "Save under another name.", ("Ctrl+Shift+S",)),
    Command("quit", "File", "Quit", "Close the window.", ("Ctrl+Q",), separated=True),
    Command("undo", "Edit", "Undo", "Take the last edit back.", ("Ctrl+Z",), "arrow-u-up-left"),
    Command("redo", "Edit", "Redo", "Make the edit again.", ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-u-up-right"),
    Command("new_seed", "Model", "New seed", "Start from other random weights.", ("Ctrl+R",), "dice-five"),
    Command(
        "reset",
        "Model",
        "Reset",
        "Back to the same initial weights.",
        ("Ctrl+Shift+R",),
        "arrow-counter-clockwise",
    ),
    Command("train", "Train", "Train", "Train, or pause.", ("Space",), "play"),
    Command(
        "step_batch", "Train", "Step batch", "Train on one batch, then pause.", ("F10",), "skip-forward-fill"
    ),
    Command("step_epoch", "Train", "Step epoch", "Train an epoch, then pause.", ("F11",), "fast-forward"),
    Command("stop", "Train", "Stop", "End this run; its weights stay.", ("Shift+F5",), "stop-fill"),
    Command(
        "speed_automatic",
        "Train",
        "Automatic speed",
        "Two-input examples at a pace to watch, all else at full speed.",
        checkable=True,
        separated=True,
    ),
    Command("speed_full", "Train", "Full speed", "As fast as the machine can.", checkable=True),
    Command("speed_slow", "Train", "Slow motion", "A few epochs a second.", checkable=True),
    Command("light", "View", "Light", "Dark letters on a light ground.", checkable=True),
    Command("dark", "View", "Dark", "Light letters on a dark ground.", checkable=True),
    Command("system", "View", "Follow system", "Light or dark as the desktop is.", checkable=True),
    Command(
        "reset_layout",
        "View",
        "Reset layout",
        "Put all panels back in place.",
        separated=True,
    ),
    Command("shortcuts", "Help", "Keyboard shortcuts", "List all shortcuts.", ("F1",), "keyboard"),
    Command("about", "Help", "About Gradwright", "Version and libraries."),
)


class Actions(QObject):
    """A QAction for every command, by name: `actions["train"]`.

    further : commands beside those of the table.
    """

    def __init__(self, further: Sequence[Command] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.commands = (*COMMANDS, *further)
        self._actions = {command.name: self._action(command) for command in self.commands}
        theme.notifier().changed.connect(self._redraw)
        self._redraw()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Add all menus to a menu bar; returns them by title."""
        menus = {title: bar.addMenu(f"&{title}") for title in MENUS}
        for command in self.commands:
            menu = menus[command.menu]
            if command.separated:
                menu.addSeparator()
            menu.addAction(self._actions[command.name])
        return menus

    def explain(self, name: str, reason: str) -> None:
        """Disable a command and say why; an empty reason enables it."""
        action = self._actions[name]
        action.setEnabled(not reason)
        command = next(command for command in self.commands if command.name == name)
        action.setToolTip(reason or tooltip(command))

    def _action(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(tooltip(command))
        action.setCheckable(command.checkable)
        return action

    def _redraw(self) -> None:
        for command in self.commands:
            if command.icon:
                self._actions[command.name].setIcon(theme.icon(command.icon))


def tooltip(command: Command) -> str:
    """What a command does, with its first shortcut."""
    return f"{command.tip} ({command.keys[0]})" if command.keys else command.tip


PANEL_KEYS = (
    ("Space", "Buttons", "Press the one that Tab has reached; anywhere else, train or pause."),
    ("Enter, F4", "Lists", "Open the list in focus; Up and Down choose from it."),
    ("Enter, Right, Left", "Sections", "Open and close the section whose head has the focus."),
    ("F6", "Panels", "Go to the next panel; Enter on its handle lets it float."),
    ("Up, Down", "Layer cards", "Go from card to card; Enter opens one."),
    ("Alt+Up, Alt+Down", "Move layer", "Move the card in focus."),
    ("Ctrl+D", "Duplicate layer", "Duplicate the card in focus."),
    ("Delete", "Remove layer", "Remove the card in focus."),
    ("Left, Right", "Plots and views", "Read values; select a layer in the network."),
    ("+, −, Home", "Plots", "Zoom in, zoom out, show all."),
)
"""Keys of the panel that has the focus; they belong to no menu."""


def shortcut_table(commands: Sequence[Command] = COMMANDS) -> list[tuple[str, str, str]]:
    """(keys, name, what it does) of every command that has a shortcut, then the keys of the panels."""
    return [*((" or ".join(c.keys), c.text, c.tip) for c in commands if c.keys), *PANEL_KEYS]
