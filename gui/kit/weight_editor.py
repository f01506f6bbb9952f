"""A small window in which weights are typed: decimals or fractions. Enter sets them, Escape leaves them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from gui.kit.labels import ElidedLabel, InlineMessage, Label
from gui.kit.layouts import PlainScrollArea
from gui.kit.number_field import NumberField
from gui.kit.numbers import Range, parse_fraction
from gui.kit.text import tr
from gui.kit.theme import GRID, scaled

LARGEST = float(np.finfo(np.float32).max)
WEIGHTS = Range(-LARGEST, LARGEST)
"""What a weight may be: a number that single precision can hold."""

FIELD_WIDTH = 148
MOST_ROWS_IN_SIGHT = 8
WIDTH = 288


class WeightField(NumberField):
    """A line for one weight: takes what other number fields take, and fractions: 1/3, −2/5.

    `left` : Escape was pressed.
    """

    left = Signal()

    def __init__(self, value: float | np.floating, name: str, parent: QWidget | None = None) -> None:
        # A NumPy number is shown with the digits of its own precision.
        super().__init__(WEIGHTS, value=value, name=name, parent=parent)  # type: ignore[arg-type]

    def read(self, text: str) -> float:
        return parse_fraction(text, WEIGHTS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


@dataclass(frozen=True)
class Weight:
    """One number that can be typed; name : as a person knows it ("from x₁", "Bias")."""

    name: str
    value: float | np.floating


class WeightEditor(QFrame):
    """Shows some weights as they were when it was opened; closes by itself.

    `chosen` : what was typed, by position among the weights; only those that are other numbers now.
    title : of which weights these are ("Dense 1, unit 3"). note : a sentence below them.
    """

    chosen = Signal(object)

    def __init__(
        self, title: str, weights: Sequence[Weight], note: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("weight-editor")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(title)
        self._before = [np.asarray(weight.value) for weight in weights]
        self.fields = [WeightField(weight.value, f"{title}, {weight.name}") for weight in weights]
        self.message = InlineMessage()
        heading = ElidedLabel(title, "strong")
        hint = note or tr("A decimal or a fraction such as 1/3. Enter sets it, Escape leaves it.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(heading)
        layout.addWidget(self._rows(weights))
        layout.addWidget(self.message)
        layout.addWidget(Label(hint, "muted", caption=True, wrap=True))
        self.setFixedWidth(scaled(WIDTH))
        for field in self.fields:
            field.returnPressed.connect(self._take)
            field.left.connect(self.close)
            field.problem.connect(self._show_problem)

    def open_at(self, place: QPoint) -> None:
        """Open below a place of the screen, and not beyond its edges; the first number is selected."""
        self.adjustSize()
        parent = self.parentWidget()
        room = (parent if parent is not None else self).screen().availableGeometry()
        left = max(min(place.x(), room.right() - self.width()), room.left())
        top = place.y() if place.y() + self.height() <= room.bottom() else place.y() - self.height()
        self.move(left, max(top, room.top()))
        self.show()
        if self.fields:
            self.fields[0].setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _rows(self, weights: Sequence[Weight]) -> QWidget:
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(GRID)
        grid.setColumnStretch(0, 1)
        for row, (weight, field) in enumerate(zip(weights, self.fields, strict=True)):
            grid.addWidget(ElidedLabel(weight.name, "muted"), row, 0)
            field.setFixedWidth(scaled(FIELD_WIDTH))
            grid.addWidget(field, row, 1)
        if len(weights) <= MOST_ROWS_IN_SIGHT:
            return rows
        area = PlainScrollArea(rows)
        height = self.fields[0].sizeHint().height() + GRID
        area.setFixedHeight(MOST_ROWS_IN_SIGHT * height)
        return area

    def _show_problem(self, sentence: str) -> None:
        self.message.show_message(sentence, "error")
        self.adjustSize()

    def _take(self) -> None:
        """Take over all that was typed, if all of it can be used."""
        for field in self.fields:
            field.commit()
            if field.sentence():
                self._show_problem(field.sentence())
                field.setFocus()
                return
        found = {}
        for place, (field, before) in enumerate(zip(self.fields, self._before, strict=True)):
            value = field.value()
            # By its own precision: what was shown and is typed again is the same number.
            if value is not None and before.dtype.type(value) != before:
                found[place] = float(value)
        self.close()
        if found:
            self.chosen.emit(found)
