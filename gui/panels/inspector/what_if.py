"""Numbers set by hand: the field for one, what is set at present, and the values of a sample typed in."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.arrays import Array
from engine.insight.trace.derivation import Place
from engine.insight.trace.trace import Trace, TracedSample
from gui.core.model_summary import ModelSummary
from gui.core.weight_edits import WeightEdits
from gui.kit import ElidedLabel, NumberField, Range
from gui.kit.numbers import count_text, parse_fraction, reading_text
from gui.kit.text import tr
from gui.kit.theme import GRID, RADIUS, current, set_sizes

ANY = Range()


class FractionField(NumberField):
    """A field for a decimal or a fraction: 0.25, 1/3."""

    def read(self, text: str) -> float:
        return parse_fraction(text, ANY)


class ValueEditor(FractionField):
    """A field over the number that is set: Enter sets it, Escape or leaving closes the field."""

    entered = Signal(object, float)
    """Place and value."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(name=tr("Another value"), parent=parent)
        self._place: Place | None = None
        set_sizes(self, width=92)
        self.setToolTip(tr("What if it were another number: everything after it changes, the run does not."))
        self.edited.connect(self._enter)
        self.hide()

    def open(self, place: Place, value: float, area: QRect) -> None:
        """Ask for another value of a place. area : of its number, in the parent."""
        self._place = place
        self.show_problem("")
        self.set_value(value)
        self.adjustSize()
        self.move(area.center().x() - self.width() // 2, area.center().y() - self.height() // 2)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.sentence():
            self._close()

    def event(self, event: QEvent) -> bool:
        left = event.type() == QEvent.Type.FocusOut
        done = super().event(event)
        if left and self.isVisible():
            self.hide()
        return done

    def _enter(self, value: float | None) -> None:
        place, self._place = self._place, None
        if place is not None and value is not None:
            self.entered.emit(place, value)

    def _close(self) -> None:
        self._place = None
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()


class WhatIf(QWidget):
    """Says what is set by hand, and takes it back; hidden while nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ElidedLabel("")
        self.reset = QPushButton(tr("Reset what-if"))
        self.reset.setProperty("small", True)
        self.reset.setToolTip(tr("Back to the sample's own numbers and the network's own."))
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, GRID + 2, GRID + 2, GRID + 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.reset)
        self.hide()

    def show_overrides(self, overrides: Mapping[Place, float], sample: TracedSample) -> None:
        """Say what is set."""
        typed = sample.values is not None
        self.setVisible(bool(overrides) or typed)
        if len(overrides) == 1 and not typed:
            (value,) = overrides.values()
            words = tr("What if one number were {value}", value=reading_text(value, 6))
        elif overrides:
            words = tr("What if {count} numbers were others", count=count_text(len(overrides)))
        else:
            words = tr("What if the inputs were those typed in")
        sentence = tr("{what}. Nothing of the run is changed.", what=words)
        self.words.setText(sentence if overrides or typed else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.tint("warning")))
        painter.drawRoundedRect(self.rect(), RADIUS, RADIUS)
        painter.end()


def edit_parameter(
    weights: WeightEdits, drawing: QWidget, area: QRect, model: ModelSummary, trace: Trace, place: Place
) -> None:
    """Let a weight be typed, which is edited in the run itself, as one step to undo. area : of its number."""
    array = trace.array(place)
    single: Array = array.astype(np.float32)
    # With the digits that the run has it in.
    stored = single if np.array_equal(single.astype(np.float64), array) else array
    below = drawing.mapToGlobal(area.bottomLeft())
    weights.open_editor(drawing, below, model, place.layer, place.name, place.index, stored)
