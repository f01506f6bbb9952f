"""The drawing area of a chart: one pane, an axis at its left and one below it, nothing else.

This is what pyqtgraph's PlotItem does, without its menus, buttons and automatic ranges, which are what costs.
"""

from collections.abc import Callable

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

from gui.plots.scales import Range, Tick, linear_ticks, whole_ticks
from gui.theme import Theme, caption_font

LEFT_PX = 44
"""Room for the numbers of the upright axis; the same in every chart, so that charts in a column line up."""
BOTTOM_PX = 20
RIGHT_PX = 12
TEXT_GAP_PX = 6
OUTSTANDING_PX = 24
PIXELS_PER_TICK = {"left": 46, "bottom": 58}
LEAST_DRAG_PX = 6
"""A drag that is lower than this zooms along x only; one that is also narrower is a slip of the hand."""
WHEEL_FACTOR = 1.25
"""Zoom for one notch (120 units) of the wheel."""

TickMaker = Callable[[float, float, int], list[Tick]]


class Axis(pyqtgraph.AxisItem):
    """Numbers beside the pane, and through the pane the lines of the upright axis. No ticks, no axis line."""

    def __init__(self, side: str, ticks: TickMaker) -> None:
        super().__init__(side)
        self._make_ticks = ticks
        self._line_pen = QPen(Qt.PenStyle.NoPen)
        self.setStyle(autoExpandTextSpace=False, autoReduceTextSpace=False)
        self.enableAutoSIPrefix(False)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(-1000)

    def set_ticks(self, ticks: TickMaker) -> None:
        """Take another way of choosing ticks (linear, decades, per cent)."""
        self._make_ticks = ticks
        self.picture = None
        self.update()

    def ticks(self) -> list[Tick]:
        """What stands on the axis now."""
        length = self.size().height() if self.orientation == "left" else self.size().width()
        return self._make_ticks(*self.range, max(int(length / PIXELS_PER_TICK[self.orientation]), 2))

    def dress(self, theme: Theme) -> None:
        self.setTextPen(QColor(theme.muted))
        if self.orientation == "left":
            self._line_pen = QPen(QColor(theme.line), 1)

    def boundingRect(self) -> QRectF:
        pane = self.linkedView()
        own = self.mapRectFromParent(self.geometry())
        # The first and the last number stand out beyond the ends of the axis.
        return (own | pane.mapRectToItem(self, pane.rect())).adjusted(-OUTSTANDING_PX, -8, OUTSTANDING_PX, 8)

    def generateDrawSpecs(self, painter: QPainter) -> tuple[list[QLineF], list[tuple[QRectF, int, str]]]:
        own = self.mapRectFromParent(self.geometry())
        low, high = self.range
        lines, texts = [], []
        beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
        below = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        for tick in self.ticks():
            share = (tick.position - low) / (high - low)
            if not -1e-9 <= share <= 1 + 1e-9:
                continue
            if self.orientation == "left":
                y = round(own.bottom() - share * own.height())
                lines.append(QLineF(own.right(), y, own.right() + self.linkedView().rect().width(), y))
                place = QRectF(own.left(), y - 7, own.width() - TEXT_GAP_PX, 14)
                texts.append((place, int(beside), tick.text))
            else:
                x = own.left() + share * own.width()
                place = QRectF(x - 50, own.top() + TEXT_GAP_PX - 2, 100, own.height() - TEXT_GAP_PX)
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
    """The part inside the axes. It changes no range by itself: it says what the hand wants."""

    framed = Signal(QRectF)
    """A rectangle was drawn, in the axes' own numbers; a height of 0 means all of y."""
    wheeled = Signal(float, float)
    """Zoom: factor (below 1 is nearer), and the x that stays where it is."""
    moved = Signal(float)
    """Move along x by so much."""
    reset = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()

    def dress(self, theme: Theme) -> None:
        tint = QColor(theme.accent)
        self.rbScaleBox.setPen(QPen(tint, 0))
        tint.setAlphaF(0.12)
        self.rbScaleBox.setBrush(tint)

    @property
    def y_range(self) -> Range:
        low, high = self.viewRange()[1]
        return low, high

    def show_range(self, x: Range, y: Range) -> None:
        """Show these ranges; nothing is done where they are shown already."""
        old_x, old_y = self.viewRange()
        if tuple(old_x) != x or tuple(old_y) != y:
            self.setRange(xRange=x, yRange=y, padding=0.0, disableAutoRange=False)

    def place(self, x: float, y: float) -> QPointF:
        """A point of the axes in pixels of the pane."""
        (x_low, x_high), (y_low, y_high) = self.viewRange()
        size = self.rect()
        across = (x - x_low) / (x_high - x_low) * size.width()
        return QPointF(across, (y_high - y) / (y_high - y_low) * size.height())

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        notches = event.delta() / 120
        self.wheeled.emit(WHEEL_FACTOR**-notches, self.mapToView(event.pos()).x())
        event.accept()

    def mouseDragEvent(self, event: MouseDragEvent, axis: int | None = None) -> None:
        event.accept()
        start, here = event.buttonDownPos(), event.pos()
        if event.button() == Qt.MouseButton.MiddleButton:
            self.moved.emit(self.mapToView(event.lastPos()).x() - self.mapToView(here).x())
        elif event.button() == Qt.MouseButton.LeftButton:
            flat = abs(here.y() - start.y()) < LEAST_DRAG_PX
            top, foot = (0.0, self.rect().height()) if flat else (start.y(), here.y())
            frame = QRectF(QPointF(start.x(), top), QPointF(here.x(), foot)).normalized()
            if not event.isFinish():
                self.updateScaleBox(frame.topLeft(), frame.bottomRight())
                return
            self.rbScaleBox.hide()
            if frame.width() >= LEAST_DRAG_PX:
                area = self.childGroup.mapRectFromParent(frame).normalized()
                self.framed.emit(QRectF(area.x(), area.y(), area.width(), 0) if flat else area)

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
        self.left = Axis("left", linear_ticks)
        self.bottom = Axis("bottom", whole_ticks)
        self.left.setWidth(LEFT_PX)
        self.bottom.setHeight(BOTTOM_PX)
        for axis in (self.left, self.bottom):
            axis.linkToView(self.pane)
        frame = QGraphicsWidget()
        layout = QGraphicsGridLayout(frame)
        layout.setContentsMargins(0, 6, RIGHT_PX, 0)
        layout.setSpacing(0)
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.bottom, 1, 1)
        self.setCentralItem(frame)
        self.setMinimumHeight(88)

    def dress(self, theme: Theme) -> None:
        """Take the colours of the theme; pyqtgraph follows no palette."""
        self.setBackground(theme.surface)
        for part in (self.left, self.bottom, self.pane):
            part.dress(theme)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        inside = self.pane.sceneBoundingRect().contains(self.mapToScene(event.position().toPoint()))
        self.pointed.emit(event.position() if inside and not event.buttons() else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # To the chart around it, which has the keys.
        event.ignore()
