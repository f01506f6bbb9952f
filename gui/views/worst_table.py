"""The rows that come back worst, in a table: which, how far off, and what in them is furthest off."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from engine.training.reconstruction import Change, WorstSample
from gui import theme
from gui.views.numbers import count, number

ROW_HEIGHT = 26
WIDTHS = (64, 96, 72)
_ROOT = QModelIndex()


class WorstTable(QTableView):
    """The worst first. All rows with their errors are what `gradwright predict` writes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setAccessibleName("Worst samples")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setProperty("plain", True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, width)

    def show_samples(self, samples: Sequence[WorstSample], label: str) -> None:
        """label : what the labels are of; without one, that column is left out."""
        self._rows.show(samples, label)
        self.setColumnHidden(1, not label)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        rows = self._rows.rowCount()
        return QSize(320, self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())


class _Rows(QAbstractTableModel):
    """The samples as rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._samples: tuple[WorstSample, ...] = ()
        self._titles = ("Row", "", "Error", "Furthest off")

    def show(self, samples: Sequence[WorstSample], label: str) -> None:
        self.beginResetModel()
        self._samples = tuple(samples)
        self._titles = ("Row", label, "Error", "Furthest off")
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._samples)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        return {
            Qt.ItemDataRole.DisplayRole: self._titles[section],
            Qt.ItemDataRole.FontRole: theme.caption_font(),
        }.get(Qt.ItemDataRole(role))

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        sample = self._samples[index.row()]
        change = _in_words(sample.furthest)
        if role == Qt.ItemDataRole.DisplayRole:
            return (count(sample.row + 1), sample.label, number(sample.error), change)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 3:
            return change
        return None


def _in_words(change: Change | None) -> str:
    """ "height 1.82 → 1.64"."""
    if change is None:
        return ""
    before, after = (
        value if isinstance(value, str) else number(value) for value in (change.before, change.after)
    )
    return f"{change.column} {before} → {after}"
