"""The plane of two inputs, painted: predictions behind, data points before, a reading under the pointer."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt
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

from engine.insight.run_queries import DecisionMap
from gui.core.model_summary import DataPoints, ModelSummary
from gui.kit import colour_maps
from gui.kit.decision_field import boundaries, class_pixels, paler, value_at, value_pixels
from gui.kit.numbers import reading_text
from gui.kit.plot_parts import Axis, marker_radius, paint_axes, paint_colour_bar, paint_marker
from gui.kit.text import tr
from gui.kit.theme import RADIUS, current, scaled, set_sizes, text_font
from gui.panels.decision.plane import name_of_class, plane_of, points_of, reading, values_of

LEFT, TOP, RIGHT, BELOW = 64, 8, 20, 48
BAR = 92
"""Room for the colour bar of a regression."""
NUDGE = 0.02
"""How far an arrow key moves the reading, as a share of the plane."""


class DecisionCanvas(QWidget):
    """A square plot. Hover reads the prediction; so do the arrow keys, Escape ends it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Decision map"))
        set_sizes(self, least_width=240, least_height=220)
        self._model: ModelSummary | None = None
        self._map: DecisionMap | None = None
        self._parts: tuple[str, ...] = ()
        self._probe: QPointF | None = None
        self._picture: QImage | None = None
        self._lines: NDArray[np.float64] = np.empty((0, 4))
        self._marks: QImage | None = None
        self._announce()

    def set_model(self, model: ModelSummary | None) -> None:
        """Other data; forgets the predictions."""
        self._model, self._map, self._picture = model, None, None
        self._lines = np.empty((0, 4))
        self._probe = None
        self._forget_marks()

    def set_parts(self, parts: tuple[str, ...]) -> None:
        """Of which parts the points are shown."""
        self._parts = parts
        self._forget_marks()

    def set_map(self, decision_map: DecisionMap | None) -> None:
        """New predictions."""
        moved = self.axes() if self._model else None
        self._map, self._picture = decision_map, None
        regression = self._model is not None and self._model.task == "regression"
        known = decision_map is not None and not regression
        self._lines = boundaries(decision_map.values) if known and decision_map else np.empty((0, 4))
        if self._model and moved != self.axes():
            self._marks = None
        self._announce()
        self.update()

    def repaint_all(self) -> None:
        """The theme changed."""
        self._picture = None
        self._forget_marks()

    def axes(self) -> tuple[Axis, Axis]:
        """The plane that is shown: that of the predictions, or around the points while there are none."""
        return plane_of(self._model, self._map)

    def value_axis(self) -> Axis:
        """For regression: the scale of values, from the data, else from the predictions."""
        return values_of(self._model, self._map)

    def plot(self) -> QRectF:
        """The square on which the plane is drawn."""
        bar = scaled(BAR) if self._model is not None and self._model.task == "regression" else 0
        left, height = scaled(LEFT), self.height() - TOP - scaled(BELOW)
        width = self.width() - left - RIGHT - bar
        side = max(min(width, height), 40)
        return QRectF(left + max((width - side) / 2, 0), TOP + max((height - side) / 2, 0), side, side)

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a point of the plane lies on the widget."""
        across, up = self.axes()
        plot = self.plot()
        return QPointF(
            plot.left() + across.share(x) * plot.width(), plot.bottom() - up.share(y) * plot.height()
        )

    def reading_at(self, position: QPointF) -> list[str]:
        """What is predicted at a place of the widget, line by line; empty off the plot."""
        plot = self.plot()
        if self._model is None or not plot.contains(position):
            return []
        across = (position.x() - plot.left()) / plot.width()
        up = (plot.bottom() - position.y()) / plot.height()
        values = value_at(self._map.values, across, up) if self._map is not None else None
        x_axis, y_axis = self.axes()
        lines = reading(self._model, (x_axis.value(across), y_axis.value(up)), values)
        example = self._example_at(position)
        return [*lines, example] if example else lines

    def _example_at(self, position: QPointF) -> str:
        """The data point under the pointer in words."""
        points = points_of(self._model, self._parts)
        if points is None or self._model is None:
            return ""
        places = self._places(points)
        distances = np.hypot(places[:, 0] - position.x(), places[:, 1] - position.y())
        nearest = int(distances.argmin()) if len(distances) else -1
        if nearest < 0 or distances[nearest] > 6:
            return ""
        target, part = points.targets[nearest], points.parts[nearest]
        regression = self._model.task == "regression"
        shown = reading_text(float(target)) if regression else name_of_class(self._model, int(target))
        return tr("Example: {target} ({part})", target=shown, part=tr(part))

    def _places(self, points: DataPoints) -> NDArray[np.float64]:
        """(n, 2), on the widget."""
        across, up = self.axes()
        plot = self.plot()
        x = plot.left() + (points.x[:, 0] - across.low) / (across.high - across.low) * plot.width()
        y = plot.bottom() - (points.x[:, 1] - up.low) / (up.high - up.low) * plot.height()
        return np.stack([x, y], axis=-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, plot = current(), self.plot()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.page))
        if self._model is None:
            return
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        picture = self._field_picture()
        if picture is None:
            painter.fillRect(plot, QColor(colour_maps.neutral(theme)))
        else:
            painter.drawImage(plot, picture)
            self._paint_lines(painter, plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_axes(painter, plot, *self.axes(), theme)
        if self._model.task == "regression":
            ramp = colour_maps.sequential_pixels(np.linspace(1, 0, 256)[:, None])
            # Left half as the predictions are painted, right half as the points are.
            both = colour_maps.image_of(np.concatenate([paler(ramp, theme), ramp], axis=1))
            bar = QRectF(plot.right() + 20, plot.top(), 14, plot.height())
            paint_colour_bar(painter, bar, self.value_axis(), both, theme)
        painter.drawImage(0, 0, self._mark_picture())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(plot)
        if self._probe is not None:
            self._paint_reading(painter, plot)

    def _field_picture(self) -> QImage | None:
        if self._picture is None and self._map is not None and self._model is not None:
            field, theme = self._map.values, current()
            if self._model.task == "regression":
                self._picture = colour_maps.image_of(value_pixels(field, self.value_axis(), theme))
            else:
                self._picture = colour_maps.image_of(class_pixels(field, theme))
        return self._picture

    def _paint_lines(self, painter: QPainter, plot: QRectF) -> None:
        ends = self._lines * np.array([plot.width(), -plot.height()] * 2)
        left, bottom = plot.left(), plot.bottom()
        lines = [QLineF(left + a, bottom + b, left + c, bottom + d) for a, b, c, d in ends.tolist()]
        painter.setPen(QPen(colour_maps.with_alpha(current().text, 0.7), 1.25))
        painter.drawLines(lines)

    def _mark_picture(self) -> QImage:
        if self._marks is None:
            self._marks = colour_maps.empty_layer(self.size(), self.devicePixelRatioF())
            points = points_of(self._model, self._parts)
            if points is not None:
                painter = QPainter(self._marks)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setClipRect(self.plot())
                self._paint_points(painter, points)
                painter.end()
        return self._marks

    def _paint_points(self, painter: QPainter, points: DataPoints) -> None:
        theme, values = current(), self.value_axis()
        radius = marker_radius(len(points.x), self.plot())
        regression = self._model is not None and self._model.task == "regression"
        classes = max(len(self._model.class_names) if self._model else 0, 2)
        of_classes = colour_maps.class_colours(theme, classes)
        for place, target, part in zip(
            self._places(points).tolist(), points.targets.tolist(), points.parts.tolist(), strict=True
        ):
            index = int(target) % classes
            colour = colour_maps.sequential_colour(values.share(target)) if regression else of_classes[index]
            paint_marker(painter, QPointF(*place), radius, colour, part, theme)

    def _paint_reading(self, painter: QPainter, plot: QRectF) -> None:
        """Cross-hair and a card beside it, on the side where there is room."""
        theme, probe = current(), self._probe
        lines = self.reading_at(probe) if probe is not None else []
        if probe is None or not lines:
            return
        painter.setPen(QPen(colour_maps.with_alpha(theme.text, 0.35), 1))
        painter.drawLine(QLineF(probe.x(), plot.top(), probe.x(), plot.bottom()))
        painter.drawLine(QLineF(plot.left(), probe.y(), plot.right(), probe.y()))
        width = max(map(QFontMetricsF(text_font()).horizontalAdvance, lines)) + 20
        line, height = scaled(19), scaled(19) * len(lines) + 10
        x = probe.x() + 14 if probe.x() + 14 + width < self.width() else probe.x() - 14 - width
        y = probe.y() + 14 if probe.y() + 14 + height < self.height() else probe.y() - 14 - height
        card = QRectF(max(x, 2), max(y, 2), width, height)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(card, RADIUS, RADIUS)
        for row, words in enumerate(lines):
            painter.setFont(text_font(strong=row == 1))
            painter.setPen(QColor(theme.muted if row == 0 else theme.text))
            painter.drawText(QPointF(card.left() + 10, card.top() + scaled(18) + line * row), words)

    def _announce(self) -> None:
        lines = self.reading_at(self._probe) if self._probe is not None else []
        self.setAccessibleDescription("; ".join(lines) or tr("Arrow keys read the predictions."))

    def _forget_marks(self) -> None:
        self._marks = None
        self._announce()
        self.update()

    def _move_probe(self, place: QPointF | None) -> None:
        self._probe = place
        self._announce()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = self._model is not None and self.plot().contains(event.position())
        self._move_probe(event.position() if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._move_probe(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        plot = self.plot()
        if event.key() == Qt.Key.Key_Escape and self._probe is not None:
            self._move_probe(None)
        elif event.key() in ways and self._model is not None:
            x, y = ways[Qt.Key(event.key())]
            start = self._probe or plot.center()
            moved = start + QPointF(x * plot.width(), y * plot.height()) * NUDGE
            self._move_probe(
                QPointF(
                    min(max(moved.x(), plot.left()), plot.right()),
                    min(max(moved.y(), plot.top()), plot.bottom()),
                )
            )
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._probe = None
        self._forget_marks()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._move_probe(None)
