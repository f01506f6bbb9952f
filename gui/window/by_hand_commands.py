"""The commands that begin with data made by hand: drawn points, a typed table, what is on the clipboard."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from engine.data.sources.drawn_points import DrawnPoints
from engine.data.sources.typed_cells import has_names, pasted_cells, text_of
from engine.data.sources.typed_table import TypedTable
from engine.errors import UserError
from engine.experiment_by_hand import experiment_by_hand
from gui.actions import Actions
from gui.kit.text import tr
from gui.window.centre import Centre
from gui.window.file_commands import FileCommands


class ByHandCommands(QObject):
    """Reached from the menu File and from the start page."""

    def __init__(self, files: FileCommands, actions: Actions, centre: Centre) -> None:
        super().__init__(files)
        self._files = files
        actions["new_drawing"].triggered.connect(self.draw_points)
        actions["new_table"].triggered.connect(self.type_table)
        actions["new_from_clipboard"].triggered.connect(self.take_clipboard)
        centre.draw_points.connect(self.draw_points)
        centre.type_table.connect(self.type_table)

    def draw_points(self) -> None:
        """Begin with an empty plane."""
        self._files.begin(experiment_by_hand(DrawnPoints()))

    def type_table(self) -> None:
        """Begin with empty cells."""
        self._files.begin(experiment_by_hand(TypedTable()))

    def take_clipboard(self) -> None:
        """Begin with the range that was copied from a spreadsheet: the text part of it."""
        try:
            cells = pasted_cells(QGuiApplication.clipboard().text())
            source = TypedTable(text=text_of(cells), header=has_names(cells))
        except UserError as error:
            self._files.problem.emit(tr("New from clipboard"), error)
            return
        self._files.begin(experiment_by_hand(source))
