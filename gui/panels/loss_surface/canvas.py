"""The loss over a plane, painted: map, contour lines, the path of the run; a click picks a point."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from engine.insight.loss_surface import LossSurface
from engine.insight.weight_path import WeightPath
from gui.kit.decision_field import value_at
from gui.kit.numbers import reading_text
from gui.kit.plot_parts import Axis, paint_axes, paint_colour_bar
from gui.kit.text import tr
from gui.kit.theme import RADIUS, caption_font, current, scaled, text_font
from gui.panels.loss_surface.painting import (
    contour_lines,
    heights,
    paint_contours,
    paint_path,
    paint_picked,
    scale_picture,
    surface_picture,
    value_axis,
)

LEFT, TOP, RIGHT, BELOW, BAR = 68, 12, 12, 48, 88
NUDGE = 0.02
"""How far an arrow key moves the reading, as a part of the plot."""
WAYS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
Point = tuple[float, float]


class SurfaceCanvas(QWidget):
    """Hover or the arrow keys read the loss; a click or Enter picks a point, Escape lets it go.

    `picked` gives the coordinates of the point, or None.
    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Loss surface"))
        self.surface: LossSurface | None = None
        self.path: WeightPath | None = None
        self.point: Point | None = None
        """The one that is picked."""
        self._names = ("", "")
        self._note = ""
        self._logarithmic = False
        self._probe: QPointF | None = None
        self._values = np.empty((0, 0))
        self._axis = Axis(0.0, 1.0, "")
        self._picture: QImage | None = None
        self._lines = np.empty((0, 4))
        self._announce()

    def sizeHint(self) -> QSize:
        return QSize(scaled(480), scaled(400))

    def minimumSizeHint(self) -> QSize:
        return QSize(scaled(LEFT + BAR + 120), scaled(TOP + BELOW + 100))

    # --- what is shown -----------------------------------------------------------------------------------

    def show_surface(self, surface: LossSurface | None, path: WeightPath | None, note: str = "") -> None:
        """note : a sentence that stands in place of a surface that there is not."""
        if surface is not self.surface:
            self.surface = surface
            self._prepare()
        self.path, self._note = path, note
        self._announce()
        self.update()

    def set_names(self, x: str, y: str) -> None:
        """Of the axes."""
        self._names = (x, y)
        self.update()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Whether colours and lines are even in the logarithm of the loss."""
        self._logarithmic = logarithmic
        self._prepare()
        self.update()

    def pick(self, point: Point | None) -> None:
        """Mark a point, or none."""
        if point != self.point:
            self.point = point
            self.update()
            self.picked.emit(point)

    def _prepare(self) -> None:
        surface = self.surface
        if surface is None:
            self._picture, self._lines = None, np.empty((0, 4))
            return
        self._axis = value_axis(surface, self._logarithmic)
        self._values = heights(surface, self._axis, self._logarithmic)
        self._picture = surface_picture(self._values, self._axis)
        self._lines = contour_lines(surface, self._values, self._logarithmic)

    # --- places ------------------------------------------------------------------------------------------

    def axes(self) -> tuple[Axis, Axis]:
        """What the plane spans."""
        if self.surface is None:
            return Axis(-1.0, 1.0, self._names[0]), Axis(-1.0, 1.0, self._names[1])
        return Axis(*self.surface.x_range, self._names[0]), Axis(*self.surface.y_range, self._names[1])

    def plot(self) -> QRectF:
        """Where the map stands."""
        left, below = scaled(LEFT), scaled(BELOW)
        width = self.width() - left - RIGHT - scaled(BAR)
        height = self.height() - TOP - below
        wide = min(width, 1.5 * height)
        return QRectF(left + max(width - wide, 0) / 2, TOP, max(wide, 40), max(height, 40))

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a point of the plane lies on the widget."""
        across, up = self.axes()
        plot = self.plot()
        return QPointF(
            plot.left() + across.share(x) * plot.width(), plot.bottom() - up.share(y) * plot.height()
        )

    def point_at(self, place: QPointF) -> Point | None:
        """The reverse; None beside the map."""
        plot = self.plot()
        if self.surface is None or not plot.contains(place):
            return None
        across, up = self.axes()
        x = across.value((place.x() - plot.left()) / plot.width())
        return x, up.value((plot.bottom() - place.y()) / plot.height())

    def reading_at(self, place: QPointF) -> list[str]:
        """The point and its loss, line by line; empty beside the map."""
        point = self.point_at(place)
        if point is None or self.surface is None:
            return []
        across, up = self.axes()
        found = value_at(self.surface.values[..., None], across.share(point[0]), up.share(point[1]))
        loss = float(found[0])
        words = reading_text(loss) if math.isfinite(loss) else tr("not finite")
        return [
            f"{reading_text(point[0])}, {reading_text(point[1])}",
            tr("loss about {loss}", loss=words),
        ]

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, plot = current(), self.plot()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.page))
        if self._note:
            painter.setFont(text_font())
            painter.setPen(QColor(theme.muted))
            room = QRectF(self.rect()).adjusted(scaled(40), 0, -scaled(40), 0)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self._note)
            return
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture is not None:
            painter.drawImage(plot, self._picture)
            painter.save()
            painter.setClipRect(plot)
            paint_contours(painter, plot, self._lines)
            paint_path(painter, self._path_places())
            if self.point is not None:
                paint_picked(painter, self.place_of(*self.point))
            painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_axes(painter, plot, *self.axes(), theme)
        if self._picture is not None:
            bar = QRectF(plot.right() + 20, plot.top() + scaled(18), 14, plot.height() - scaled(18))
            paint_colour_bar(painter, bar, self._axis, scale_picture(), theme)
            painter.setFont(caption_font())
            painter.setPen(QColor(theme.muted))
            head = QRectF(bar.left() - 4, plot.top() - 2, scaled(60), scaled(14))
            painter.drawText(head, int(Qt.AlignmentFlag.AlignLeft), tr("Loss"))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(plot)
        if self._probe is not None:
            self._paint_reading(painter, self._probe)

    def _path_places(self) -> list[QPointF]:
        if self.path is None:
            return []
        finite = self.path.points[np.isfinite(self.path.points).all(axis=1)]
        return [self.place_of(*point) for point in finite.tolist()]

    def _paint_reading(self, painter: QPainter, probe: QPointF) -> None:
        lines, theme, size = self.reading_at(probe), current(), QSizeF(self.size())
        if not lines:
            return
        width = max(map(QFontMetricsF(text_font()).horizontalAdvance, lines)) + 20
        line, height = scaled(19), scaled(19) * len(lines) + 10
        x = probe.x() + 14 if probe.x() + 14 + width < size.width() else probe.x() - 14 - width
        y = probe.y() + 14 if probe.y() + 14 + height < size.height() else probe.y() - 14 - height
        card = QRectF(max(x, 2), max(y, 2), width, height)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(card, RADIUS, RADIUS)
        painter.setFont(text_font())
        for row, words in enumerate(lines):
            painter.setPen(QColor(theme.muted if row == 0 else theme.text))
            painter.drawText(QPointF(card.left() + 10, card.top() + scaled(18) + line * row), words)

    def _announce(self) -> None:
        lines = self.reading_at(self._probe) if self._probe is not None else []
        words = tr("Arrow keys read the loss, Enter picks a point, Escape lets it go.")
        self.setAccessibleDescription("; ".join(lines) or self._note or words)

    def _move_probe(self, place: QPointF | None) -> None:
        self._probe = place
        self._announce()
        self.update()

    # --- hands -------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = self.point_at(event.position()) is not None
        self._move_probe(event.position() if inside else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = self.point_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and point is not None:
            self.pick(point)
        else:
            super().mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._move_probe(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plot, key = self.plot(), event.key()
        if key == Qt.Key.Key_Escape and (self._probe is not None or self.point is not None):
            self._move_probe(None)
            self.pick(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._probe is not None:
            self.pick(self.point_at(self._probe))
        elif key in WAYS and self.surface is not None:
            x, y = WAYS[Qt.Key(key)]
            start = self._probe or plot.center()
            moved = start + QPointF(x * plot.width(), y * plot.height()) * NUDGE
            across = min(max(moved.x(), plot.left()), plot.right() - 0.01)
            self._move_probe(QPointF(across, min(max(moved.y(), plot.top()), plot.bottom() - 0.01)))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._move_probe(None)
