"""The rows of a table, as many as there are: texts are made of those that are in sight alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from engine.data import Column
from engine.data.columns.preview import cell_texts
from engine.insight.row_results import PART, PREDICTION
from gui.kit import theme
from gui.kit.colour_maps import picture_of
from gui.kit.numbers import reading_text
from gui.kit.text import tr
from gui.panels.data_viewer.viewed_data import RowOrder, ViewedData, result_title

ROW_HEIGHT, IMAGE_HEIGHT = 26, 44
COLUMN_WIDTH = 116
CACHED_ROWS = 256
PART_WORDS = {"training": tr("training"), "validation": tr("validation"), "test": tr("test")}
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex
Rows = NDArray[np.intp]


class RowModel(QAbstractTableModel):
    """The rows of the viewed data in an order; the vertical header has their numbers in the table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._found: ViewedData | None = None
        self._rows: Rows = np.empty(0, np.intp)
        self._texts: dict[tuple[int, int], list[str | None]] = {}
        """By column and block of rows."""

    @property
    def rows(self) -> Rows:
        """The rows that are shown, in their order."""
        return self._rows

    def show(self, found: ViewedData | None, rows: Rows) -> None:
        """Show these rows."""
        self.beginResetModel()
        self._found, self._rows, self._texts = found, rows, {}
        self.endResetModel()

    def is_result(self, column: int) -> bool:
        """Whether it is no column of the table, but what a run makes of the rows."""
        return self._found is not None and column < self._found.own

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self._found is None else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self._found is None else len(self._found.shown.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if self._found is None:
            return None
        if orientation == Qt.Orientation.Vertical:
            return int(self._rows[section]) + 1 if role == Qt.ItemDataRole.DisplayRole else None
        name = self._found.shown.columns[section].name
        if role == Qt.ItemDataRole.DisplayRole:
            return result_title(name) if self.is_result(section) else name
        if role == Qt.ItemDataRole.ToolTipRole:
            return name
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if self._found is None:
            return None
        column = self._found.shown.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if column.kind == "image" else self._text(index.row(), index.column())
        if role == Qt.ItemDataRole.DecorationRole and column.kind == "image":
            return self.picture(int(self._rows[index.row()]), column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column.kind == "number":
            return _RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(index.row(), index.column())
        return None

    def picture(self, row: int, column: Column) -> QPixmap:
        """An image of the table, as large as a row is high."""
        values = column.values[row].astype(np.float32)
        high = 255.0 if column.values.dtype == np.uint8 else max(float(np.nanmax(values)), 1.0)
        side = theme.scaled(IMAGE_HEIGHT - 6)
        picture = QPixmap.fromImage(picture_of(values, theme.current(), 0.0, high))
        return picture.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio)

    def _text(self, row: int, place: int) -> str:
        text = self._raw_text(row, place)
        if text is None:
            return "–" if self.is_result(place) else tr("missing")
        found = self._found
        column = found.shown.columns[place] if found is not None else None
        if column is not None and self.is_result(place):
            if column.kind == "number":
                return reading_text(float(column.values[self._rows[row]]), 4)
            return PART_WORDS.get(text, text) if column.name == "part" else text
        return text

    def _raw_text(self, row: int, place: int) -> str | None:
        if self._found is None:
            return None
        key = (place, row // CACHED_ROWS)
        if key not in self._texts:
            if len(self._texts) > 4 * max(self.columnCount(), 1):
                self._texts.clear()
            block = self._rows[key[1] * CACHED_ROWS : (key[1] + 1) * CACHED_ROWS]
            self._texts[key] = cell_texts(self._found.shown.columns[place], block)
        return self._texts[key][row % CACHED_ROWS]

    def _ink(self, row: int, place: int) -> QColor:
        colours, found = theme.current(), self._found
        if self._raw_text(row, place) is None:
            return QColor(colours.muted if self.is_result(place) else colours.ink("warning"))
        if found is not None and self.is_result(place):
            name = found.shown.columns[place].name
            if name == PREDICTION and found.shown.columns[place].kind != "number" and found.target:
                (target,) = (
                    at
                    for at in range(found.own, self.columnCount())
                    if found.shown.columns[at].name == found.target
                )
                right = self._raw_text(row, place) == self._raw_text(row, target)
                return QColor(colours.text if right else colours.ink("error"))
            return QColor(colours.muted if name == PART else colours.text)
        return QColor(colours.text)


class RowTable(QTableView):
    """Sorted by a click on a head: rising, falling, as in the table. `order_asked` : column, descending."""

    order_asked = Signal(object, bool)
    row_chosen = Signal(int)
    """A row of the table, from 0."""
    inspect_asked = Signal(int)
    """The same, to be looked at in the inspector."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowModel(self)
        self.setModel(self.rows)
        self.setAccessibleName(tr("Rows"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self._ask)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setHighlightSections(False)
        self.selectionModel().currentRowChanged.connect(self._choose)
        self._take_sizes()

    def show_rows(self, found: ViewedData | None, rows: Rows) -> None:
        """Show these rows of the viewed data."""
        self.rows.show(found, rows)
        self._take_sizes()

    def show_order(self, order: RowOrder) -> None:
        """Show by which column the rows are sorted."""
        header = self.horizontalHeader()
        blocked = header.blockSignals(True)
        falling = Qt.SortOrder.DescendingOrder if order.descending else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(-1 if order.column is None else order.column, falling)
        header.blockSignals(blocked)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_sizes()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Of a row: to the inspector."""
        index = self.indexAt(event.pos())
        if not index.isValid():
            return
        row = int(self.rows.rows[index.row()])
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Inspect")).triggered.connect(lambda: self.inspect_asked.emit(row))
        menu.popup(event.globalPos())

    def _take_sizes(self) -> None:
        columns = range(self.rows.columnCount())
        images = any(self.rows.index(0, one).data(Qt.ItemDataRole.DecorationRole) for one in columns[:8])
        height = IMAGE_HEIGHT if images and self.rows.rowCount() else ROW_HEIGHT
        self.verticalHeader().setDefaultSectionSize(theme.scaled(height))
        self.horizontalHeader().setDefaultSectionSize(theme.scaled(COLUMN_WIDTH))
        side = theme.scaled(IMAGE_HEIGHT - 6)
        self.setIconSize(QSize(side, side))

    def _ask(self, column: int, order: Qt.SortOrder) -> None:
        falling = order == Qt.SortOrder.DescendingOrder
        self.order_asked.emit(None if column < 0 else column, falling and column >= 0)

    def _choose(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            self.row_chosen.emit(int(self.rows.rows[current.row()]))
