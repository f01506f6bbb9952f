"""The grid of a layer's weights: of however large a layer, only the numbers in sight are asked of the run."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from engine.arrays import Array
from engine.data.sources.typed_cells import pasted_cells
from engine.errors import UserError
from gui.kit import theme
from gui.kit.numbers import number_text, parse_fraction
from gui.kit.text import tr
from gui.kit.weight_editor import WEIGHTS

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
COLUMN_WIDTH = 112
SMALL = 20_000
"""Numbers up to which a table is asked for as a whole."""
MARGIN = 16
"""Rows and columns around those in sight that are asked for with them."""
WAITING = "…"
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Grid:
    """What a table is of. rows, columns : their names."""

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


class WeightModel(QAbstractTableModel):
    """Numbers by row and column, as far as they are known.

    `typed` : row, column and the numbers put in there, (rows, columns). `refused` : a sentence.
    """

    typed = Signal(int, int, object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = Grid()
        self._top = self._left = 0
        self._values: Array = np.empty((0, 0))

    @property
    def grid(self) -> Grid:
        """What the table is of."""
        return self._grid

    def set_grid(self, grid: Grid) -> None:
        """Another table, of which no number is known yet."""
        self.beginResetModel()
        self._grid, self._values = grid, np.empty((0, 0))
        self.endResetModel()

    def set_values(self, top: int, left: int, values: Array, quiet: bool = False) -> None:
        """Numbers of a part of the table. quiet : a cell is being typed in, and is left alone."""
        self._top, self._left, self._values = top, left, values
        if values.size and not quiet:
            last = self.index(top + values.shape[0] - 1, left + values.shape[1] - 1)
            self.dataChanged.emit(self.index(top, left), last)

    def value(self, row: int, column: int) -> float | None:
        """A number, with its own precision; None where it is not known."""
        row, column = row - self._top, column - self._left
        inside = 0 <= row < self._values.shape[0] and 0 <= column < self._values.shape[1]
        found: float | None = self._values[row, column] if inside else None
        return found

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._grid.rows)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._grid.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT
        value = self.value(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return WAITING if value is None else short_text(value).replace("-", "−")
        if role == Qt.ItemDataRole.EditRole:
            return "" if value is None else number_text(value)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        names = self._grid.columns if orientation == Qt.Orientation.Horizontal else self._grid.rows
        return names[section] if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        before = self.value(index.row(), index.column())
        text = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or before is None or text == number_text(before):
            return False
        try:
            number = parse_fraction(text, WEIGHTS)
        except ValueError as error:
            self.refused.emit(str(error))
            return False
        self.typed.emit(index.row(), index.column(), np.array([[number]]))
        return True

    def paste(self, row: int, column: int, text: str) -> None:
        """Put a block of numbers in, as a spreadsheet copies it, its upper left one at a place."""
        try:
            block = numbers_of(_separated(pasted_cells(text)))
        except (UserError, ValueError) as error:
            self.refused.emit(str(error))
            return
        rows, columns = self.rowCount() - row, self.columnCount() - column
        if block.shape[0] > rows or block.shape[1] > columns:
            self.refused.emit(
                tr(
                    "The block has {high} × {wide} numbers; from this cell on there is room for "
                    "{rows} × {columns}.",
                    high=block.shape[0],
                    wide=block.shape[1],
                    rows=rows,
                    columns=columns,
                )
            )
            return
        self.typed.emit(row, column, block)


def _separated(cells: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Cells that blanks separate, as in a text or on a web page, where no tabs do."""
    pieces = [row[0].split() for row in cells]
    widths = {len(row) for row in pieces}
    return pieces if len(cells[0]) == 1 and len(widths) == 1 and widths != {1} else cells


def numbers_of(cells: Sequence[Sequence[str]]) -> Array:
    """A block of decimals and fractions; raises ValueError with a sentence that names the cell."""
    width = len(cells[0]) if cells else 0
    block = np.empty((len(cells), width))
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            try:
                block[row, column] = parse_fraction(text, WEIGHTS)
            except ValueError as error:
                place = tr("Row {row}, column {column} of the block: ", row=row + 1, column=column + 1)
                raise ValueError(f"{place}{error}") from None
    return block


class WeightGrid(QTableView):
    """Type over a number, or F2; Ctrl+C and Ctrl+V as in a spreadsheet. `moved` : others are in sight."""

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = WeightModel(self)
        self.setModel(self.numbers)
        self.setAccessibleName(tr("Weights, inputs by units"))
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.AnyKeyPressed | triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(RIGHT)
        self.verticalScrollBar().valueChanged.connect(lambda _: self.moved.emit())
        self.horizontalScrollBar().valueChanged.connect(lambda _: self.moved.emit())
        theme.notifier().changed.connect(self._fit)
        self._fit()

    @property
    def typing(self) -> bool:
        """Whether a number is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def part_in_sight(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rows and columns whose numbers are wanted."""
        rows, columns = self.numbers.rowCount(), self.numbers.columnCount()
        if rows * columns <= SMALL:
            return (0, rows), (0, columns)
        area = self.viewport().rect()
        top, bottom = self.rowAt(area.top()), self.rowAt(area.bottom())
        left, right = self.columnAt(area.left()), self.columnAt(area.right())
        return _around(top, bottom, rows), _around(left, right, columns)

    def copy(self) -> None:
        """Put the selected numbers on the clipboard, exactly, with tabs between them."""
        selected = {(one.row(), one.column()) for one in self.selectedIndexes()}
        if not selected:
            return
        rows, columns = ({place[axis] for place in selected} for axis in (0, 1))
        if any(self.numbers.value(*place) is None for place in selected):
            self.numbers.refused.emit(tr("Of so large a layer, only numbers in sight can be copied."))
            return
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        for row in sorted(rows):
            values = (self.numbers.value(row, column) for column in sorted(columns))
            writer.writerow(["" if value is None else number_text(value) for value in values])
        QGuiApplication.clipboard().setText(stream.getvalue())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Paste):
            row, column = max(place.row(), 0), max(place.column(), 0)
            self.numbers.paste(row, column, QGuiApplication.clipboard().text())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and place.isValid() and not self.typing:
            self.setCurrentIndex(self.numbers.index(place.row() + 1, place.column()))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.moved.emit()

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.scaled(theme.FIELD_HEIGHT))
        self.horizontalHeader().setDefaultSectionSize(theme.scaled(COLUMN_WIDTH))


def _around(first: int, last: int, count: int) -> tuple[int, int]:
    """A range with a margin; −1 for the last one in sight means that there is room below it."""
    last = count - 1 if last < 0 else last
    return max(first - MARGIN, 0), min(last + MARGIN + 1, count)


def short_text(value: float) -> str:
    """Of double precision, too, with the digits of single: more of them would fill the window."""
    with np.errstate(over="ignore", under="ignore"):
        short = np.float32(value)
    # A number beyond single precision is neither infinite nor 0.
    kept = np.isfinite(short) == np.isfinite(value) and (short == 0) == (value == 0)
    return number_text(short if kept else value)
