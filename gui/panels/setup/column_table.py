"""The columns of a table: name, kind, missing values, use as an input."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QSizePolicy, QTableView, QWidget

from engine.data.columns.roles import SINGLE
from engine.data.description import ColumnSummary
from gui.kit import theme
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr
from gui.panels.setup.role_menu import ROLE_ICONS, RoleMenu

_ROW_HEIGHT = 26
_MOST_ROWS = 8
_TITLES = (tr("Column"), tr("Kind"), tr("Missing"))
_KIND_WIDTH = 64
_MISSING_WIDTH = 54
_ICON_SIZE = 14
_ROOT = QModelIndex()
_NO_INPUTS = ("target", "label", *SINGLE)
"""Roles of columns that are no inputs, and not ignored either."""


class ColumnTable(QTableView):
    """Scrolls by itself: a table may have a thousand columns. `used` gives a column's name and whether it is
    to be an input, `chosen` the name of the column whose row is current, empty where none is. `role_chosen`
    gives a name and its new role, from the menu of a row, which a click on the kind opens, too;
    `targets_chosen` the first of several targets, and the others."""

    used = Signal(str, bool)
    chosen = Signal(str)
    role_chosen = Signal(str, str)
    targets_chosen = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = _Columns(self)
        self._columns.used.connect(self.used)
        self.setModel(self._columns)
        self.setAccessibleName(tr("Columns"))
        self.setShowGrid(False)
        theme.set_sizes(self, icon=_ICON_SIZE)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setProperty("plain", True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(24)
        self.clicked.connect(self._click)
        self._take_sizes()

    def menu(self, row: int) -> QMenu:
        """The roles that the column of a row may have, its own one checked."""
        summary = self._columns.summary(row)
        menu = RoleMenu(
            summary, self._columns.locked, lambda role: self.role_chosen.emit(summary.name, role), self
        )
        columns = [self._columns.summary(number) for number in range(self._columns.rowCount())]
        first, *further = [one.name for one in columns if one.role == "target" or one is summary]
        if further and summary.role in ("input", "ignored") and summary.kind != "image":
            menu.offer_further_target(lambda: self.targets_chosen.emit(first, further))
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            self._open_menu(index)

    def _click(self, index: QModelIndex) -> None:
        if index.column() == 1 and not self._columns.locked:
            self._open_menu(index)

    def _open_menu(self, index: QModelIndex) -> None:
        place = self.visualRect(index.siblingAtColumn(1)).bottomLeft()
        self.menu(index.row()).popup(self.viewport().mapToGlobal(place))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_sizes()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        self.chosen.emit(self._columns.name(current.row()))

    def _take_sizes(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.scaled(_ROW_HEIGHT))
        self.setColumnWidth(1, theme.scaled(_KIND_WIDTH))
        self.setColumnWidth(2, theme.scaled(_MISSING_WIDTH))

    def show_columns(self, columns: Sequence[ColumnSummary]) -> None:
        """Show these columns; the current row stays where it is."""
        if self._columns.show(columns):
            self.updateGeometry()
            self.chosen.emit(self._columns.name(self.currentIndex().row()))

    def set_locked(self, locked: bool, reason: str) -> None:
        """Let it be read but not changed."""
        self._columns.locked = locked
        self.setToolTip(reason if locked else "")
        self.viewport().update()

    def sizeHint(self) -> QSize:
        rows = min(self._columns.rowCount(), _MOST_ROWS)
        return QSize(200, self.horizontalHeader().sizeHint().height() + rows * theme.scaled(_ROW_HEIGHT) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._columns.toggle(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class _Columns(QAbstractTableModel):
    """The summaries as rows; the check box in the first column says whether a column is an input."""

    used = Signal(str, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._summaries: tuple[ColumnSummary, ...] = ()
        self.locked = False

    def show(self, columns: Sequence[ColumnSummary]) -> bool:
        """Take other summaries; True where their number changed."""
        columns = tuple(columns)
        if columns == self._summaries:
            return False
        same_length = len(columns) == len(self._summaries)
        if same_length:
            self._summaries = columns
            self.dataChanged.emit(self.index(0, 0), self.index(len(columns) - 1, len(_TITLES) - 1))
        else:
            self.beginResetModel()
            self._summaries = columns
            self.endResetModel()
        return not same_length

    def name(self, row: int) -> str:
        """The column of a row; empty where there is none."""
        return self._summaries[row].name if 0 <= row < len(self._summaries) else ""

    def summary(self, row: int) -> ColumnSummary:
        """What is known of the column of a row."""
        return self._summaries[row]

    def toggle(self, row: int) -> None:
        """Take a column in or out, as a click does."""
        if self.locked or not 0 <= row < len(self._summaries):
            return
        summary = self._summaries[row]
        if summary.role not in _NO_INPUTS:
            self.used.emit(summary.name, summary.role == "ignored")

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._summaries)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return {
            Qt.ItemDataRole.DisplayRole: _TITLES[section],
            Qt.ItemDataRole.FontRole: theme.caption_font(),
        }.get(Qt.ItemDataRole(role))

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        changeable = not self.locked and self._summaries[index.row()].role not in _NO_INPUTS
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 and changeable else flags

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        summary = self._summaries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            missing = count_text(summary.missing) if summary.missing else ""
            kind = tr(summary.role) if summary.role in _NO_INPUTS else summary.kind
            return (summary.name, kind, missing)[index.column()]
        first, no_input = index.column() == 0, summary.role in _NO_INPUTS
        if role == Qt.ItemDataRole.CheckStateRole and first and not no_input:
            return Qt.CheckState.Checked if summary.role == "input" else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and first and no_input:
            return theme.icon(ROLE_ICONS[summary.role], "accent")
        if role == Qt.ItemDataRole.ToolTipRole:
            values = quantity_text(summary.distinct, "different value", "different values")
            words = f"{summary.name}: {summary.summary} ({values})"
            return words if index.column() != 1 else tr("{words}. Click to choose its role.", words=words)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(
        self, index: QModelIndex | QPersistentModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.toggle(index.row())
        return True
