"""The tab on which a small table is typed in or pasted."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.data.settings import DataSettings
from engine.data.sources.typed_cells import Cells, cells_of, text_of
from engine.data.sources.typed_table import TypedTable
from engine.errors import UserError
from engine.experiment import Experiment
from gui.core.messages import Invalid
from gui.kit import InlineMessage, Label, Toggle, theme
from gui.kit.text import tr
from gui.kit.theme import GRID
from gui.kit.wrapping import WrappingRow
from gui.panels.base import Panel, PanelContext, PanelSpec, View
from gui.panels.by_hand.cells import CellView

UNDECIDED: dict[str, Any] = {"target": None, "further_targets": (), "ignored": ()}
"""What is decided about columns, where their names are others."""
_LOCKED = tr("Pause training to change this.")


def _typed(experiment: Experiment) -> bool:
    return isinstance(experiment.data.source, TypedTable)


class TableView(View):
    """Every change of cells is one step to undo, and the experiment's table at once."""

    spec = PanelSpec(
        "typed_table",
        tr("Table"),
        "table",
        "centre",
        tr("A small table that is typed in or pasted from a spreadsheet."),
        belongs_to=_typed,
        order=6,
    )
    empty_sentence = tr("Choose the source “Typed table” on the left to type one in.")

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.grid = CellView()
        self.message = InlineMessage()
        self.names = Toggle(tr("Names on top"), value=True)
        self.names.setToolTip(tr("Whether the first row holds the names of the columns."))
        self._buttons: list[tuple[QPushButton, str]] = []
        self._text, self._header = "", True
        self._fill_with(self._arranged())
        self.grid.cells.edited.connect(self._take)
        self.grid.problem.connect(lambda error: self.message.show_message(str(error), "error"))
        self.names.edited.connect(self._take_names)
        self.show_experiment(context.document.experiment)

    def _arranged(self) -> QWidget:
        rows, columns = Qt.Orientation.Vertical, Qt.Orientation.Horizontal
        for icon, title, tip, action in (
            ("plus", tr("Row"), tr("Insert an empty row above the current one."), self._insert(rows)),
            ("plus", tr("Column"), tr("Insert an empty column before this one."), self._insert(columns)),
            ("minus", tr("Rows"), tr("Take the selected rows out."), self._remove(rows)),
            ("minus", tr("Columns"), tr("Take the selected columns out."), self._remove(columns)),
            ("clipboard", tr("Paste"), tr("Put in what a spreadsheet copied (Ctrl+V)."), self.grid.paste),
        ):
            button = QPushButton(theme.icon(icon), title)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.clicked.connect(lambda _=False, action=action: action())
            self._buttons.append((button, icon))
        head = QHBoxLayout()
        head.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 0)
        head.addWidget(WrappingRow((self.names, *(button for button, _ in self._buttons))))
        hint = tr(
            "Type over a cell; Enter goes down, Tab right. The decimal mark and missing marks are read as in "
            "CSV files, and can be set on the left."
        )
        foot = QVBoxLayout()
        foot.setContentsMargins(4 * GRID, 0, 4 * GRID, 3 * GRID)
        foot.addWidget(self.message)
        foot.addWidget(Label(hint, "muted", caption=True, wrap=True))
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(head)
        layout.addWidget(self.grid, 1)
        layout.addLayout(foot)
        return content

    # --- edits -------------------------------------------------------------------------------------------

    def _insert(self, orientation: Qt.Orientation) -> Callable[[], None]:
        def insert() -> None:
            place = self.grid.currentIndex()
            row, column = max(place.row(), 0), max(place.column(), 0)
            self.grid.cells.insert(row if orientation == Qt.Orientation.Vertical else column, orientation)
            self.grid.setCurrentIndex(self.grid.cells.index(row, column))

        return insert

    def _remove(self, orientation: Qt.Orientation) -> Callable[[], None]:
        def remove() -> None:
            place = self.grid.currentIndex()
            selected = self.grid.selectedIndexes()
            vertical = orientation == Qt.Orientation.Vertical
            places = sorted({one.row() if vertical else one.column() for one in selected})
            if places:
                self.grid.cells.remove(places, orientation)
                self.grid.setCurrentIndex(self.grid.cells.index(max(place.row(), 0), max(place.column(), 0)))

        return remove

    def _take(self, words: str) -> None:
        """The cells become the experiment's table."""
        self.message.clear()
        try:
            text = text_of(self.grid.cells.cells)
        except UserError as error:
            self.message.show_message(str(error), "error")
            self._show_cells()
            return
        experiment = self.context.document.experiment
        source = experiment.data.source
        if not isinstance(source, TypedTable) or text == source.text:
            return
        self._text = text
        data = with_renamed(experiment.data, cells_of(source.text), cells_of(text))
        data = data.replace(source=source.replace(text=text))
        self.context.document.edit(experiment.replace(data=data), words)

    def _take_names(self, names: bool) -> None:
        experiment = self.context.document.experiment
        source = experiment.data.source
        if isinstance(source, TypedTable):
            data = experiment.data.replace(source=source.replace(header=names), **UNDECIDED)
            self.context.document.edit(experiment.replace(data=data), tr("Change names on top"))

    # --- what the window tells ---------------------------------------------------------------------------

    def show_experiment(self, experiment: Experiment) -> None:
        source = experiment.data.source
        if not isinstance(source, TypedTable):
            self._say(self.empty_sentence)
            return
        if (source.text, source.header) != (self._text, self._header):
            self._text, self._header = source.text, source.header
            self.names.set_value(source.header)
            self._show_cells()
        self._show_content()

    def _show_cells(self) -> None:
        place = self.grid.currentIndex()
        self.grid.cells.set_cells(cells_of(self._text), self._header)
        self.grid.setCurrentIndex(self.grid.cells.index(max(place.row(), 0), max(place.column(), 0)))

    def clear(self) -> None:
        Panel.clear(self)

    def show_preparing(self) -> None:
        self.clear()

    def show_problem(self, invalid: Invalid) -> None:
        """What is typed so far cannot be learned from yet: typing goes on."""
        self.clear()

    def set_locked(self, locked: bool) -> None:
        """While training, the table can be read but not changed."""
        for widget in (self.grid, self.names, *(button for button, _ in self._buttons)):
            widget.setEnabled(not locked)
        self.grid.setToolTip(_LOCKED if locked else "")

    def apply_theme(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(theme.icon(icon))
        self.grid.viewport().update()


def with_renamed(data: DataSettings, before: Cells, after: Cells) -> DataSettings:
    """The settings with the new name of each column whose name was typed over, where it is decided about."""
    if not before or not after or len(before[0]) != len(after[0]):
        return data
    renamed = {old: new for old, new in zip(before[0], after[0], strict=True) if old != new and new}
    target = data.target if data.target is None else renamed.get(data.target, data.target)
    further = tuple(renamed.get(name, name) for name in data.further_targets)
    ignored = tuple(renamed.get(name, name) for name in data.ignored)
    return data.replace(target=target, further_targets=further, ignored=ignored)
