"""Reading values from a chart: the recorded numbers nearest to the pointer, shown on a card."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QLineF, QObject, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.kit.numbers import count_text, quantity_text, reading_text
from gui.kit.text import tr
from gui.kit.theme import RADIUS, Theme, caption_font, current, scaled
from gui.panels.plots.annotations import Annotations, Point
from gui.panels.plots.canvas import Canvas
from gui.panels.plots.decimate import Sampler
from gui.panels.plots.lines import LineItems, RecordName, place_on_axis

PADDING_PX = 7.0
LINE_PX = 15.0
SAMPLE_PX = 10.0
DISTANCE_PX = 14
"""Between the pointer and the card."""


@dataclass(frozen=True)
class Reading:
    """A number under the pointer, its name and the colour of its line."""

    text: str
    value: str
    colour: str
    dashed: bool = False


class ReadOut(QWidget):
    """Lies over a plot, and over what is beside it where the plot is too low, and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._plot = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.title = ""
        self.readings: Sequence[Reading] = ()
        parent.installEventFilter(self)
        self.hide()

    def show_at(self, pointer: QPoint, title: str, readings: Sequence[Reading]) -> None:
        """Tell these numbers beside a point of the parent, on the side where there is room."""
        self.title, self.readings = title, readings
        window = self._plot.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        size, room, here = self._size(), window.rect(), self._plot.mapTo(window, pointer)
        left = here.x() + DISTANCE_PX
        if left + size.width() > room.right():
            left = max(here.x() - DISTANCE_PX - size.width(), 0)
        top = min(max(here.y() - size.height() // 2, 0), max(room.bottom() - size.height(), 0))
        self.setGeometry(left, top, size.width(), size.height())
        self.raise_()
        self.show()
        self.update()

    def hide(self) -> None:
        """Tell nothing; it then goes with the plot, wherever that goes."""
        super().hide()
        self.setParent(self._plot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide and watched is self._plot:
            self.hide()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.setFont(caption_font(tabular=True))
        metrics = QFontMetricsF(painter.font())
        height = scaled(LINE_PX)
        line = QRectF(PADDING_PX, PADDING_PX, self.width() - 2 * PADDING_PX, height)
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.title)
        for reading in self.readings:
            line.translate(0, height)
            if reading.colour:
                pen = QPen(QColor(reading.colour), 2)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                if reading.dashed:
                    pen.setDashPattern([2.0, 1.0])
                painter.setPen(pen)
                y = line.center().y()
                painter.drawLine(QLineF(line.left(), y, line.left() + SAMPLE_PX, y))
            words = line.adjusted(SAMPLE_PX + 5 if reading.colour else 0, 0, 0, 0)
            painter.setPen(QColor(theme.muted))
            room = words.width() - metrics.horizontalAdvance(reading.value)
            text = metrics.elidedText(reading.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(QColor(theme.text))
            painter.drawText(
                words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, reading.value
            )
        painter.end()

    def _size(self) -> QSize:
        metrics = QFontMetricsF(caption_font(tabular=True))
        widths = [metrics.horizontalAdvance(self.title)]
        for reading in self.readings:
            sample = SAMPLE_PX + 5 if reading.colour else 0
            words = metrics.horizontalAdvance(reading.text) + metrics.horizontalAdvance(reading.value)
            widths.append(sample + words + 12)
        height = scaled(LINE_PX) * (1 + len(self.readings)) + 2 * PADDING_PX
        width = min(round(max(widths) + 2 * PADDING_PX + 1), self._plot.window().width())
        return QSize(width, round(height))


MOST_READINGS = 24
"""Of more lines than these, the ones nearest to the pointer are told."""
KEY_STEP_PX = 6


@dataclass(frozen=True)
class Found:
    """What the record holds near a place: the x it is from, a title, the numbers, and dots on their lines."""

    x: float
    title: str
    readings: list[Reading] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)


def find(
    samplers: Mapping[RecordName, Sampler],
    items: Sequence[LineItems],
    x: float,
    y: float,
    logarithmic: bool,
    theme: Theme,
) -> Found:
    """The recorded numbers nearest to x, exact; of many lines those nearest to y (on the axis)."""
    rows = {name: sampler.nearest(x) for name, sampler in samplers.items() if sampler.count}
    finest: RecordName = "steps" if "steps" in rows else "epochs"
    place = samplers[finest].x_at(rows[finest])
    told = []
    for item in items:
        line, sampler = item.line, item.sampler
        if line.record not in rows or item.absent:
            continue
        row = rows[line.record]
        value, at = sampler.value_at(line.column, row), sampler.x_at(row)
        name = line.title if line.record == finest else tr("{title}, epoch {at:g}", title=line.title, at=at)
        upright = place_on_axis(value, logarithmic)
        reading = Reading(name, reading_text(value, digits=4), line.colour(theme), line.dashed)
        told.append((upright, reading, Point(at, upright, line.colour(theme))))
    hidden = len(told) - MOST_READINGS
    if hidden > 0:
        told.sort(key=lambda entry: abs(entry[0] - y) if math.isfinite(entry[0]) else math.inf)
        told = told[:MOST_READINGS]
    # As they stand on the screen: the highest first.
    told.sort(key=lambda entry: entry[0] if math.isfinite(entry[0]) else -math.inf, reverse=True)
    title = f"epoch {place:g}"
    if finest == "steps":
        title = tr("epoch {place:.2f} · step {rows}", place=place, rows=count_text(rows["steps"] + 1))
    found = Found(place, title, [entry[1] for entry in told])
    found.points.extend(entry[2] for entry in told if math.isfinite(entry[0]))
    if hidden > 0:
        found.readings.append(
            Reading(tr("and {hidden} more", hidden=quantity_text(hidden, "line", "lines")), "", "")
        )
    return found


class Reader(QObject):
    """Shows what was found under the pointer, or where the arrow keys have led."""

    def __init__(
        self, canvas: Canvas, annotations: Annotations, look_up: Callable[[float, float], Found | None]
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._annotations = annotations
        self._look_up = look_up
        self._card = ReadOut(canvas)
        self._pointer: QPointF | None = None
        self.found: Found | None = None
        canvas.pointed.connect(self._point)

    @property
    def x(self) -> float | None:
        """Where the numbers told now are from; None while nothing is told."""
        return self.found.x if self.found else None

    def update(self) -> None:
        """The chart has changed under the pointer."""
        if self._pointer is None:
            return
        self.found = self._look_up(*self._canvas.value(self._pointer))
        if self.found is None:
            self.hide()
            return
        self._annotations.reading_at = self.found.x
        self._annotations.reading_points = self.found.points
        self._annotations.update()
        self._card.show_at(self._pointer.toPoint(), self.found.title, self.found.readings)

    def step(self, direction: int) -> None:
        """Move the reading line by keyboard, −1 to the left, 1 to the right."""
        area = self._canvas.pane.sceneBoundingRect()
        here = self._pointer or area.center()
        x = min(max(here.x() + direction * KEY_STEP_PX, area.left()), area.right())
        self._point(QPointF(x, here.y()))

    def hide(self) -> None:
        """Tell nothing."""
        self._pointer = self.found = None
        self._annotations.reading_at = None
        self._annotations.reading_points = ()
        self._annotations.update()
        self._card.hide()

    def _point(self, pointer: QPointF | None) -> None:
        self._pointer = pointer
        if pointer is None:
            self.hide()
        else:
            self.update()
