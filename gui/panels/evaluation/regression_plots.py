"""Plots for regression: predicted against actual values, and a histogram of the errors."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gui.kit.colour_maps import empty_layer, with_alpha
from gui.kit.numbers import percent_text, quantity_text, reading_text
from gui.kit.plot_parts import MOST_POINTS, Axis, bin_at, outline, paint_axes, paint_bars, plot_area
from gui.kit.text import tr
from gui.kit.theme import caption_font, current, scaled, set_sizes

ROOM_ABOVE = 20
"""For a line of text over a histogram."""
BINS = 40
FAR = 99.0
"""The axis ends at twice this percentile of the errors at most: outliers must not flatten the rest."""
NAME = tr("Reconstruction error of a sample")

Errors = NDArray[np.float64]


class ErrorHistogram(QWidget):
    """Shares of the rows over their errors. Hover reads a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        set_sizes(self, least_width=260, least_height=220)
        self.setAccessibleName(NAME)
        self._edges = np.linspace(0, 1, BINS + 1)
        self._counts, self._rows, self._beyond = np.zeros(BINS, np.intp), 0, 0
        self._training: NDArray[np.float64] | None = None
        self._colour = "accent"

    def show_errors(self, errors: Errors, colour_name: str, training: Errors | None = None) -> None:
        """errors : (rows,). training : those of the training part, where another one is shown."""
        known = [each[np.isfinite(each)] for each in (errors, training) if each is not None]
        high = max((_reach(each) for each in known if len(each)), default=1.0) or 1.0
        self._edges = np.linspace(0, high, BINS + 1)
        self._counts = np.histogram(known[0], self._edges)[0]
        self._rows, self._beyond = len(errors), len(errors) - int(self._counts.sum())
        self._training = None
        if training is not None and len(training):
            self._training = np.histogram(known[1], self._edges)[0] / len(training)
        self._colour = colour_name
        middle = reading_text(float(np.median(known[0]))) if len(known[0]) else tr("not known")
        self.setAccessibleDescription(
            tr(
                "Errors of {rows}; one half is below {middle}. {note}",
                rows=quantity_text(self._rows, "row", "rows"),
                middle=middle,
                note=self.note(),
            )
        )
        self.update()

    def clear(self) -> None:
        self.show_errors(np.empty(0), "accent")
        self.setAccessibleDescription("")

    def note(self) -> str:
        """What lies beyond the axis, in words; empty where nothing does."""
        if not self._beyond:
            return ""
        return f"{quantity_text(self._beyond, 'row', 'rows')} beyond {reading_text(float(self._edges[-1]))}"

    def shares(self) -> NDArray[np.float64]:
        """The share of the rows in each bar."""
        return self._counts / max(self._rows, 1)

    def plot(self) -> QRectF:
        """The frame in which the bars stand."""
        return plot_area(self.rect(), scaled(ROOM_ABOVE))

    def reading_at(self, position: QPointF) -> str:
        """The bar under a point in words; empty beside the plot."""
        plot = self.plot()
        if not plot.contains(position) or not self._rows:
            return ""
        value = (position.x() - plot.left()) / plot.width() * self._edges[-1]
        place = bin_at(self._edges, value)
        if place is None:
            return ""
        low, high = (reading_text(float(edge)) for edge in self._edges[place : place + 2])
        count, share = int(self._counts[place]), float(self.shares()[place])
        return tr(
            "{low} to {high}: {count}, {share}",
            low=low,
            high=high,
            count=quantity_text(count, "row", "rows"),
            share=percent_text(share),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, plot = current(), self.plot()
        painter = QPainter(self)
        painter.fillRect(plot, QColor(theme.surface))
        drawn = [self.shares()] if self._training is None else [self.shares(), self._training]
        highest = max(float(shares.max()) for shares in drawn) or 1.0
        y = Axis(0, 100 * highest * 1.08, tr("Rows, %"))
        paint_axes(painter, plot, Axis(0, float(self._edges[-1]), NAME), y, theme)
        colour = with_alpha(getattr(theme, self._colour), 0.75)
        edges = np.linspace(0, 1, BINS + 1)
        paint_bars(painter, plot, edges, self.shares() * 100 / y.high, colour)
        if self._training is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.drawPath(outline(plot, self._training * 100 / y.high))
        painter.setFont(caption_font(tabular=True))
        painter.setPen(QColor(theme.muted))
        above = QRectF(plot.left(), 2, plot.width(), plot.top() - 4)
        line = tr("Line: training") if self._training is not None else ""
        painter.drawText(above, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), line)
        painter.drawText(above, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self.note())
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.reading_at(event.position()), self)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()


def _reach(errors: Errors) -> float:
    """How far the axis goes for these errors."""
    return min(float(errors.max()), 2 * float(np.percentile(errors, FAR)))


TOP = 8
REACH = 8.0


class ScatterCanvas(QWidget):
    """One point for each row, up to 4,000. Hover reads the nearest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        set_sizes(self, least_width=260, least_height=220)
        self.setAccessibleName(tr("Predicted against actual"))
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
        self.setAccessibleDescription(
            tr(
                "{count} rows from {low} to {high}.",
                count=len(pairs),
                low=reading_text(low),
                high=reading_text(high),
            )
        )
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
        area = plot_area(self.rect(), TOP)
        side = min(area.width(), area.height())
        return QRectF(area.left(), area.top(), side, side)

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
        return tr(
            "actual {actual}, predicted {predicted}, off by {off}",
            actual=reading_text(actual),
            predicted=reading_text(predicted),
            off=off,
        )

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
        x = Axis(axis.low, axis.high, tr("Actual {target}", target=self._target))
        y = Axis(axis.low, axis.high, tr("Predicted {target}", target=self._target))
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
