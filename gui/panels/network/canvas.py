"""The network as one works with it: hover, click, drag, wheel and keys on its drawing."""

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gui.panels.network.drawing import NetworkDrawing, Picked
from gui.panels.network.steering import neighbour
from gui.panels.network.viewport import STEP

CLICK = 4
"""Pixels that the pointer may move between press and release of a click."""


class NetworkCanvas(NetworkDrawing):
    """Signals: `picked` (Picked) by click or arrow keys; `edit_wanted` (Picked) by a click on an edge, a
    double click on a unit, or Enter.
    """

    picked = Signal(object)
    edit_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPointF | None = None
        self._dragged: QPointF | None = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        layout, position = self.geometry_now, event.position()
        if layout is None:
            return
        if self._dragged is not None and event.buttons() & Qt.MouseButton.LeftButton:
            far = self._pressed is None or (position - self._pressed).manhattanLength() > CLICK
            if far:
                self._pressed = None
                self.viewport.pan(position - self._dragged)
                self._dragged = position
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._pictures.forget()
                self.update()
            return
        place = self.viewport.in_drawing(position)
        unit, edge = layout.unit_at(place), self.edge_at(place)
        if (unit, edge) != (self._hovered_unit, self._hovered_edge):
            self._hovered_unit, self._hovered_edge = unit, edge
            self.update()
        stage = layout.stage_at(place)
        clickable = edge is not None or (stage is not None and stage.layer is not None)
        self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
        # The card of a unit says it all; the small rectangle makes Qt hide a tip as soon as the pointer
        # leaves what it speaks of.
        here = position.toPoint()
        tip = self.tip_at(position) if unit is None else ""
        QToolTip.showText(
            event.globalPosition().toPoint(), tip, self, QRect(here.x() - 3, here.y() - 3, 7, 7)
        )

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered_unit = self._hovered_edge = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.geometry_now is None:
            super().mousePressEvent(event)
            return
        self._pressed = self._dragged = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        pressed, self._pressed, self._dragged = self._pressed, None, None
        self.unsetCursor()
        if pressed is not None and (found := self._picked_at(event.position())) is not None:
            self._pick(found)
            if found.weight is not None:
                self.edit_wanted.emit(found)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self._picked_at(event.position())
        if found is None:
            self.fit()
        elif found.weight is None and found.unit is not None:
            self.edit_wanted.emit(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._plan is not None and (delta := event.angleDelta().y()):
            self.zoom_by(STEP ** (delta / 120), event.position())
            event.accept()

    def _picked_at(self, position: QPointF) -> Picked | None:
        layout, place = self.geometry_now, self.viewport.in_drawing(position)
        if layout is None:
            return None
        if (unit := layout.unit_at(place)) is not None:
            stage = layout.columns[unit[0]].stage
            return Picked(stage.layer, stage.shown[unit[1]]) if stage.layer is not None else None
        if (edge := self.edge_at(place)) is not None:
            _, source, target, other = layout.ends(*edge)
            return Picked(target.layer, other, (source, other)) if target.layer is not None else None
        found = layout.stage_at(place)
        return Picked(found.layer) if found is not None and found.layer is not None else None

    # --- keys ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, layout = Qt.Key(event.key()), self.geometry_now
        zooms = {Qt.Key.Key_Plus: STEP, Qt.Key.Key_Equal: STEP, Qt.Key.Key_Minus: 1 / STEP}
        if layout is None or not layout.plan.layers:
            super().keyPressEvent(event)
        elif key in zooms:
            self.zoom_by(zooms[key])
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selection is not None:
            self.edit_wanted.emit(self.selection)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            now = self.selection
            layer, unit = neighbour(layout, now.layer if now else None, now.unit if now else None, key)
            if now is None or (layer, unit) != (now.layer, now.unit):
                self._pick(Picked(layer, unit))
        else:
            super().keyPressEvent(event)

    def _pick(self, found: Picked) -> None:
        self.set_selected(found)
        self.picked.emit(found)
