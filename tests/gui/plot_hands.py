"""What a hand does to a chart: point, wheel, drag, double click."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.panels.plots.chart import Chart
from tests.gui.conftest import hover


def point_on(plot: Chart, x: float, y: float) -> QPointF:
    """Where a point of the axes is, in pixels of what is drawn."""
    pane = plot.canvas.pane
    return QPointF(plot.canvas.mapFromScene(pane.mapToScene(pane.place(x, y))))


def point_at(plot: Chart, x: float, y: float) -> None:
    """Move the pointer to a point of the axes."""
    hover(plot.canvas.viewport(), point_on(plot, x, y))


def turn_wheel(plot: Chart, x: float) -> None:
    """A notch towards the run, over a place of the axis of epochs."""
    view, pane = plot.canvas.viewport(), plot.canvas.pane
    place = QPointF(point_on(plot, x, sum(pane.y_range) / 2))
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, view.mapToGlobal(place), QPoint(), QPoint(0, 120), *none, False)
    QApplication.sendEvent(view, event)


def drag(plot: Chart, start: QPointF, end: QPointF) -> None:
    """With the left button, from one pixel to another."""
    view = plot.canvas.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start.toPoint())
    for share in (0.3, 0.6, 1.0):
        hover(view, start + (end - start) * share, held=Qt.MouseButton.LeftButton)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end.toPoint())


def double_click(plot: Chart, place: QPointF) -> None:
    view = plot.canvas.viewport()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
