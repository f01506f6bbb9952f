"""The drawing area of a chart: one pane, an axis at its left and one below it, nothing else.

This is what pyqtgraph's PlotItem does, without its menus, buttons and automatic ranges, which are what costs.
"""

from collections.abc import Callable

import numpy as np
import pyqtgraph
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGraphicsGridLayout,
    QGraphicsSceneWheelEvent,
    QGraphicsView,
    QGraphicsWidget,
    QWidget,
)

from gui.kit.scales import Interval, Tick, linear_ticks, whole_ticks
from gui.kit.theme import Theme, caption_font, scaled
from gui.panels.plots.pyramid import Numbers

LEFT_PX = 44
"""Room for the numbers of the upright axis; the same in every chart, so that charts in a column line up."""
BOTTOM_PX = 20
RIGHT_PX = 12
TEXT_GAP_PX = 6
OUTSTANDING_PX = 24
PIXELS_PER_TICK = {"left": 38, "bottom": 58}
LEAST_DRAG_PX = 6
"""A drag that is lower than this zooms along x only; one that is also narrower is a slip of the hand."""
WHEEL_FACTOR = 1.25
"""Zoom for one notch (120 units) of the wheel."""

FARTHEST = 1e4
"""In heights of the pane: so far out a line is upright, and Qt can still draw it."""

TickMaker = Callable[[float, float, int], list[Tick]]


class Axis(pyqtgraph.AxisItem):
    """Numbers beside the pane, and through the pane the lines of the upright axis. No ticks, no axis line."""

    def __init__(self, side: str, ticks: TickMaker, pane: "Pane") -> None:
        super().__init__(side)
        self._pane = pane
        self._make_ticks = ticks
        self._line_pen = QPen(Qt.PenStyle.NoPen)
        self.setStyle(autoExpandTextSpace=False, autoReduceTextSpace=False)
        self.enableAutoSIPrefix(False)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(-1000)
        self.linkToView(pane)

    def set_ticks(self, ticks: TickMaker) -> None:
        """Take another way of choosing ticks (linear, decades, per cent)."""
        self._make_ticks = ticks
        self.picture = None
        self.update()

    def ticks(self) -> list[Tick]:
        """What stands on the axis now."""
        length = self.size().height() if self.orientation == "left" else self.size().width()
        return self._make_ticks(*self._shown, max(int(length / scaled(PIXELS_PER_TICK[self.orientation])), 2))

    @property
    def _shown(self) -> Interval:
        return self._pane.y_range if self.orientation == "left" else self._pane.x_range

    def apply_theme(self, theme: Theme) -> None:
        self.picture = None
        self.setTextPen(QColor(theme.muted))
        if self.orientation == "left":
            self._line_pen = QPen(QColor(theme.line), 1)

    def boundingRect(self) -> QRectF:
        pane = self._pane
        own = self.mapRectFromParent(self.geometry())
        out = scaled(OUTSTANDING_PX)
        # The first and the last number stand out beyond the ends of the axis.
        return (own | pane.mapRectToItem(self, pane.rect())).adjusted(-out, -8, out, 8)

    def generateDrawSpecs(self, painter: QPainter) -> tuple[list[QLineF], list[tuple[QRectF, int, str]]]:
        own = self.mapRectFromParent(self.geometry())
        low, high = self._shown
        lines, texts = [], []
        beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
        below = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        for tick in self.ticks():
            share = (tick.position - low) / (high - low)
            if not -1e-9 <= share <= 1 + 1e-9:
                continue
            if self.orientation == "left":
                y = round(own.bottom() - share * own.height())
                lines.append(QLineF(own.right(), y, own.right() + self._pane.rect().width(), y))
                height = scaled(14)
                place = QRectF(own.left(), y - height / 2, own.width() - TEXT_GAP_PX, height)
                texts.append((place, int(beside), tick.text))
            else:
                x = own.left() + share * own.width()
                room = scaled(50)
                place = QRectF(x - room, own.top() + TEXT_GAP_PX - 2, 2 * room, own.height() - TEXT_GAP_PX)
                texts.append((place, int(below), tick.text))
        return lines, texts

    def drawPicture(
        self, painter: QPainter, lines: list[QLineF], texts: list[tuple[QRectF, int, str]]
    ) -> None:
        painter.setFont(caption_font())
        painter.setPen(self._line_pen)
        painter.drawLines(lines)
        painter.setPen(self.textPen())
        for place, alignment, text in texts:
            painter.drawText(place, alignment, text)

    def wheelEvent(self, event: QGraphicsSceneWheelEvent) -> None:
        event.ignore()

    def mouseDragEvent(self, event: MouseDragEvent) -> None:
        event.ignore()


class Pane(pyqtgraph.ViewBox):
    """The part inside the axes. It changes no range by itself: it says what the hand wants.

    Its own y always runs from 0 to 1, the parts of its height, and lines are drawn in these: Qt's transforms
    cannot be inverted from about 1e12 on, and a loss that explodes is far beyond that.
    """

    framed = Signal(object, object)
    """A rectangle was drawn: its range of x and of y, None where y is to stay as it is."""
    wheeled = Signal(float, float)
    """Zoom: factor (below 1 is nearer), and the x that stays where it is."""
    moved = Signal(float)
    """Move along x by so much."""
    reset = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()
        self.setRange(yRange=(0.0, 1.0), padding=0.0)
        self._y: Interval = (0.0, 1.0)

    def apply_theme(self, theme: Theme) -> None:
        tint = QColor(theme.accent)
        self.rbScaleBox.setPen(QPen(tint, 0))
        tint.setAlphaF(0.12)
        self.rbScaleBox.setBrush(tint)

    @property
    def x_range(self) -> Interval:
        low, high = self.viewRange()[0]
        return low, high

    @property
    def y_range(self) -> Interval:
        return self._y

    def show_range(self, x: Interval, y: Interval) -> None:
        """Show these ranges; lines have to be drawn again after it."""
        self._y = y
        if self.x_range != x:
            self.setRange(xRange=x, padding=0.0, disableAutoRange=False)

    def heights(self, y: Numbers) -> Numbers:
        """Where values stand, as parts of the height from the bottom; not further away than can be drawn."""
        low, high = self._y
        with np.errstate(over="ignore"):
            return np.clip((y - low) / (high - low), -FARTHEST, FARTHEST)

    def place(self, x: float, y: float) -> QPointF:
        """A point of the axes in pixels of the pane."""
        (x_low, x_high), (y_low, y_high) = self.x_range, self._y
        size = self.rect()
        across = (x - x_low) / (x_high - x_low) * size.width()
        return QPointF(across, (y_high - y) / (y_high - y_low) * size.height())

    def value(self, place: QPointF) -> tuple[float, float]:
        """The reverse: what stands at a place in the pane."""
        (x_low, x_high), (y_low, y_high) = self.x_range, self._y
        across, down = place.x() / self.rect().width(), place.y() / self.rect().height()
        return x_low + across * (x_high - x_low), y_high - down * (y_high - y_low)

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        notches = event.delta() / 120
        self.wheeled.emit(WHEEL_FACTOR**-notches, self.value(event.pos())[0])
        event.accept()

    def mouseDragEvent(self, event: MouseDragEvent, axis: int | None = None) -> None:
        event.accept()
        start, here = event.buttonDownPos(), event.pos()
        if event.button() == Qt.MouseButton.MiddleButton:
            self.moved.emit(self.value(event.lastPos())[0] - self.value(here)[0])
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
