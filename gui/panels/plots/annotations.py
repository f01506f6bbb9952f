"""Annotations of a chart: marks of the run, names of lines, guides, points; placed so that none overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.training.history import Mark
from gui.kit.text import tr
from gui.kit.theme import caption_font, current, scaled
from gui.panels.plots.canvas import Pane

LEAST_SHARE = 0.8
"""A label of which less than this part fits has lost what matters, which stands at its end."""
GAP = 4.0
"""Between a line and its label, and between labels."""


@dataclass(frozen=True)
class Place:
    """Where a mark's label stands, in pixels."""

    left: float
    width: float
    row: int


@dataclass(frozen=True)
class Group:
    """Marks too near to one another to be told apart."""

    x: float
    members: tuple[int, ...]


def grouped(positions: Sequence[float], nearer_than: float = 3.0) -> list[Group]:
    """Join neighbouring positions (ascending, in pixels)."""
    groups: list[list[int]] = []
    for index, x in enumerate(positions):
        if groups and x - positions[groups[-1][0]] < nearer_than:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [Group(positions[group[-1]], tuple(group)) for group in groups]


def place_labels(
    positions: Sequence[float], widths: Sequence[float], room: float, rows: int
) -> list[Place | None]:
    """Rows and places of labels beside vertical lines; the last ones choose first.

    positions : of the lines, in pixels from the left. widths : of the whole labels. room : pixels across.
    A label stands to the right of its line, else to its left, else in the next row; shortened where there is
    less room. None where there is no room for it at all.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(rows)]
    places: list[Place | None] = [None] * len(positions)
    for index in sorted(range(len(positions)), reverse=True):
        wanted = widths[index]
        offers = [
            (min(free, wanted), -row, side, left)
            for row in range(rows)
            for side, left, free in _beside(positions[index], wanted, taken[row], room)
        ]
        best = max(offers, default=None)
        if best is None or best[0] < LEAST_SHARE * wanted:
            continue
        width, row, _, left = best
        taken[-row].append((left - GAP, left + width + GAP))
        places[index] = Place(left, width, -row)
    return places


def _beside(
    x: float, wanted: float, taken: Sequence[tuple[float, float]], room: float
) -> list[tuple[int, float, float]]:
    """(preference, left edge, free width) to the right and to the left of a line."""
    right_end = min([low for low, high in taken if high > x + GAP] + [room])
    left_end = max([high for low, high in taken if low < x - GAP] + [0.0])
    to_right = max(right_end - x - GAP, 0.0)
    to_left = max(x - GAP - left_end, 0.0)
    return [(1, x + GAP, to_right), (0, x - GAP - min(wanted, to_left), to_left)]


def spread(wanted: Sequence[float], height: float, low: float, high: float) -> list[float | None]:
    """Move label centres apart, so that neighbours are `height` from one another inside low … high.

    Where there is not room for all, some in between get None; the first and the last stay.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    most = max(int((high - low) // height), 1)
    if len(order) > most:
        steps = [round(number * (len(order) - 1) / max(most - 1, 1)) for number in range(most)]
        order = [order[step] for step in sorted(set(steps))]
    centres: list[float] = []
    for index in order:
        above = centres[-1] + height if centres else low + height / 2
        centres.append(max(wanted[index], above))
    limit = high - height / 2
    for number in reversed(range(len(centres))):
        centres[number] = min(centres[number], limit)
        limit = centres[number] - height
    places: list[float | None] = [None] * len(wanted)
    for index, centre in zip(order, centres, strict=True):
        places[index] = centre
    return places


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
        low, high = self._pane.x_range
        reach = (high - low) * MARK_REACH_PX / max(self._pane.width(), 1.0)
        return [mark.text for mark in self.marks if abs(mark.epoch - x) <= reach][-MOST_MARKS_TOLD:]

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
        """A line of text on a ground that keeps it legible over lines; shortened where it must be."""
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
        self.placed.append((shown, QRectF(room.left(), room.top(), filled.width() - 2, room.height())))


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
