"""The first rows of a table as a model for views, and what stands at the head of each column."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from engine.data import DataSettings
from engine.data.columns.preview import ColumnBars, cell_texts
from engine.data.columns.roles import role_of
from engine.data.columns.types import column_type
from gui.kit import theme
from gui.kit.column_bars import values_text
from gui.kit.text import tr
from gui.window.data_import.table_reading import ROWS_SHOWN, TableAsRead

TYPE_WORDS: Mapping[str, str] = {
    "number": tr("number"),
    "category": tr("category"),
    "boolean": tr("yes / no"),
    "date": tr("date"),
    "text": tr("text"),
    "code": tr("code"),
    "image": tr("image"),
}
ROLE_WORDS: Mapping[str, str] = {
    "input": tr("input"),
    "target": tr("target"),
    "label": tr("label"),
    "ignored": tr("ignored"),
    "group": tr("group"),
    "weight": tr("weight"),
    "time": tr("time"),
}
MISSING_WORD = tr("missing")
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex


class PreviewModel(QAbstractTableModel):
    """Texts of a column are made when it comes into sight: there may be ten thousand columns."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found: TableAsRead | None = None
        self._settings = DataSettings()
        self._target: str | None = None
        self._texts: dict[int, Sequence[str | None]] = {}
        self._likely: dict[int, str] = {}
        self._fields: list[list[str]] | None = None

    @property
    def found(self) -> TableAsRead | None:
        """What is shown."""
        return self._found

    @property
    def as_written(self) -> bool:
        """Whether the fields are shown as they stand in the file."""
        return self._fields is not None

    def show(self, found: TableAsRead | None, settings: DataSettings, target: str | None) -> None:
        """Show a table with these settings. target : the column to predict, None where none is chosen."""
        before = self._found
        same = found is not None and before is not None and found.table is before.table
        if not same:
            self.beginResetModel()
            self._texts, self._likely, self._fields = {}, {}, None
        self._found, self._settings, self._target = found, settings, target
        if not same:
            self.endResetModel()
        elif self.columnCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def show_fields(self, fields: list[list[str]] | None) -> None:
        """Show fields as they stand in the file; None shows values as they are used."""
        self.beginResetModel()
        self._fields = fields
        self.endResetModel()

    def name(self, column: int) -> str:
        """The name of a column."""
        return self._found.table.columns[column].name if self._found is not None else ""

    def role(self, column: int) -> str:
        """Its role, as of `engine.data.columns.roles`, or "label"."""
        role = role_of(self._settings, self.name(column), self._target)
        return "label" if role == "target" and self._settings.task == "reconstruction" else role

    def type(self, column: int) -> str:
        """What its values are: what a person chose, or what they were read as."""
        chosen = self._settings.types.get(self.name(column))
        return chosen or (self._found.table.columns[column].kind if self._found is not None else "")

    def likely_type(self, column: int) -> str:
        """What its values look like where nobody chose a type, and they are read as another one; else empty.

        Texts that are dates are categories until a person has them read as dates.
        """
        if self._found is None or self.type_chosen(column):
            return ""
        if column not in self._likely:
            kind = column_type(self._found.table.columns[column]).replace("yes/no", "boolean")
            self._likely[column] = "" if kind == self._found.table.columns[column].kind else kind
        return self._likely[column]

    def type_words(self, column: int) -> str:
        """Its type in words, and with a question mark the one that it looks like: "category (date?)"."""
        words = TYPE_WORDS.get(self.type(column), self.type(column))
        likely = self.likely_type(column)
        return tr("{type} ({likely}?)", type=words, likely=TYPE_WORDS[likely]) if likely else words

    def type_chosen(self, column: int) -> bool:
        """Whether a person has chosen its type."""
        return self.name(column) in self._settings.types

    def bars(self, column: int) -> ColumnBars:
        """How its values are spread."""
        return self._found.bars[column] if self._found is not None else ColumnBars()

    def counts(self, column: int) -> str:
        """How many values it has; nothing while only the first rows are known."""
        found = self._found
        if found is None or not found.whole:
            return ""
        summary = found.description.columns[column]
        return values_text(summary.distinct, summary.missing)

    def rowCount(self, parent: Index = _ROOT) -> int:
        if parent.isValid() or self._found is None:
            return 0
        if self._fields is not None:
            return max(map(len, self._fields), default=0)
        return min(self._found.table.rows, ROWS_SHOWN)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self._found is None else len(self._found.table.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or self._found is None:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name(section)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            words = self.type_words(section), ROLE_WORDS[self.role(section)]
            parts = (", ".join(words), self._found.description.columns[section].summary, self.counts(section))
            return "\n".join((self.name(section), *filter(None, parts)))
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if self._found is None:
            return None
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            text = self._text(index.row(), column)
            return MISSING_WORD if text is None else text
        if role == Qt.ItemDataRole.TextAlignmentRole and self.type(column) == "number":
            return _RIGHT
        colours = theme.current()
        if role == Qt.ItemDataRole.BackgroundRole and self.role(column) in ("target", "label"):
            return QColor(colours.tint("validation"))
        if role == Qt.ItemDataRole.ForegroundRole:
            if self._text(index.row(), column) is None:
                return QColor(colours.ink("warning"))
            return QColor(colours.muted if self.role(column) == "ignored" else colours.text)
        if role == Qt.ItemDataRole.FontRole:
            font: QFont = theme.text_font()
            if self._text(index.row(), column) is None:
                font.setItalic(True)
            return font
        return None

    def _text(self, row: int, column: int) -> str | None:
        if self._fields is not None:
            fields = self._fields[column] if column < len(self._fields) else []
            return fields[row] if row < len(fields) else ""
        if column not in self._texts and self._found is not None:
            shown = slice(0, self.rowCount())
            self._texts[column] = cell_texts(self._found.table.columns[column], shown)
        return self._texts[column][row]
