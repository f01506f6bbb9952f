"""The gradient check: a row for each array of parameters, and the worst of all numbers located."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from engine.insight.gradient_check import GradientCheck, ParameterCheck, Verdict
from engine.insight.gradient_report import ENTRIES, TERMS, sentence, worst, worst_number
from engine.training.trainer import Trainer
from gui.core.selection import Selected
from gui.kit import Label, theme
from gui.kit.setup_numbers import count_text
from gui.panels.base import PanelContext, PanelSpec
from gui.panels.checks.check_panel import Check, CheckPanel, Found

ROW_HEIGHT = 28
TITLES = ("Layer", "Parameter", "Of", "Checked", "Kinks", "Largest error", "Verdict")
OF, FIRST_NUMBER, LAST_NUMBER = 2, 3, 5
COLOURS: dict[Verdict, str] = {
    "right": "good",
    "fine": "good",
    "doubtful": "warning",
    "wrong": "error",
    "nothing tested": "muted",
}
ICONS = {"good": "check-circle", "warning": "warning", "error": "warning-circle", "muted": "minus-circle"}
_ROOT = QModelIndex()


class GradientCheckPanel(CheckPanel[list[ParameterCheck]]):
    """Whoever chooses a row chooses its layer in the whole window."""

    spec = PanelSpec(
        "gradient_check",
        "Gradient check",
        "equals",
        "tool",
        "Compare the gradients of training with central differences.",
        order=10,
    )
    introduction = (
        "Compares the gradients of training with central differences, some numbers of each array of "
        "parameters, on a copy in double precision. The run is not changed."
    )

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.table = CheckTable()
        self.located = Label("", wrap=True)
        self.located.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.located)
        self.body.addWidget(self.table, 1)
        self.table.selectionModel().currentRowChanged.connect(self._choose)

    def check_maker(self) -> Callable[[Trainer], Check[list[ParameterCheck]]]:
        return partial(GradientCheck, entries=ENTRIES)

    def show_result(self, found: Found[list[ParameterCheck]]) -> None:
        checks = found.result
        of_all = worst(checks)
        colour = COLOURS[of_all.verdict if of_all is not None else "nothing tested"]
        self.verdict.show_message(
            sentence(checks), "good" if colour == "good" else "error" if colour == "error" else "warning"
        )
        self.located.setText(f"Largest error: {worst_number(of_all)}" if of_all else "")
        self.located.setVisible(of_all is not None)
        self.table.show_checks(checks, of_all)
        self._mark(self.context.selection.selected.layer)

    def show_selection(self, new: Selected, old: Selected) -> None:
        self._mark(new.layer)

    def apply_theme(self) -> None:
        self.table.viewport().update()

    def _choose(self, row: QModelIndex) -> None:
        check = self.table.check(row.row())
        if check is not None:
            self.context.selection.select(layer=check.layer)

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
        self.setAccessibleName("Arrays of parameters")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(6 * ROW_HEIGHT)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
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
            case Qt.ItemDataRole.DecorationRole if TITLES[column] == "Verdict":
                return theme.icon(ICONS[COLOURS[one.verdict]], COLOURS[one.verdict])
            case Qt.ItemDataRole.ToolTipRole:
                return worst_number(one)
        return None


def _texts(one: ParameterCheck) -> tuple[str, ...]:
    return (
        one.layer_name,
        one.parameter,
        TERMS[one.term],
        count_text(one.checked),
        count_text(one.kinks),
        f"{one.largest_error:.1e}",
        one.verdict.capitalize(),
    )


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers to the right."""
    number = FIRST_NUMBER <= column <= LAST_NUMBER
    return (
        Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
    ) | Qt.AlignmentFlag.AlignVCenter
