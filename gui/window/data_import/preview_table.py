"""The preview: the first rows under the heads of their columns, and a bar to change several columns."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.data.columns.roles import SINGLE
from gui.kit import Choice, Label, Option, theme
from gui.kit.numbers import count_text, quantity_text
from gui.kit.text import tr
from gui.window.data_import.column_header import ColumnHeader
from gui.window.data_import.preview_model import ROLE_WORDS, TYPE_WORDS, PreviewModel

ROW_HEIGHT = 26
TYPES = ("number", "category", "boolean", "date", "text", "code")
ROLES = ("input", "target", "ignored", "group", "weight", "time")
AS_READ = "as read"
ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
OPENING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu)
SEVERAL = ""


class PreviewTable(QTableView):
    """Whole columns are selected: by clicks on heads or cells, arrow keys, with Shift and Ctrl several.

    Enter, the menu key and the right button offer type and role of what is selected.
    """

    type_chosen = Signal(object, object)
    """Names of columns, and the type; None for the type that follows from the values."""
    role_chosen = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = PreviewModel(self)
        self.header = ColumnHeader(self.columns, self)
        self.setHorizontalHeader(self.header)
        self.setModel(self.columns)
        self.setAccessibleName(tr("First rows"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectColumns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.header.type_asked.connect(self._ask_type)
        self.header.role_asked.connect(self._ask_role)
        self._take_sizes()

    def selected(self) -> list[str]:
        """Names of the selected columns, in their order."""
        chosen = sorted(index.column() for index in self.selectionModel().selectedColumns())
        return [self.columns.name(column) for column in chosen]

    def select(self, names: Sequence[str]) -> None:
        """Select columns by name, and scroll to the first."""
        places = [
            column for column in range(self.columns.columnCount()) if self.columns.name(column) in names
        ]
        self.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Columns
        for column in places:
            self.selectionModel().select(self.columns.index(0, column), flags)
        if places:
            self.scrollTo(self.columns.index(0, places[0]))

    def type_menu(self, names: Sequence[str]) -> QMenu:
        """The types for these columns, those that they have checked."""
        menu = QMenu(tr("Type"), self)
        places = [
            column for column in range(self.columns.columnCount()) if self.columns.name(column) in names
        ]
        kinds = {self.columns.type(column) for column in places}
        if "image" in kinds:
            menu.addAction(tr("Images stay images")).setEnabled(False)
            return menu
        for kind in TYPES:
            action = menu.addAction(TYPE_WORDS[kind])
            action.setCheckable(True)
            action.setChecked(kinds == {kind})
            action.triggered.connect(lambda _, kind=kind: self.type_chosen.emit(list(names), kind))
        menu.addSeparator()
        usual = menu.addAction(tr("as read"))
        usual.setToolTip(tr("The type that follows from the values."))
        usual.setEnabled(any(self.columns.type_chosen(column) for column in places))
        usual.triggered.connect(lambda _: self.type_chosen.emit(list(names), None))
        return menu

    def role_menu(self, names: Sequence[str]) -> QMenu:
        """The roles for these columns; roles that one column at most has are offered for one."""
        menu = QMenu(tr("Role"), self)
        places = [
            column for column in range(self.columns.columnCount()) if self.columns.name(column) in names
        ]
        roles = {self.columns.role(column) for column in places}
        for role in ROLES:
            action = menu.addAction(ROLE_WORDS[role])
            action.setCheckable(True)
            action.setChecked(roles == {role})
            action.setEnabled(len(names) == 1 or role not in SINGLE)
            action.triggered.connect(lambda _, role=role: self.role_chosen.emit(list(names), role))
        return menu

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._take_sizes()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        column = self.currentIndex().column()
        if event.key() in OPENING_KEYS and self.selected():
            at = self.visualRect(self.columns.index(0, max(column, 0))).topLeft()
            self._offer(self.viewport().mapToGlobal(at))
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        elif event.key() in ARROWS and not self.selected() and self.columns.columnCount():
            # The first one chooses where to begin; Qt would go on from a column that nobody sees.
            self.selectColumn(max(column, 0))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if index.isValid() and self.columns.name(index.column()) not in self.selected():
            self.selectColumn(index.column())
        if self.selected():
            self._offer(event.globalPos())

    def _offer(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addMenu(self.type_menu(self.selected()))
        menu.addMenu(self.role_menu(self.selected()))
        menu.popup(place)

    def _ask_type(self, column: int, place: QPoint) -> None:
        self.type_menu(self._meant(column)).popup(place)

    def _ask_role(self, column: int, place: QPoint) -> None:
        self.role_menu(self._meant(column)).popup(place)

    def _meant(self, column: int) -> list[str]:
        """A click at one of several selected columns means all of them."""
        if self.columns.name(column) not in self.selected():
            self.selectColumn(column)
        return self.selected()

    def _take_sizes(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.scaled(ROW_HEIGHT))


class Preview(QWidget):
    """The table, and under it how much of it is seen, or what to do with the selected columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = PreviewTable()
        self.caption = Label("", "muted")
        self.type = Choice(name=tr("Type of the selected columns"))
        self.role = Choice(name=tr("Role of the selected columns"))
        self._several = QWidget()
        row = QHBoxLayout(self._several)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        for title, choice in ((tr("Type"), self.type), (tr("Role"), self.role)):
            label = Label(title, "muted")
            label.setBuddy(choice)
            theme.set_sizes(choice, width=112)
            row.addWidget(label)
            row.addWidget(choice)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.caption)
        below.addStretch(1)
        below.addWidget(self._several)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GRID)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.show_selection())
        self.type.edited.connect(self._give_type)
        self.role.edited.connect(self._give_role)
        self.show_selection()

    def show_selection(self) -> None:
        """Say how much is seen, and offer what can be changed of the selected columns."""
        names, columns = self.table.selected(), self.table.columns
        found = columns.found
        self._several.setEnabled(bool(names))
        if found is None:
            self.caption.setText("")
        elif names:
            self.caption.setText(quantity_text(len(names), "column selected", "columns selected"))
        elif found.whole:
            self.caption.setText(
                tr(
                    "Rows 1 to {shown} of {rows}. Select columns to change type or role of several at once.",
                    shown=count_text(columns.rowCount()),
                    rows=count_text(found.table.rows),
                )
            )
        else:
            self.caption.setText(tr("The first rows; the others are being read."))
        self._show_choices(set(names))

    def _show_choices(self, names: set[str]) -> None:
        columns = self.table.columns
        places = [column for column in range(columns.columnCount()) if columns.name(column) in names]
        kinds, roles = {columns.type(one) for one in places}, {columns.role(one) for one in places}
        several = [Option(SEVERAL, tr("several") if places else "–")]
        types = [Option(kind, TYPE_WORDS[kind]) for kind in TYPES] + [Option(AS_READ, tr("as read"))]
        offered = [role for role in ROLES if len(places) == 1 or role not in SINGLE]
        self.type.set_options((several if len(kinds) != 1 else []) + types)
        self.type.set_value(kinds.pop() if len(kinds) == 1 else SEVERAL)
        self.role.set_options(
            (several if len(roles) != 1 else []) + [Option(role, ROLE_WORDS[role]) for role in offered]
        )
        self.role.set_value(roles.pop() if len(roles) == 1 else SEVERAL)

    def _give_type(self, kind: str) -> None:
        if kind != SEVERAL:
            self.table.type_chosen.emit(self.table.selected(), None if kind == AS_READ else kind)

    def _give_role(self, role: str) -> None:
        if role != SEVERAL:
            self.table.role_chosen.emit(self.table.selected(), role)
