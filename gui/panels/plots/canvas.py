"""The drawing area of a chart: one pane, an axis at its left and one below it, nothing else.

This is what pyqtgraph's PlotItem does, without its menus, buttons and automatic ranges, which are what costs.
"""

import pyqtgraph
from PySide6.QtCore import QEvent, QPointF, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGraphicsGridLayout,
    QGraphicsView,
    QGraphicsWidget,
    QWidget,
)

from gui.kit.scales import Interval, decade_ticks, linear_ticks, whole_ticks
from gui.kit.text import tr
from gui.kit.theme import Theme, scaled
from gui.panels.plots.axis import BOTTOM_PX, LEFT_PX, Axis
from gui.panels.plots.pane import Pane
from gui.panels.plots.pixel_columns import linear, logarithmic

RIGHT_PX = 12


class Canvas(pyqtgraph.GraphicsView):
    """Pane and axes in a widget; tells where the pointer is."""

    pointed = Signal(object)
    """QPointF in pixels of the widget, or None when the pointer has left the pane."""
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        # A cached ground would be a picture inside a vector file, and one plain colour is drawn as fast.
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.pane = Pane()
        self.left = Axis("left", linear_ticks, self.pane)
        self.bottom = Axis("bottom", whole_ticks, self.pane)
        frame = QGraphicsWidget()
        layout = QGraphicsGridLayout(frame)
        layout.setContentsMargins(0, 6, RIGHT_PX, 0)
        layout.setSpacing(0)
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.bottom, 1, 1)
        self.setCentralItem(frame)
        self.setMinimumHeight(64)
        self.setAccessibleDescription(
            tr("A resting pointer reads values; drag zooms, a double click shows all.")
        )

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours and sizes of the theme; pyqtgraph follows no palette and no font."""
        self.setBackground(theme.surface)
        self.left.setWidth(scaled(LEFT_PX))
        self.bottom.setHeight(scaled(BOTTOM_PX))
        for part in (self.left, self.bottom, self.pane):
            part.apply_theme(theme)

    def show_range(self, x: Interval, y: Interval) -> None:
        """Show these ranges; lines have to be drawn again after it."""
        if y != self.pane.y_range:
            self.left.picture = None
            self.left.update()
        self.pane.show_range(x, y)

    def set_logarithmic_x(self, wanted: bool) -> None:
        """Let the axis of x have powers of ten; call `show_range` after it, with a range above 0."""
        self.pane.across = logarithmic if wanted else linear
        self.bottom.set_ticks(decade_ticks if wanted else whole_ticks)

    def set_titles(self, upright: str, across: str) -> None:
        """What the axes count, with the unit."""
        self.left.title, self.bottom.title = upright, across
        for axis in (self.left, self.bottom):
            axis.picture = None
            axis.update()

    def value(self, pointer: QPointF) -> tuple[float, float]:
        """What stands on the axes at a pixel of the widget."""
        return self.pane.value(self.pane.mapFromScene(self.mapToScene(pointer.toPoint())))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        inside = self.pane.sceneBoundingRect().contains(self.mapToScene(event.position().toPoint()))
        self.pointed.emit(event.position() if inside and not event.buttons() else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        size = self.size()
        super().resizeEvent(event)
        self.resized.emit()
        if self.size() != size:
            # A note that appears above takes room away while this event is handled: no other one is sent.
            self.resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # To the chart around it, which has the keys.
        event.ignore()
