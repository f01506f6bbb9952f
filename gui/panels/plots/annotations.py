"""Annotations of a chart: marks of the run, names of lines, guides, points; placed so that none overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.training.history import Mark
from gui.kit.text import tr
from gui.kit.theme import caption_font, current, scaled
from gui.panels.plots.label_placement import GAP, grouped, place_labels, spread
from gui.panels.plots.pane import Pane

MARK_ROWS = 2
LINE_PX = 14
MARK_REACH_PX = 5
MOST_MARKS_TOLD = 4
END_GAP = 5.0
"""Between the end of a line and its name."""
POINT_RADIUS = 2.5
BEST_RADIUS = 3.5
HALO = 0.82
"""How much of a line shows through the ground of a word: not enough to disturb it."""


@dataclass(frozen=True)
class EndLabel:
    """The name of a line, to stand at its right end; position in the axes' numbers."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Point:
    """A dot; `ring` is an open circle with a name beside it."""

    x: float
    y: float
    colour: str
    ring: str = ""


@dataclass(frozen=True)
class Guide:
    """A level that is worth comparing with, and what it means."""

    y: float
    text: str


def line_height() -> float:
    """Of a word, in pixels of the screen."""
    return float(scaled(LINE_PX))


class Annotations(QGraphicsItem):
    """All of them in one item. Set the lists, then call `update`."""

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self._pane = pane
        self.setZValue(100)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.marks: Sequence[Mark] = ()
        self.ends: Sequence[EndLabel] = ()
        self.points: Sequence[Point] = ()
        self.guides: Sequence[Guide] = ()
        self.reading_at: float | None = None
        """Where the numbers of the read-out are from."""
        self.reading_points: Sequence[Point] = ()
        self.placed: list[tuple[str, QRectF]] = []
        """Each word that was drawn last, and where."""

    def clear(self) -> None:
        """Show none of them."""
        if self.marks or self.points or self.ends:
            self.marks, self.points, self.ends = (), (), ()
            self.update()

    def marks_near(self, x: float) -> list[str]:
        """Whole texts of the marks beside which the pointer is; the last few of them."""
        here = self._pane.place(x, 0.0).x()
        near = [m for m in self.marks if abs(self._pane.place(m.epoch, 0.0).x() - here) <= MARK_REACH_PX]
        return [mark.text for mark in near][-MOST_MARKS_TOLD:]

    def boundingRect(self) -> QRectF:
        return self._pane.rect()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self.placed = []
        painter.setFont(caption_font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_guides(painter)
        self._paint_marks(painter)
        self._paint_reading_line(painter)
        for point in (*self.points, *self.reading_points):
            self._paint_point(painter, point)
        self._paint_ends(painter)

    def _paint_guides(self, painter: QPainter) -> None:
        width, theme, high = self._pane.rect().width(), current(), line_height()
        painter.setPen(_pen(theme.muted, Qt.PenStyle.DashLine))
        for guide in self.guides:
            y = round(self._pane.place(0.0, guide.y).y()) + 0.5
            if 0 <= y <= self._pane.rect().height():
                painter.drawLine(QLineF(0, y, width, y))
                room = QRectF(GAP, y - high if y > high else y, width - 2 * GAP, high)
                self._write(painter, guide.text, room, theme.muted)

    def _paint_marks(self, painter: QPainter) -> None:
        low, high = self._pane.x_range
        size, theme, high = self._pane.rect(), current(), line_height()
        marks = sorted((mark for mark in self.marks if low <= mark.epoch <= high), key=lambda m: m.epoch)
        groups = grouped([self._pane.place(mark.epoch, 0.0).x() for mark in marks])
        metrics = QFontMetricsF(caption_font())
        texts = [_joined([marks[member].text for member in group.members]) for group in groups]
        widths = [metrics.horizontalAdvance(text) + 1 for text in texts]
        rows = max(min(MARK_ROWS, int(size.height() / 3 // high)), 1)
        places = place_labels([group.x for group in groups], widths, size.width(), rows)
        painter.setPen(_pen(theme.muted, Qt.PenStyle.DotLine))
        for group in groups:
            x = round(group.x) + 0.5
            painter.drawLine(QLineF(x, 0, x, size.height()))
        for text, place in zip(texts, places, strict=True):
            if place is not None:
                top = place.row * high
                self._write(painter, text, QRectF(place.left, top, place.width, high), theme.muted)

    def _paint_reading_line(self, painter: QPainter) -> None:
        if self.reading_at is not None:
            x = round(self._pane.place(self.reading_at, 0.0).x()) + 0.5
            painter.setPen(QPen(QColor(current().edge), 1))
            painter.drawLine(QLineF(x, 0, x, self._pane.rect().height()))

    def _paint_point(self, painter: QPainter, point: Point) -> None:
        here, size, high = self._pane.place(point.x, point.y), self._pane.rect(), line_height()
        if not size.adjusted(-1, -1, 1, 1).contains(here):
            return
        colour = QColor(point.colour)
        if not point.ring:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(here, POINT_RADIUS, POINT_RADIUS)
            return
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(QBrush(QColor(current().surface)))
        painter.drawEllipse(here, BEST_RADIUS, BEST_RADIUS)
        width = QFontMetricsF(caption_font()).horizontalAdvance(point.ring) + 1
        left = min(max(here.x() - width / 2, 0.0), size.width() - width)
        # Above: below a lowest value there are often the lines of the training.
        above = here.y() - BEST_RADIUS - 2 - high
        top = above if above >= 0 else here.y() + BEST_RADIUS + 2
        self._write(painter, point.ring, QRectF(left, top, width, high), current().muted)

    def _paint_ends(self, painter: QPainter) -> None:
        size, metrics, high = self._pane.rect(), QFontMetricsF(caption_font()), line_height()
        ends = [(end, self._pane.place(end.x, end.y)) for end in self.ends]
        ends = [(end, here) for end, here in ends if 0 <= here.y() <= size.height() and here.x() > 0]
        top = high if self.marks else 0.0
        centres = spread([here.y() for _, here in ends], high - 1, top, size.height())
        for (end, here), centre in zip(ends, centres, strict=True):
            if centre is not None:
                width = min(metrics.horizontalAdvance(end.text) + 1, size.width() / 2)
                left = min(here.x() + END_GAP, size.width() - width)
                room = QRectF(left, centre - high / 2, width, high)
                self._write(painter, end.text, room, current().muted)

    def _write(self, painter: QPainter, text: str, room: QRectF, colour: str) -> None:
        self.placed.append(write(painter, text, room, colour))


def write(painter: QPainter, text: str, room: QRectF, colour: str) -> tuple[str, QRectF]:
    """A line of text on a ground that keeps it legible over lines; shortened where it must be.

    Gives what was written, and where.
    """
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    filled = QRectF(room.left() - 1, room.top(), metrics.horizontalAdvance(shown) + 2, room.height())
    ground = QColor(current().surface)
    ground.setAlphaF(HALO)
    pen = painter.pen()
    painter.fillRect(filled, ground)
    painter.setPen(QColor(colour))
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
    painter.setPen(pen)
    return shown, QRectF(room.left(), room.top(), filled.width() - 2, room.height())


def end_label_width(texts: Sequence[str]) -> float:
    """Pixels that names at the ends of lines need."""
    metrics = QFontMetricsF(caption_font())
    return max((metrics.horizontalAdvance(text) for text in texts), default=0.0) + END_GAP + 2


def _joined(texts: Sequence[str]) -> str:
    return (
        texts[-1] if len(texts) == 1 else tr("{last} and {count} more", last=texts[-1], count=len(texts) - 1)
    )


def _pen(colour: str, style: Qt.PenStyle) -> QPen:
    pen = QPen(QColor(colour), 1)
    pen.setStyle(style)
    return pen
