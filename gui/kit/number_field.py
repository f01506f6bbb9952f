"""A field for one number: takes 1e-3, .5 and 0,5, steps with keys and wheel, keeps the last good value."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.kit import theme
from gui.kit.field import FieldMarker, is_undo_or_redo
from gui.kit.numbers import Range, number_text, parse_number, stepped
from gui.kit.text import tr

LEAST_WIDTH = 40
MOST_DIGITS = 12
"""Longer numbers do not widen the field, and with it the panel, any further."""
_WHEEL_NOTCH = 120
_LETTERS_OF_HINT = 17
"""How many times an "x" there is room for in the size hint of Qt's line."""
_KEYS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}


class NumberField(FieldMarker, QLineEdit):
    """A line for one number.

    Enter or leaving the field takes the text over; Escape brings the last good value back. Text that is no
    number in the range stays, with an error edge and a sentence, until it is mended.

    allowed : the range. optional : empty means None, shown as `none_title`. unit : shown behind the number.
    logarithmic : keys and wheel step by factors. quiet : no frame until hovered or focused.
    """

    edited = Signal(object)
    problem = Signal(str)

    def __init__(
        self,
        allowed: Range | None = None,
        *,
        value: float | None = None,
        optional: bool = False,
        none_title: str = "",
        unit: str = "",
        logarithmic: bool = False,
        quiet: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._allowed = allowed or Range()
        self._optional = optional
        self._unit = unit
        self._logarithmic = logarithmic
        self._value: float | None = None
        self._wheel_rest = 0
        self._being_typed = False
        self._strip = not quiet
        self.setProperty("quiet", quiet)
        self.setAccessibleName(name)
        self.setPlaceholderText(none_title if optional else self._allowed.text())
        if unit:
            self.setTextMargins(0, 0, self._unit_width() + 4, 0)
        self.editingFinished.connect(self.commit)
        self.textEdited.connect(self._typing)
        if value is not None or optional:
            self._value = value
            self._show_value()

    def value(self) -> float | None:
        """The last good value."""
        return self._value

    def set_allowed(self, allowed: Range) -> None:
        """Take numbers of another range from now on; the value stays."""
        self._allowed = allowed
        if not self._optional:
            self.setPlaceholderText(allowed.text())

    def set_value(self, value: float | None) -> None:
        """Show a value from outside. What is being typed is left alone if the value did not change."""
        if value == self._value and type(value) is type(self._value):
            return
        self._value = value
        self._show_value()

    def set_range(self, allowed: Range) -> None:
        """Take other numbers from now on; the value stays."""
        self._allowed = allowed
        if not self._optional:
            self.setPlaceholderText(allowed.text())

    def refuse(self, last_good: float | None, sentence: str) -> None:
        """Go back to a value but leave the text, with a sentence on why it cannot be."""
        self._value = last_good
        self.show_problem(sentence)

    def commit(self) -> None:
        """Take the text over, as Enter does."""
        text = self.text().strip()
        try:
            new = None if self._optional and not text else self.read(text)
        except ValueError as error:
            self.show_problem(str(error))
            return
        self.show_problem("")
        if new == self._value:
            self._show_value()
            return
        self._value = new
        self._show_value()
        self.edited.emit(new)

    def read(self, text: str) -> float:
        """The number that a text means; raises ValueError with a sentence."""
        return parse_number(text, self._allowed, self._unit)

    def step(self, steps: int) -> None:
        """Step up or down as the keys do."""
        self.commit()
        if self.sentence():
            return
        new = stepped(self._value, steps, self._allowed, logarithmic=self._logarithmic)
        if new != self._value:
            self._value = new
            self._show_value()
            self.edited.emit(new)

    def minimumSizeHint(self) -> QSize:
        """All digits of the value are seen; what is being typed scrolls."""
        letters, hint = self.fontMetrics(), super().sizeHint()
        around = hint.width() - _LETTERS_OF_HINT * letters.horizontalAdvance("x")
        shown = letters.horizontalAdvance(self._text_of_value()[:MOST_DIGITS])
        return QSize(max(LEAST_WIDTH, around + shown + 2), hint.height())

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and not self._being_typed
        # Space: between the digits of "10 000" it is a blank; before anything is typed it trains and pauses.
        # Undo: what was typed is an edit of the experiment by now, and is undone there.
        if (
            override
            and isinstance(event, QKeyEvent)
            and (event.key() == Qt.Key.Key_Space or is_undo_or_redo(event))
        ):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _KEYS and not self.isReadOnly():
            self.step(_KEYS[key])
        elif key == Qt.Key.Key_Escape and self.text() != self._text_of_value():
            self._show_value()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Without focus the wheel belongs to the scrolling panel around the field.
        if not self.hasFocus() or self.isReadOnly():
            event.ignore()
            return
        self._wheel_rest += event.angleDelta().y()
        steps = int(self._wheel_rest / _WHEEL_NOTCH)
        self._wheel_rest -= steps * _WHEEL_NOTCH
        if steps:
            self.step(steps)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        if self.differs() and not self.isReadOnly():
            shown = "empty" if self._default is None else number_text(self._default)
            restore = QAction(tr("Reset to default ({shown})", shown=shown), menu)
            restore.triggered.connect(self.restore_default)
            menu.addSeparator()
            menu.addAction(restore)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def restore_default(self) -> None:
        """Set the default as a person would."""
        if self.differs():
            self.show_problem("")
            self._value = self._default
            self._show_value()
            self.edited.emit(self._value)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._unit and self.text():
            painter = QPainter(self)
            colours = theme.current()
            painter.setPen(QColor(colours.muted if self.isEnabled() else colours.disabled))
            area = QRect(self.width() - self._unit_width() - 8, 0, self._unit_width(), self.height())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), self._unit)
            painter.end()

    def _typing(self) -> None:
        self._being_typed = True
        self.show_problem("")

    def _text_of_value(self) -> str:
        return "" if self._value is None else number_text(self._value)

    def _show_value(self) -> None:
        self._being_typed = False
        self.show_problem("")
        text = self._text_of_value()
        if self.text() != text:
            self.setText(text)
            self.setCursorPosition(0 if not self.hasFocus() else len(text))
        self.updateGeometry()
        self.update()

    def _unit_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._unit)
