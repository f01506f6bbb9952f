"""Samples as points in the plane of two principal components; hover names one, a click selects it."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
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
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.insight.embedding_map import EmbeddingMap
from gui.kit import colour_maps
from gui.kit.numbers import percent_text
from gui.kit.plot_parts import Axis, marker_radius, paint_axes, paint_colour_bar, paint_marker
from gui.kit.text import tr
from gui.kit.theme import RADIUS, current, scaled, set_sizes, text_font

LEFT, TOP, RIGHT, BELOW, BAR = 72, 10, 20, 48, 96
PADDING = 0.06
NEAR = 9
"""Pixels from a point at which it is still the one under the pointer."""
THUMBNAIL = 72
WAYS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


class EmbeddingCanvas(QWidget):
    """`point_chosen` gives the number of a point; arrows go from point to point, Enter chooses one.

    `words_of` and `picture_of` say what a point is; `hovered` is the one that is read.
    """

    point_chosen = Signal(int)
    hovered_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Embedding"))
        set_sizes(self, least_width=200, least_height=120)
        self._points: NDArray[np.float32] = np.empty((0, 2), np.float32)
        self._explained = np.zeros(2)
        self._colours: tuple[QColor, ...] = ()
        self._groups: NDArray[np.intp] = np.empty(0, np.intp)
        self._values: Axis | None = None
        self._chosen = self._hovered = -1
        self._card: tuple[tuple[str, ...], QImage | None] = ((), None)
        self._marks: QImage | None = None
        self._announce()

    # --- what is shown -----------------------------------------------------------------------------------

    def show_points(
        self,
        shown: EmbeddingMap | None,
        points: NDArray[np.float32],
        groups: NDArray[np.intp],
        colours: tuple[QColor, ...],
        values: Axis | None = None,
    ) -> None:
        """groups : (n,) which of the colours each point has. values : what the colours stand for, where these
        are a scale of numbers.
        """
        self._points = points
        self._explained = shown.explained if shown is not None else np.zeros(2)
        self._groups, self._colours, self._values = groups, colours, values
        if self._hovered >= len(points):
            self._hover(-1)
        self._forget_marks()

    def choose(self, number: int) -> None:
        """Mark a point as selected; −1 for none."""
        if number != self._chosen:
            self._chosen = number
            self.update()

    def show_card(self, lines: tuple[str, ...], image: QImage | None) -> None:
        """What is said of the point that is read."""
        self._card = lines, image
        self._announce()
        self.update()

    @property
    def hovered(self) -> int:
        """Number of the point that is read; −1 for none."""
        return self._hovered

    def forget(self) -> None:
        """The theme changed."""
        self._forget_marks()

    def axes(self) -> tuple[Axis, Axis]:
        """Of the two components, around all points."""
        found = []
        for place, explained in enumerate(self._explained.tolist()):
            name = tr(
                "Component {number} ({explained} of the variance)",
                number=place + 1,
                explained=percent_text(explained),
            )
            values = self._points[:, place]
            low, high = (float(values.min()), float(values.max())) if len(values) else (-1.0, 1.0)
            found.append(Axis.around(low, high, name, PADDING))
        return found[0], found[1]

    def plot(self) -> QRectF:
        """The frame of the plot."""
        left, below = scaled(LEFT), scaled(BELOW)
        right = scaled(BAR) if self._values is not None else RIGHT
        return QRectF(left, TOP, max(self.width() - left - right, 40), max(self.height() - TOP - below, 40))

    def places(self) -> NDArray[np.float64]:
        """(n, 2), where the points lie on the widget."""
        (across, up), plot = self.axes(), self.plot()
        x = plot.left() + (self._points[:, 0] - across.low) / (across.high - across.low) * plot.width()
        y = plot.bottom() - (self._points[:, 1] - up.low) / (up.high - up.low) * plot.height()
        return np.stack([x, y], axis=-1).astype(np.float64)

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, plot = current(), self.plot()
        painter = QPainter(self)
        painter.fillRect(plot, QColor(theme.surface))
        paint_axes(painter, plot, *self.axes(), theme)
        if self._values is not None:
            ramp = colour_maps.image_of(colour_maps.sequential_pixels(np.linspace(1, 0, 256)[:, None]))
            bar = QRectF(plot.right() + 20, plot.top(), 14, plot.height())
            paint_colour_bar(painter, bar, self._values, ramp, theme)
        if self._marks is None:
            self._marks = self._painted_marks()
        painter.drawImage(0, 0, self._marks)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self.places()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, width in ((self._chosen, 2.5), (self._hovered, 1.5)):
            if 0 <= number < len(places):
                painter.setPen(QPen(QColor(theme.text), width))
                painter.drawEllipse(QPointF(*places[number].tolist()), 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRect(plot)
        if 0 <= self._hovered < len(places) and self._card[0]:
            self._paint_card(painter, QPointF(*places[self._hovered].tolist()))
        painter.end()

    def _painted_marks(self) -> QImage:
        layer = colour_maps.empty_layer(self.size(), self.devicePixelRatioF())
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, radius = current(), marker_radius(len(self._points), self.plot())
        for place, group in zip(self.places().tolist(), self._groups.tolist(), strict=True):
            paint_marker(painter, QPointF(*place), radius, self._colours[group], "training", theme)
        painter.end()
        return layer

    def _paint_card(self, painter: QPainter, place: QPointF) -> None:
        theme, (lines, image) = current(), self._card
        side = scaled(THUMBNAIL) if image is not None else 0
        width = max(max(map(QFontMetricsF(text_font()).horizontalAdvance, lines)) + 20, side + 20)
        line = scaled(19)
        height = line * len(lines) + 10 + (side + 8 if side else 0)
        x = place.x() + 14 if place.x() + 14 + width < self.width() else place.x() - 14 - width
        y = place.y() + 14 if place.y() + 14 + height < self.height() else place.y() - 14 - height
        card = QRectF(max(x, 2), max(y, 2), width, height)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(card, RADIUS, RADIUS)
        top = card.top() + 8
        if image is not None:
            scale = side / max(image.width(), image.height())
            frame = QRectF(card.left() + 10, top, image.width() * scale, image.height() * scale)
            painter.drawImage(frame, image)
            top += side + 4
        for row, words in enumerate(lines):
            painter.setFont(text_font(strong=row == 0))
            painter.setPen(QColor(theme.text if row == 0 else theme.muted))
            painter.drawText(QPointF(card.left() + 10, top + scaled(14) + line * row), words)

    def _forget_marks(self) -> None:
        self._marks = None
        self._announce()
        self.update()

    def _announce(self) -> None:
        text = "; ".join(self._card[0]) if self._hovered >= 0 else ""
        self.setAccessibleDescription(
            text or tr("Arrow keys go from point to point, Enter selects a sample.")
        )

    # --- hands -------------------------------------------------------------------------------------------

    def point_at(self, position: QPointF) -> int:
        """The nearest point under the pointer; −1 for none."""
        places = self.places()
        if not len(places):
            return -1
        distances = np.hypot(places[:, 0] - position.x(), places[:, 1] - position.y())
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= NEAR else -1

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self._card = ((), None)
            self.hovered_changed.emit(number)
            self._announce()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.point_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.point_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self.point_chosen.emit(number)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in WAYS and len(self._points):
            self._hover(self._next(*WAYS[Qt.Key(event.key())]))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._hovered >= 0:
            self.point_chosen.emit(self._hovered)
        elif event.key() == Qt.Key.Key_Escape and self._hovered >= 0:
            self._hover(-1)
        else:
            super().keyPressEvent(event)

    def _next(self, x: float, y: float) -> int:
        """The nearest point in a direction from the one that is read, or from the middle."""
        places = self.places()
        centre = self.plot().center()
        now = max(self._hovered, self._chosen) if self._hovered < 0 else self._hovered
        start = places[now] if 0 <= now < len(places) else np.array([centre.x(), centre.y()])
        away = places - start
        along, aside = away[:, 0] * x + away[:, 1] * y, np.abs(away[:, 0] * y - away[:, 1] * x)
        ahead = along > 0.5
        if not ahead.any():
            return now
        # As far aside counts twice: the next one is rather straight ahead.
        return int(np.where(ahead, along + 2 * aside, math.inf).argmin())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._forget_marks()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._hover(-1)
        self.update()
