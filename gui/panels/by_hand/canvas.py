"""The plane on which points are drawn, with the predictions of the network behind them."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.data.sources.drawn_points import HALF, MOST_DRAWN, DrawnPoint
from engine.data.sources.two_dimensional import INPUT_NAMES
from gui.kit import colour_maps
from gui.kit.decision_field import Field, boundaries, class_pixels, value_pixels
from gui.kit.plot_parts import Axis, marker_radius, paint_axes, paint_marker
from gui.kit.text import tr
from gui.kit.theme import current, scaled, set_sizes

LEFT, TOP, RIGHT, BELOW = 64, 8, 20, 48
ACROSS, UP = Axis(-HALF, HALF, INPUT_NAMES[0]), Axis(-HALF, HALF, INPUT_NAMES[1])
STEP = 0.25
"""How far the brush has moved before it leaves further points; also how far an arrow key moves it."""
POINTS_A_DAB = 3
"""That a scattering brush leaves at once."""
LEAST_ERASED = 0.25
"""Radius of the eraser where the brush is a point."""
SPREAD = 0.5
"""Standard deviation of scattered points as a share of the brush's radius."""


class DrawingCanvas(QWidget):
    """Left and right button draw points of two values; so do Enter and Shift+Enter at the arrow keys' place.

    `drawn` gives all points after a stroke; `value_chosen` the class of a number key for the left button.
    """

    drawn = Signal(object, bool)
    """The points, and whether some were erased rather than added."""
    value_chosen = Signal(int, bool)
    """A number key: the number, and whether it is for the right button (with Alt)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setAccessibleName(tr("Plane to draw on"))
        set_sizes(self, least_width=160, least_height=120)
        self.values = (1.0, 2.0)
        """What the left and the right button draw: the number of a class from 1, or a number."""
        self.radius = 0.0
        """Of the brush, in units of the plane; 0 draws single points."""
        self.erasing = False
        self.numbers = False
        """Whether points have numbers, and no classes."""
        self._points: list[DrawnPoint] = []
        self._stroke: float | None = None
        """What the button that is held down draws."""
        self._before: tuple[DrawnPoint, ...] = ()
        self._last = self._brush = (0.0, 0.0)
        self._shows_brush = False
        self._generator = np.random.default_rng()
        self._field: Field | None = None
        self._picture: QImage | None = None

    # --- what is shown -----------------------------------------------------------------------------------

    @property
    def points(self) -> tuple[DrawnPoint, ...]:
        """All points, as they are drawn."""
        return tuple(self._points)

    def set_points(self, points: tuple[DrawnPoint, ...]) -> None:
        """Show other points; a stroke under way is given up."""
        self._stroke = None
        self._points = list(points)
        self._announce()
        self.update()

    def set_field(self, field: Field | None) -> None:
        """Show the predictions on the plane behind the points; None for none."""
        self._field, self._picture = field, None
        self.update()

    def repaint_all(self) -> None:
        """The theme changed."""
        self._picture = None
        self.update()

    def classes(self) -> list[int]:
        """The numbers of the classes that there are, in their order."""
        return sorted({int(point.value) for point in self._points})

    def colour_of(self, value: float) -> QColor:
        """The colour of points of a value, the same as the predictions have it."""
        if self.numbers:
            return colour_maps.sequential_colour(self.value_axis().share(value))
        present = sorted({*self.classes(), int(value)})
        colours = colour_maps.class_colours(current(), max(len(present), 2))
        return colours[present.index(int(value))]

    def value_axis(self) -> Axis:
        """Of points with numbers: the range of these."""
        values = [point.value for point in self._points] or list(self.values)
        return Axis.around(min(values), max(values), "y")

    def plot(self) -> QRectF:
        """The square on which the plane is drawn."""
        left, height = scaled(LEFT), self.height() - TOP - scaled(BELOW)
        width = self.width() - left - RIGHT
        side = max(min(width, height), 40)
        return QRectF(left + max((width - side) / 2, 0), TOP + max((height - side) / 2, 0), side, side)

    def place_of(self, x1: float, x2: float) -> QPointF:
        """Where a point of the plane lies on the widget."""
        plot = self.plot()
        across = plot.left() + ACROSS.share(x1) * plot.width()
        return QPointF(across, plot.bottom() - UP.share(x2) * plot.height())

    # --- strokes -----------------------------------------------------------------------------------------

    def _plane_at(self, position: QPointF) -> tuple[float, float]:
        plot = self.plot()
        x1 = ACROSS.value((position.x() - plot.left()) / plot.width())
        x2 = UP.value((plot.bottom() - position.y()) / plot.height())
        return x1, x2

    def _begin(self, value: float) -> None:
        self._before, self._stroke, self._last = self.points, value, self._brush
        self._dab()

    def _go_on(self) -> None:
        if self._stroke is not None and (self.erasing or math.dist(self._last, self._brush) >= STEP):
            self._last = self._brush
            self._dab()

    def _end(self) -> None:
        if self._stroke is None:
            return
        self._stroke = None
        if self.points != self._before:
            self.drawn.emit(self.points, len(self._points) < len(self._before))

    def _dab(self) -> None:
        x1, x2 = self._brush
        if self.erasing:
            reach = max(self.radius, LEAST_ERASED)
            self._points = [p for p in self._points if math.dist((p.x1, p.x2), (x1, x2)) > reach]
        elif max(abs(x1), abs(x2)) <= HALF and self._stroke is not None:
            places = [(x1, x2)]
            if self.radius:
                scattered = self._generator.normal((x1, x2), SPREAD * self.radius, (POINTS_A_DAB, 2))
                places = np.clip(scattered, -HALF, HALF).tolist()
            room = MOST_DRAWN - len(self._points)
            # Four decimals: less than can be seen, and the file stays short.
            self._points += [DrawnPoint(round(a, 4), round(b, 4), self._stroke) for a, b in places[:room]]
        self._announce()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._brush = self._plane_at(event.position())
        buttons = {Qt.MouseButton.LeftButton: 0, Qt.MouseButton.RightButton: 1}
        if self._stroke is None and event.button() in buttons:
            self._begin(self.values[buttons[event.button()]])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._brush, self._shows_brush = self._plane_at(event.position()), True
        self._go_on()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._end()

    def leaveEvent(self, event: QEvent) -> None:
        self._shows_brush = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        ways = {
            Qt.Key.Key_Left: (-STEP, 0.0),
            Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, STEP),
            Qt.Key.Key_Down: (0.0, -STEP),
        }
        if key in ways:
            x1, x2 = (
                min(max(old + step, -HALF), HALF) for old, step in zip(self._brush, ways[key], strict=True)
            )
            self._brush, self._shows_brush = (x1, x2), True
            self._announce()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._begin(self.values[bool(modifiers & Qt.KeyboardModifier.ShiftModifier)])
            self._end()
        elif key == Qt.Key.Key_Delete:
            erasing, self.erasing = self.erasing, True
            self._begin(0.0)
            self.erasing = erasing
            self._end()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
            self.value_chosen.emit(int(key) - int(Qt.Key.Key_0), alt)
        else:
            super().keyPressEvent(event)

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, plot = current(), self.plot()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.page))
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        picture = self._field_picture()
        if picture is None:
            painter.fillRect(plot, QColor(colour_maps.neutral(theme)))
        else:
            painter.drawImage(plot, picture)
            self._paint_boundaries(painter, plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_axes(painter, plot, ACROSS, UP, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(plot)
        radius = marker_radius(len(self._points), plot)
        colours = {value: self.colour_of(value) for value in {point.value for point in self._points}}
        for point in self._points:
            place = self.place_of(point.x1, point.x2)
            paint_marker(painter, place, radius, colours[point.value], "training", theme)
        if self._shows_brush:
            self._paint_brush(painter, plot)
        painter.setClipping(False)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(plot)

    def _field_picture(self) -> QImage | None:
        if self._picture is None and self._field is not None:
            theme = current()
            pixels = (
                value_pixels(self._field, self.value_axis(), theme)
                if self.numbers
                else class_pixels(self._field, theme)
            )
            self._picture = colour_maps.image_of(pixels)
        return self._picture

    def _paint_boundaries(self, painter: QPainter, plot: QRectF) -> None:
        if self.numbers or self._field is None:
            return
        ends = boundaries(self._field) * np.array([plot.width(), -plot.height()] * 2)
        left, bottom = plot.left(), plot.bottom()
        painter.setPen(QPen(colour_maps.with_alpha(current().text, 0.7), 1.25))
        painter.drawLines(
            [QLineF(left + a, bottom + b, left + c, bottom + d) for a, b, c, d in ends.tolist()]
        )

    def _paint_brush(self, painter: QPainter, plot: QRectF) -> None:
        reach = max(self.radius, LEAST_ERASED if self.erasing else 0.1) / (2 * HALF) * plot.width()
        style = Qt.PenStyle.DashLine if self.erasing else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour_maps.with_alpha(current().text, 0.6), 1.25, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self.place_of(*self._brush), reach, reach)

    def _announce(self) -> None:
        x1, x2 = self._brush
        self.setAccessibleDescription(
            tr(
                "{count} points. Arrow keys move the brush, now at {x1:.2f}, {x2:.2f}; Enter draws.",
                count=len(self._points),
                x1=x1,
                x2=x2,
            )
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._end()
        self.update()
