"""The gradient check: a row for each array of parameters, and the worst of all numbers located."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from engine.insight.gradient_check import (
    ENTRIES,
    TERMS,
    GradientCheck,
    ParameterCheck,
    Verdict,
    sentence,
    worst,
    worst_number,
)
from engine.training.trainer import Trainer
from gui.core.selection import Selected
from gui.kit import Label, theme
from gui.kit.numbers import count_text
from gui.kit.text import tr
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.checks.check_panel import Check, CheckPanel, Found, Level

ROW_HEIGHT, LEAST_ROWS = 28, 6
TITLES = (
    tr("Layer"),
    tr("Parameter"),
    tr("Of"),
    tr("Verdict"),
    tr("Largest error"),
    tr("Checked"),
    tr("Kinks"),
)
OF, VERDICT, FIRST_NUMBER = 2, 3, 4
LEVELS: dict[Verdict, Level] = {
    "right": "good",
    "fine": "good",
    "doubtful": "warning",
    "wrong": "error",
    "nothing tested": "warning",
}
ICONS: dict[Level, str] = {"good": "check-circle", "warning": "warning", "error": "warning-circle"}
_ROOT = QModelIndex()


class GradientCheckPanel(CheckPanel[list[ParameterCheck]]):
    """Choosing a row selects its layer in all panels."""

    spec = PanelSpec(
        "gradient_check",
        tr("Gradient check"),
        "equals",
        "tool",
        tr("Compare the gradients of training with central differences."),
        order=10,
    )
    introduction = tr(
        "Compares the gradients of training with central differences, for a sample of each parameter array, "
        "on a copy in double precision. The run is not changed."
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.table = CheckTable()
        self.located = Label("", wrap=True)
        self.located.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.located)
        self.body.addWidget(self.table, 1)
        self.body.addStretch(0)
        self.table.selectionModel().currentRowChanged.connect(self._choose)

    def check_maker(self) -> Callable[[Trainer], Check[list[ParameterCheck]]]:
        return partial(GradientCheck, entries=ENTRIES)

    def show_result(self, found: Found[list[ParameterCheck]]) -> None:
        checks = found.result
        of_all = worst(checks)
        self.verdict.show_message(sentence(checks), LEVELS[of_all.verdict] if of_all else "warning")
        self.located.setVisible(of_all is not None)
        self.table.show_checks(checks, of_all)
        self._locate()
        self._mark(self.context.selection.selected.layer)

    def show_selection(self, new: Selected, old: Selected) -> None:
        self._mark(new.layer)

    def apply_theme(self) -> None:
        self.table.viewport().update()

    def _choose(self, row: QModelIndex) -> None:
        check = self.table.check(row.row())
        if check is not None:
            self.context.selection.select(layer=check.layer)
        self._locate()

    def _locate(self) -> None:
        """Say where the worst number is: of the row that is chosen, else of all."""
        chosen = self.table.check(self.table.currentIndex().row())
        of_all = worst(self.found.result) if self.found is not None else None
        if chosen is not None and chosen is not of_all:
            self.located.setText(
                tr("Largest error of the row: {worst_number}", worst_number=worst_number(chosen))
            )
        elif of_all is not None:
            self.located.setText(
                tr("Largest error of all: {worst_number}", worst_number=worst_number(of_all))
            )

    def _mark(self, layer: int | None) -> None:
        """Show which layer is selected: the row stays where it is if it is one of that layer."""
        present = self.table.check(self.table.currentIndex().row())
        if self.found is not None and (present is None or present.layer != layer):
            self.table.choose(layer)


class CheckTable(QTableView):
    """A row for each array and term; the worst is in bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setAccessibleName(tr("Arrays of parameters"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        theme.set_sizes(self, icon=16)
        self.verticalHeader().setDefaultSectionSize(theme.scaled(ROW_HEIGHT))
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setProperty("plain", True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def show_checks(self, checks: Sequence[ParameterCheck], of_all: ParameterCheck | None) -> None:
        """of_all : the worst one."""
        self._rows.show(checks, of_all)
        # Which term it is says something only where there are two.
        self.setColumnHidden(OF, all(one.term == "data" for one in checks))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        rows = self._rows.rowCount()
        return QSize(480, self.horizontalHeader().sizeHint().height() + rows * theme.scaled(ROW_HEIGHT) + 2)

    def minimumSizeHint(self) -> QSize:
        least = self.horizontalHeader().sizeHint().height() + LEAST_ROWS * theme.scaled(ROW_HEIGHT) + 2
        return QSize(320, min(least, self.sizeHint().height()))

    def check(self, row: int) -> ParameterCheck | None:
        """What stands in a row."""
        return self._rows.checks[row] if 0 <= row < len(self._rows.checks) else None

    def choose(self, layer: int | None) -> None:
        """Make the first row of a layer the current one; none where it has none."""
        rows = [row for row, one in enumerate(self._rows.checks) if one.layer == layer]
        self.setCurrentIndex(self._rows.index(rows[0], 0) if rows else _ROOT)


class _Rows(QAbstractTableModel):
    """The arrays as rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.checks: tuple[ParameterCheck, ...] = ()
        self._worst: ParameterCheck | None = None

    def show(self, checks: Sequence[ParameterCheck], of_all: ParameterCheck | None) -> None:
        self.beginResetModel()
        self.checks, self._worst = tuple(checks), of_all
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.checks)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        return {
            Qt.ItemDataRole.DisplayRole: TITLES[section],
            Qt.ItemDataRole.FontRole: theme.caption_font(),
            Qt.ItemDataRole.TextAlignmentRole: _side(section),
        }.get(Qt.ItemDataRole(role))

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        one, column = self.checks[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _texts(one)[column]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(column)
            case Qt.ItemDataRole.FontRole:
                return theme.text_font(strong=one is self._worst)
            case Qt.ItemDataRole.DecorationRole if column == VERDICT:
                return theme.icon(ICONS[LEVELS[one.verdict]], LEVELS[one.verdict])
            case Qt.ItemDataRole.ToolTipRole:
                return worst_number(one)
        return None


def _texts(one: ParameterCheck) -> tuple[str, ...]:
    return (
        one.layer_name,
        one.parameter,
        TERMS[one.term],
        tr(one.verdict.capitalize()),
        f"{one.largest_error:.1e}",
        count_text(one.checked),
        count_text(one.kinks),
    )


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers to the right."""
    number = column >= FIRST_NUMBER
    return (
        Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
    ) | Qt.AlignmentFlag.AlignVCenter
