"""The one table of commands: menus, buttons, shortcuts and the help page all read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from gui.kit import theme
from gui.kit.text import tr


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


MENUS = {
    "File": tr("File"),
    "Edit": tr("Edit"),
    "Model": tr("Model"),
    "Train": tr("Train"),
    "View": tr("View"),
    "Help": tr("Help"),
}
"""Their titles, in the order in which they stand."""

COMMANDS = (
    Command(
        "new", "File", tr("Start page"), tr("Show the start page, or leave it."), ("Ctrl+N",), "file-plus"
    ),
    Command(
        "open",
        "File",
        tr("Open…"),
        tr("Open a model, experiment or table."),
        ("Ctrl+O",),
        "folder-open",
    ),
    Command(
        "open_folder",
        "File",
        tr("Open folder of images…"),
        tr("Open a folder of pictures, with a folder for each class."),
        ("Ctrl+Shift+O",),
        "image-square",
    ),
    Command(
        "new_drawing",
        "File",
        tr("Draw points"),
        tr("Begin with points drawn with the mouse."),
        ("Ctrl+Shift+D",),
        "pencil-simple",
        separated=True,
    ),
    Command(
        "new_table", "File", tr("Type a table"), tr("Begin with a table typed in."), ("Ctrl+T",), "keyboard"
    ),
    Command(
        "new_from_clipboard",
        "File",
        tr("New from clipboard"),
        tr("Begin with the range of cells that was copied from a spreadsheet."),
        ("Ctrl+Shift+V",),
        "clipboard",
    ),
    Command(
        "save",
        "File",
        tr("Save"),
        tr("Save model and history."),
        ("Ctrl+S",),
        "floppy-disk",
        separated=True,
    ),
    Command("save_as", "File", tr("Save as…"), tr("Save under another name."), ("Ctrl+Shift+S",)),
    Command(
        "make_lesson",
        "File",
        tr("Make a lesson…"),
        tr("Write a lesson that begins as things stand now, for others to open."),
        icon="graduation-cap",
        separated=True,
    ),
    Command("quit", "File", tr("Quit"), tr("Close the window."), ("Ctrl+Q",), separated=True),
    Command("undo", "Edit", tr("Undo"), tr("Take the last edit back."), ("Ctrl+Z",), "arrow-u-up-left"),
    Command(
        "redo", "Edit", tr("Redo"), tr("Make the edit again."), ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-u-up-right"
    ),
    Command(
        "new_seed", "Model", tr("New seed"), tr("Start from other random weights."), ("Ctrl+R",), "dice-five"
    ),
    Command(
        "reset",
        "Model",
        tr("Reset"),
        tr("Back to the same initial weights."),
        ("Ctrl+Shift+R",),
        "arrow-counter-clockwise",
    ),
    Command("train", "Train", tr("Train"), tr("Train, or pause."), ("Space",), "play"),
    Command(
        "step_batch",
        "Train",
        tr("Step batch"),
        tr("Train on one batch, then pause."),
        ("F10",),
        "skip-forward-fill",
    ),
    Command(
        "step_epoch",
        "Train",
        tr("Step epoch"),
        tr("Train an epoch, then pause."),
        ("F11",),
        "fast-forward",
    ),
    Command("stop", "Train", tr("Stop"), tr("End this run; its weights stay."), ("Shift+F5",), "stop-fill"),
    Command(
        "speed_automatic",
        "Train",
        tr("Automatic speed"),
        tr("Two-input examples at a pace to watch, all else at full speed."),
        checkable=True,
        separated=True,
    ),
    Command("speed_full", "Train", tr("Full speed"), tr("As fast as the machine can."), checkable=True),
    Command("speed_slow", "Train", tr("Slow motion"), tr("A few epochs a second."), checkable=True),
    Command(
        "speed_steps", "Train", tr("Step by step"), tr("One optimizer step in three seconds."), checkable=True
    ),
    Command("light", "View", tr("Light"), tr("Dark letters on a light ground."), checkable=True),
    Command("dark", "View", tr("Dark"), tr("Light letters on a dark ground."), checkable=True),
    Command("system", "View", tr("Follow system"), tr("Light or dark as the desktop is."), checkable=True),
    Command(
        "projector",
        "View",
        tr("Projector"),
        tr("Text and lines large enough to be read from the back of a room."),
        checkable=True,
        separated=True,
    ),
    Command(
        "reset_layout",
        "View",
        tr("Reset layout"),
        tr("Put all panels back in place."),
        separated=True,
    ),
    Command(
        "whats_this",
        "Help",
        tr("What is this?"),
        tr("Explain a control, a number or a plot: choose this, then click it."),
        ("Shift+F1",),
        "question",
    ),
    Command(
        "lessons",
        "Help",
        tr("Lessons…"),
        tr("Learn step by step, with questions and tasks on live networks."),
        icon="graduation-cap",
    ),
    Command("shortcuts", "Help", tr("Keyboard shortcuts"), tr("List all shortcuts."), ("F1",), "keyboard"),
    Command("about", "Help", tr("About Gradwright"), tr("Version and libraries.")),
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
        menus = {name: bar.addMenu(f"&{title}") for name, title in MENUS.items()}
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
        action.setWhatsThis(command.tip)
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
    ("Space", tr("Buttons"), tr("Press the one that Tab has reached; anywhere else, train or pause.")),
    ("Enter, F4", tr("Lists"), tr("Open the list in focus; Up and Down choose from it.")),
    ("Enter, Right, Left", tr("Sections"), tr("Open and close the section whose head has the focus.")),
    ("F6", tr("Panels"), tr("Go to the next panel; Enter on its handle lets it float.")),
    ("Up, Down", tr("Layer cards"), tr("Go from card to card; Enter opens one.")),
    ("Alt+Up, Alt+Down", tr("Move layer"), tr("Move the card in focus.")),
    ("Ctrl+D", tr("Duplicate layer"), tr("Duplicate the card in focus.")),
    ("Ctrl+C, Ctrl+X, Ctrl+V", tr("Copy layer"), tr("Copy, cut and paste layers, as JSON text.")),
    ("Ctrl+E", tr("Disable layer"), tr("Leave the layer in focus out of the network, or take it back in.")),
    (tr("Delete"), tr("Remove layer"), tr("Remove the card in focus.")),
    ("Left, Right", tr("Plots and views"), tr("Read values; select a layer in the network.")),
    ("+, −, Home", tr("Plots"), tr("Zoom in, zoom out, show all.")),
)
"""Keys of the panel that has the focus; they belong to no menu."""


def shortcut_table(commands: Sequence[Command] = COMMANDS) -> list[tuple[str, str, str]]:
    """(keys, name, what it does) of every command that has a shortcut, then the keys of the panels."""
    return [*((" or ".join(c.keys), c.text, c.tip) for c in commands if c.keys), *PANEL_KEYS]
