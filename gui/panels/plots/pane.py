"""The part of a chart inside its axes: its ranges, where points stand, and what the hand wants."""

import numpy as np
import pyqtgraph
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPen
from PySide6.QtWidgets import QGraphicsSceneWheelEvent

from gui.kit.scales import Interval
from gui.kit.theme import Theme
from gui.panels.plots.pixel_columns import Across, linear, logarithmic
from gui.panels.plots.pyramid import Numbers

LEAST_DRAG_PX = 6
"""A drag that is lower than this zooms along x only; one that is also narrower is a slip of the hand."""
WHEEL_FACTOR = 1.25
"""Zoom for one notch (120 units) of the wheel."""

FARTHEST = 1e4
"""In heights of the pane: so far out a line is upright, and Qt can still draw it."""


class Pane(pyqtgraph.ViewBox):
    """The part inside the axes. It changes no range by itself: it says what the hand wants.

    Its own y always runs from 0 to 1, the parts of its height, and lines are drawn in these: Qt's transforms
    cannot be inverted from about 1e12 on, and a loss that explodes is far beyond that.
    """

    framed = Signal(object, object)
    """A rectangle was drawn: its range of x and of y, None where y is to stay as it is."""
    wheeled = Signal(float, float)
    """Zoom: factor (below 1 is nearer), and the x that stays where it is."""
    moved = Signal(float, float)
    """Move along x: what stands at the first of these x is to stand at the second."""
    reset = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()
        self.setRange(yRange=(0.0, 1.0), padding=0.0)
        self._x: Interval = (0.0, 1.0)
        self._y: Interval = (0.0, 1.0)
        self.across: Across = linear
        """Where an x stands on the axis; see `set_logarithmic_x`."""

    def apply_theme(self, theme: Theme) -> None:
        tint = QColor(theme.accent)
        self.rbScaleBox.setPen(QPen(tint, 0))
        tint.setAlphaF(0.12)
        self.rbScaleBox.setBrush(tint)

    @property
    def x_range(self) -> Interval:
        return self._x

    @property
    def across_range(self) -> Interval:
        """The range of x as it stands on the axis: powers of ten on a logarithmic one."""
        low, high = self.across(np.array(self._x))
        return float(low), float(high)

    @property
    def logarithmic_x(self) -> bool:
        return self.across is logarithmic

    @property
    def y_range(self) -> Interval:
        return self._y

    def show_range(self, x: Interval, y: Interval) -> None:
        """Show these ranges; lines have to be drawn again after it."""
        self._x, self._y = x, y
        if tuple(self.viewRange()[0]) != self.across_range:
            self.setRange(xRange=self.across_range, padding=0.0, disableAutoRange=False)

    def heights(self, y: Numbers) -> Numbers:
        """Where values stand, as parts of the height from the bottom; not further away than can be drawn."""
        low, high = self._y
        with np.errstate(over="ignore"):
            return np.clip((y - low) / (high - low), -FARTHEST, FARTHEST)

    def place(self, x: float, y: float) -> QPointF:
        """A point of the axes in pixels of the pane."""
        (x_low, x_high), (y_low, y_high) = self.across_range, self._y
        size = self.rect()
        across = (float(self.across(np.array(x))) - x_low) / (x_high - x_low) * size.width()
        return QPointF(across, (y_high - y) / (y_high - y_low) * size.height())

    def value(self, place: QPointF) -> tuple[float, float]:
        """The reverse: what stands at a place in the pane."""
        (x_low, x_high), (y_low, y_high) = self.across_range, self._y
        across, down = place.x() / self.rect().width(), place.y() / self.rect().height()
        x = x_low + across * (x_high - x_low)
        return 10.0**x if self.logarithmic_x else x, y_high - down * (y_high - y_low)

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        notches = event.delta() / 120
        self.wheeled.emit(WHEEL_FACTOR**-notches, self.value(event.pos())[0])
        event.accept()

    def mouseDragEvent(self, event: MouseDragEvent, axis: int | None = None) -> None:
        event.accept()
        start, here = event.buttonDownPos(), event.pos()
        if event.button() == Qt.MouseButton.MiddleButton:
            self.moved.emit(self.value(event.lastPos())[0], self.value(here)[0])
        elif event.button() == Qt.MouseButton.LeftButton:
            flat = abs(here.y() - start.y()) < LEAST_DRAG_PX
            top, foot = (0.0, self.rect().height()) if flat else (start.y(), here.y())
            frame = QRectF(QPointF(start.x(), top), QPointF(here.x(), foot)).normalized()
            if not event.isFinish():
                self.updateScaleBox(frame.topLeft(), frame.bottomRight())
                return
            self.rbScaleBox.hide()
            if frame.width() >= LEAST_DRAG_PX:
                (left, high), (right, low) = self.value(frame.topLeft()), self.value(frame.bottomRight())
                self.framed.emit((left, right), None if flat else (low, high))

    def mouseClickEvent(self, event: MouseClickEvent) -> None:
        if event.double() and event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.reset.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # The chart has the keys; the view box would zoom through its own list of rectangles.
        event.ignore()
