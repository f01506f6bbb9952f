"""The grid in which a small table is typed: a model over rows of texts, and the view with its keys."""

import csv
import io
from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QTableView, QWidget

from engine.data.sources.typed_cells import Cells, pasted_cells
from engine.errors import UserError
from gui.kit import theme
from gui.kit.text import tr

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
SPARE_BELOW = 2
SPARE_ROWS, SPARE_COLUMNS = 20, 6
"""Empty cells below and beside the table at least, to type on in."""


class CellModel(QAbstractTableModel):
    """Rows of texts with empty cells around them; `edited` after each change that a person made."""

    edited = Signal(str)
    """What was done, in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: Cells = []
        self._names = True

    @property
    def cells(self) -> Cells:
        """The rows, without the empty cells around them."""
        return [list(row) for row in self._cells]

    def set_cells(self, cells: Cells, names: bool) -> None:
        """Show other cells. names : whether the first row holds the names of the columns."""
        self.beginResetModel()
        self._cells, self._names = [list(row) for row in cells], names
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else max(len(self._cells) + SPARE_BELOW, SPARE_ROWS)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else max(self._width() + 1, SPARE_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(index.row(), index.column())
        of_names = self._names and index.row() == 0
        if role == Qt.ItemDataRole.FontRole and of_names:
            return QFont(theme.text_font(strong=True))
        if role == Qt.ItemDataRole.BackgroundRole and of_names:
            return QColor(theme.current().raised)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return letters(section)
        if self._names:
            return tr("names") if section == 0 else str(section)
        return str(section + 1)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or str(value) == self._text(index.row(), index.column()):
            return False
        self.write(index.row(), index.column(), [[str(value)]], tr("Edit table"))
        return True

    def write(self, row: int, column: int, cells: Sequence[Sequence[str]], words: str) -> None:
        """Put cells in, the upper left one at a place."""
        rows, columns = row + len(cells), column + max(map(len, cells), default=0)
        # No reset: the editor of a cell may still be open.
        shown_rows, shown_columns = self.rowCount(), self.columnCount()
        if rows + SPARE_BELOW > shown_rows:
            self.beginInsertRows(NO_INDEX, shown_rows, rows + SPARE_BELOW - 1)
            self._grow(rows, self._width())
            self.endInsertRows()
        if columns + 1 > shown_columns:
            self.beginInsertColumns(NO_INDEX, shown_columns, columns)
            self._grow(rows, columns)
            self.endInsertColumns()
        self._grow(rows, columns)
        for down, texts in enumerate(cells):
            self._cells[row + down][column : column + len(texts)] = texts
        self.dataChanged.emit(self.index(row, column), self.index(rows - 1, columns - 1))
        self.edited.emit(words)

    def insert(self, place: int, orientation: Qt.Orientation) -> None:
        """An empty row or column before a place."""
        self.beginResetModel()
        if orientation == Qt.Orientation.Vertical:
            self._grow(place, self._width())
            self._cells.insert(place, [""] * self._width())
        else:
            self._grow(len(self._cells), place)
            for row in self._cells:
                row.insert(place, "")
        self.endResetModel()
        self.edited.emit(tr("Insert row") if orientation == Qt.Orientation.Vertical else tr("Insert column"))

    def remove(self, places: Sequence[int], orientation: Qt.Orientation) -> None:
        """Take rows or columns out."""
        gone = set(places)
        self.beginResetModel()
        if orientation == Qt.Orientation.Vertical:
            self._cells = [row for number, row in enumerate(self._cells) if number not in gone]
        else:
            self._cells = [
                [text for number, text in enumerate(row) if number not in gone] for row in self._cells
            ]
        self.endResetModel()
        rows = orientation == Qt.Orientation.Vertical
        self.edited.emit(tr("Remove rows") if rows else tr("Remove columns"))

    def _text(self, row: int, column: int) -> str:
        inside = row < len(self._cells) and column < len(self._cells[row])
        return self._cells[row][column] if inside else ""

    def _width(self) -> int:
        return len(self._cells[0]) if self._cells else 0

    def _grow(self, rows: int, columns: int) -> None:
        width = max(columns, self._width())
        self._cells += [[] for _ in range(rows - len(self._cells))]
        for row in self._cells:
            row += [""] * (width - len(row))


class CellView(QTableView):
    """Type over a cell, or F2; Enter goes down; Delete empties; Ctrl+C and Ctrl+V as in a spreadsheet.

    `problem` : a UserError, of what cannot be pasted.
    """

    problem = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = CellModel(self)
        self.setModel(self.cells)
        self.setAccessibleName(tr("Table to type in"))
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setTabKeyNavigation(True)
        self._first: tuple[int, int] | None = None
        """Row and column where a row began that is typed with Tab between its cells."""
        self._fit()
        theme.notifier().changed.connect(self._fit)

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.scaled(theme.FIELD_HEIGHT))
        self.horizontalHeader().setDefaultSectionSize(theme.scaled(96))

    def paste(self) -> None:
        """Put the range that is on the clipboard in, its upper left cell at the current one."""
        try:
            cells = pasted_cells(QGuiApplication.clipboard().text())
        except UserError as error:
            self.problem.emit(error)
            return
        place = self.currentIndex()
        row, column = max(place.row(), 0), max(place.column(), 0)
        self.cells.write(row, column, cells, tr("Paste cells"))
        self.setCurrentIndex(self.cells.index(row, column))

    def copy(self) -> None:
        """Put the selected range on the clipboard, with tabs between the cells."""
        selected = self.selectedIndexes()
        if not selected:
            return
        rows, columns = ({index.row() for index in selected}, {index.column() for index in selected})
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        for row in range(min(rows), max(rows) + 1):
            places = (self.cells.index(row, column) for column in range(min(columns), max(columns) + 1))
            writer.writerow([self.cells.data(place) for place in places])
        QGuiApplication.clipboard().setText(stream.getvalue())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self.currentIndex()
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selectedIndexes():
            self._empty()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing and place.isValid():
            self._go_down(place)
        else:
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        place = self.currentIndex()
        if hint == QAbstractItemDelegate.EndEditHint.EditNextItem and (
            self._first is None or self._first[0] != place.row()
        ):
            self._first = place.row(), place.column()
        super().closeEditor(editor, hint)
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache:
            self._go_down(place)

    def _go_down(self, place: QModelIndex | QPersistentModelIndex) -> None:
        """One row down; after Tabs below the cell where they began, as in a spreadsheet."""
        first, self._first = self._first, None
        tabbed = first is not None and first[0] == place.row() and first[1] < place.column()
        column = first[1] if first is not None and tabbed else place.column()
        self.setCurrentIndex(self.cells.index(place.row() + 1, column))

    def _empty(self) -> None:
        selected, place = self.selectedIndexes(), self.currentIndex()
        top, left = min(one.row() for one in selected), min(one.column() for one in selected)
        bottom, right = max(one.row() for one in selected), max(one.column() for one in selected)
        chosen = {(one.row(), one.column()) for one in selected}
        texts = [
            [
                "" if (row, column) in chosen else str(self.cells.data(self.cells.index(row, column)))
                for column in range(left, right + 1)
            ]
            for row in range(top, bottom + 1)
        ]
        self.cells.write(top, left, texts, tr("Empty cells"))
        self.setCurrentIndex(self.cells.index(place.row(), place.column()))


def letters(column: int) -> str:
    """What spreadsheets call a column, from 0: A, B, …, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
