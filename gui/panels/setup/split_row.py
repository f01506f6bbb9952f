"""The split of the rows as one line, "70 / 15 / 15 %", that opens to its settings."""

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from engine.data import Split
from gui.kit import number_text, theme
from gui.kit.disclosure import CARET_SIZE, paint_caret
from gui.kit.field import FIELD_RADIUS, paint_edges
from gui.kit.form import SettingsForm
from gui.kit.form_layout import ROW_SPACING, Row

_TOOLTIP = "Shares of the rows for training, validation and test."


class SplitRow(QWidget):
    """`edited` gives the new split and the path of the field in it."""

    edited = Signal(object, str)

    def __init__(self, split: Split, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = FoldedField("Split", split_text(Split()))
        self._row = Row("Split", self._line, _TOOLTIP)
        self._form = SettingsForm(split)
        self._form.hide()
        self._form.changed.connect(self.edited)
        self._line.toggled.connect(self._form.setVisible)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(ROW_SPACING)
        layout.addWidget(self._row)
        layout.addWidget(self._form)
        self.show_split(split)

    @property
    def line(self) -> "FoldedField":
        return self._line

    @property
    def form(self) -> SettingsForm:
        return self._form

    def show_split(self, split: Split, published_fraction: float = 0.0) -> None:
        """`published_fraction` of the rows are a test part that the data came with."""
        self._line.set_summary(split_text(split, published_fraction))
        self._form.set_value(split)

    def set_locked(self, locked: bool, reason: str) -> None:
        """It can be looked at, but not changed."""
        self._form.set_enabled_fields((lambda item: item.live) if locked else None, reason)


class FoldedField(QAbstractButton):
    """Looks like a field and holds a summary; pressing it opens what it sums up."""

    def __init__(self, name: str, default: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._default = default
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_summary(self, summary: str) -> None:
        """What it says while it is closed; an accent edge marks what is not the default."""
        if summary != self.text():
            self.setText(summary)
            self.setAccessibleName(f"{self._name} {summary}")

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + CARET_SIZE + 24, theme.FIELD_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        focused = self.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = colours.accent if focused else colours.edge if self.underMouse() else colours.line
        pen = QPen(QColor(edge), 2 if focused else 1)
        painter.setPen(pen)
        painter.setBrush(QColor(colours.surface))
        inset = pen.widthF() / 2
        outline = self.rect().toRectF().adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(outline, FIELD_RADIUS, FIELD_RADIUS)
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.disabled))
        words = self.rect().adjusted(8, 0, -CARET_SIZE - 8, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text())
        place = QPoint(self.width() - CARET_SIZE - 5, (self.height() - CARET_SIZE) // 2)
        paint_caret(painter, place, "up" if self.isChecked() else "down")
        painter.end()
        if self.isEnabled() and self.text() != self._default:
            paint_edges(self, faulty=False, differs=True)


def split_text(split: Split, published_fraction: float = 0.0) -> str:
    """ "70 / 15 / 15 %": training, validation and test."""
    test = published_fraction or split.test
    shares = (max(1 - split.validation - test, 0.0), split.validation, test)
    return " / ".join(number_text(round(100 * share, 1)) for share in shares) + " %"
