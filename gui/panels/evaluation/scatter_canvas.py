"""Predicted against actual numbers: on the diagonal the prediction is right."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gui.kit.array_images import empty_layer
from gui.kit.axes import Axis, paint_axes
from gui.kit.colours import with_alpha
from gui.kit.legend import MOST_POINTS
from gui.kit.number_text import reading_text
from gui.kit.theme import current

LEFT, TOP, RIGHT, BELOW = 72, 8, 16, 48
REACH = 8.0


class ScatterCanvas(QWidget):
    """One point for each row, up to 4,000. Hover reads the nearest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(260, 220)
        self.setAccessibleName("Predicted against actual")
        self._pairs: NDArray[np.float64] = np.empty((0, 2))
        self._target = ""
        self._colour_name = "accent"
        self._axis = Axis(0, 1, "")
        self._picture: QImage | None = None

    def show_pairs(
        self, actual: NDArray[np.float64], predicted: NDArray[np.float64], target: str, colour_name: str
    ) -> None:
        """Arrays of one shape, in the target's units. colour_name : the field of the theme to paint in."""
        pairs = np.stack([np.ravel(actual), np.ravel(predicted)], axis=-1).astype(np.float64)
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        self._pairs = pairs[:: max(-(-len(pairs) // MOST_POINTS), 1)]
        self._target, self._colour_name = target, colour_name
        low, high = (float(pairs.min()), float(pairs.max())) if len(pairs) else (0.0, 1.0)
        self._axis = Axis.around(low, high, "", padding=0.05)
        self.setAccessibleDescription(f"{len(pairs)} rows from {reading_text(low)} to {reading_text(high)}.")
        self.forget()

    def clear(self) -> None:
        self.show_pairs(np.empty(0), np.empty(0), "", "accent")
        self._axis = Axis(0, 1, "")
        self.setAccessibleDescription("")

    def forget(self) -> None:
        """Paint again: the theme changed."""
        self._picture = None
        self.update()

    def plot(self) -> QRectF:
        """The square on which the points lie."""
        width, height = self.width() - LEFT - RIGHT, self.height() - TOP - BELOW
        side = max(min(width, height), 40)
        return QRectF(LEFT, TOP, side, side)

    def places(self) -> NDArray[np.float64]:
        """(rows, 2), on the widget."""
        plot, axis = self.plot(), self._axis
        shares = (self._pairs - axis.low) / (axis.high - axis.low)
        across, up = plot.left() + shares[:, 0] * plot.width(), plot.bottom() - shares[:, 1] * plot.height()
        return np.stack([across, up], axis=-1)

    def reading_at(self, position: QPointF) -> str:
        """The nearest row in words; empty where none is near."""
        if not len(self._pairs):
            return ""
        places = self.places()
        distances = np.hypot(places[:, 0] - position.x(), places[:, 1] - position.y())
        nearest = int(distances.argmin())
        if distances[nearest] > REACH:
            return ""
        actual, predicted = self._pairs[nearest]
        off = reading_text(predicted - actual)
        return f"actual {reading_text(actual)}, predicted {reading_text(predicted)}, off by {off}"

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = empty_layer(self.size(), self.devicePixelRatioF())
            painter = QPainter(self._picture)
            self._paint(painter)
            painter.end()
        QPainter(self).drawImage(0, 0, self._picture)

    def _paint(self, painter: QPainter) -> None:
        theme, plot, axis = current(), self.plot(), self._axis
        painter.fillRect(plot, QColor(theme.surface))
        x = Axis(axis.low, axis.high, f"Actual {self._target}")
        y = Axis(axis.low, axis.high, f"Predicted {self._target}")
        paint_axes(painter, plot, x, y, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.edge), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(plot.bottomLeft(), plot.topRight()))
        painter.setClipRect(plot)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(getattr(theme, self._colour_name), 0.55))
        radius = 3.5 if len(self._pairs) <= 700 else 2.5
        for place in self.places().tolist():
            painter.drawEllipse(QPointF(*place), radius, radius)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.reading_at(event.position()), self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.forget()
