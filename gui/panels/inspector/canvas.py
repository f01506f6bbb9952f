"""The widget on which a small network is drawn with its numbers: hover, click and keys."""

import dataclasses
from typing import Any

from PySide6.QtCore import QPointF, QRect, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from engine.insight.trace.derivation import Place
from gui.core.model_summary import ModelSummary
from gui.kit.numbers import reading_text
from gui.kit.text import tr
from gui.kit.theme import RADIUS, current
from gui.panels.inspector.diagram import Diagram, UnitBox, lay_out, least_size
from gui.panels.inspector.drawing import paint_diagram
from gui.panels.inspector.drawing_loss import Shown
from gui.panels.inspector.walk import LOSS, value_at

HINTS = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
STEP_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class TraceCanvas(QWidget):
    """A click on a unit, an edge or the loss explains that number; one on the number that is explained asks
    for another value of it. Left and Right step.
    """

    chosen = Signal(object)
    """The Place that was clicked."""
    value_asked = Signal(object, QRect)
    """Another value is wanted for this Place, whose number stands there in the widget."""
    step_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Network with the numbers of a sample"))
        self._model: ModelSummary | None = None
        self._shown = Shown()
        self._layout: Diagram | None = None

    @property
    def shown(self) -> Shown:
        """What is painted."""
        return self._shown

    @property
    def geometry_now(self) -> Diagram | None:
        """Where everything lies at the present size; None without a network."""
        if self._layout is None and self._model is not None:
            self._layout = lay_out(self._model, QSizeF(self.size()))
        return self._layout

    def show_model(self, model: ModelSummary | None) -> None:
        """Another network, or None."""
        self._model, self._layout, self._shown = model, None, Shown()
        self.setMinimumSize(QSize(0, 0) if model is None else least_size(model).toSize())
        self.update()

    def show_trace(self, **changes: Any) -> None:
        """Show another trace, focus, phase: the fields of `Shown` by name."""
        self._shown = dataclasses.replace(self._shown, **changes)
        self.update()

    def rebuild(self) -> None:
        """Sizes or colours are others."""
        self._layout = None
        if self._model is not None:
            self.setMinimumSize(least_size(self._model).toSize())
        self.update()

    def place_at(self, position: QPointF) -> Place | None:
        """The number under a point: of a unit, an edge or the loss."""
        layout = self.geometry_now
        if layout is None:
            return None
        if (unit := layout.unit_at(position)) is not None:
            return self._place_of(unit)
        if layout.loss.contains(position):
            return LOSS
        edge = layout.edge_at(position)
        return edge.place if edge is not None else None

    def _place_of(self, unit: UnitBox) -> Place:
        return dataclasses.replace(unit.place, gradient=self._shown.backwards)

    def tip_at(self, position: QPointF) -> str:
        """What a tooltip says of the place; empty where there is nothing."""
        place, trace, layout = self.place_at(position), self._shown.trace, self.geometry_now
        if place is None or trace is None or layout is None:
            return ""
        if place.quantity == "loss":
            return tr("Loss {value}", value=reading_text(trace.loss, 6))
        value = value_at(trace, dataclasses.replace(place, gradient=False))
        slope = value_at(trace, dataclasses.replace(place, gradient=True))
        unit = layout.unit_at(position)
        name = unit.name if unit is not None else tr("Weight")
        numbers = tr(
            "{name}: {value}, gradient {gradient}",
            name=name,
            value=reading_text(value, 6) if value is not None else "–",
            gradient=reading_text(slope, 6) if slope is not None else "–",
        )
        again = tr("Click: how it comes about. Once more: another value.")
        return f"{numbers}\n{again}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        tip = self.tip_at(position)
        self.setCursor(Qt.CursorShape.PointingHandCursor if tip else Qt.CursorShape.ArrowCursor)
        here = position.toPoint()
        around = QRect(here.x() - 3, here.y() - 3, 7, 7)
        QToolTip.showText(event.globalPosition().toPoint(), tip, self, around)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if place is None:
            super().mousePressEvent(event)
            return
        focus = self._shown.focus
        again = focus is not None and _bare(focus) == _bare(place)
        if again and place.quantity != "loss":
            self._ask_value(place)
        else:
            self.chosen.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, focus = event.key(), self._shown.focus
        if key in STEP_KEYS:
            self.step_asked.emit(STEP_KEYS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and focus is not None:
            self._ask_value(focus)
        else:
            super().keyPressEvent(event)

    def _ask_value(self, place: Place) -> None:
        layout = self.geometry_now
        if layout is None:
            return
        for unit in layout.units:
            if _bare(unit.place) == _bare(place):
                self.value_asked.emit(_bare(place), unit.area.toRect())
                return
        for edge in layout.edges:
            if edge.place == _bare(place):
                middle = ((edge.start + edge.end) / 2).toPoint()
                self.value_asked.emit(_bare(place), QRect(middle.x() - 40, middle.y() - 13, 80, 26))
                return

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, layout = current(), self.geometry_now
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.page))
        painter.setRenderHints(HINTS)
        if layout is not None:
            paint_diagram(painter, layout, self._shown)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), RADIUS, RADIUS)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._layout = None

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


def _bare(place: Place) -> Place:
    """The number itself, not its gradient."""
    return dataclasses.replace(place, gradient=False)
