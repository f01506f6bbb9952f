"""The plane of two inputs, painted: predictions behind, data points before, a reading under the pointer."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
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

from engine.insight.run_queries import DecisionMap
from gui.core.model_summary import DataPoints, ModelSummary
from gui.core.selection import Sample
from gui.kit import colour_maps
from gui.kit.decision_field import boundaries, value_at
from gui.kit.numbers import reading_text
from gui.kit.plot_parts import Axis, paint_axes, part_names
from gui.kit.text import tr
from gui.kit.theme import current, scaled, set_sizes
from gui.panels.decision.painting import (
    field_picture,
    paint_boundaries,
    paint_points,
    paint_reading,
    paint_sample,
    paint_scale,
)
from gui.panels.decision.plane import (
    ARROWS,
    name_of_class,
    nudged,
    plane_of,
    points_of,
    reading,
    values_of,
)

LEFT, TOP, RIGHT, BELOW = 64, 8, 20, 48
BAR = 92
"""Room for the colour bar of a regression."""
REACH = 6
"""Pixels from a data point within which the pointer means it."""


class DecisionCanvas(QWidget):
    """A square plot. Hover reads the prediction; so do the arrow keys, Escape ends it.

    Signals: `sample_picked` (Sample) by a click on a data point, or Enter at one; `sample_opened` by a double
    click on one.
    """

    sample_picked = Signal(object)
    sample_opened = Signal()

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
        self._sample: Sample | None = None
        self._picture: QImage | None = None
        self._lines: NDArray[np.float64] = np.empty((0, 4))
        self._marks: QImage | None = None
        self._announce()

    def set_model(self, model: ModelSummary | None) -> None:
        """Other data; forgets the predictions."""
        self._model, self._map, self._picture = model, None, None
        self._lines, self._probe = np.empty((0, 4)), None
        self._forget_marks()

    def set_parts(self, parts: tuple[str, ...]) -> None:
        """Of which parts the points are shown."""
        self._parts = parts
        self._forget_marks()

    def set_points(self, points: DataPoints | None) -> None:
        """Other data points, over the same plane."""
        if self._model is not None:
            self._model = replace(self._model, points=points)
            self._forget_marks()

    def set_sample(self, sample: Sample | None) -> None:
        """Which sample is marked, where it is among the points shown."""
        self._sample = sample
        self.update()

    def set_map(self, decision_map: DecisionMap | None) -> None:
        """New predictions."""
        moved = self.axes() if self._model else None
        self._map, self._picture = decision_map, None
        classes = self._model is not None and self._model.task != "regression"
        self._lines = boundaries(decision_map.values) if classes and decision_map else np.empty((0, 4))
        if self._model and moved != self.axes():
            self._marks = None
        self._announce()
        self.update()

    @property
    def map_shown(self) -> DecisionMap | None:
        return self._map

    @property
    def points_shown(self) -> DataPoints | None:
        return points_of(self._model, self._parts)

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

    def _point_at(self, position: QPointF) -> tuple[DataPoints, int] | None:
        """The points shown, and which of them is under the pointer."""
        points = points_of(self._model, self._parts)
        if points is None:
            return None
        places = self._places(points)
        distances = np.hypot(places[:, 0] - position.x(), places[:, 1] - position.y())
        nearest = int(distances.argmin()) if len(distances) else -1
        return (points, nearest) if nearest >= 0 and distances[nearest] <= REACH else None

    def sample_at(self, position: QPointF) -> Sample | None:
        """The sample whose point is at a place of the widget."""
        points, nearest = self._point_at(position) or (None, 0)
        if points is None or points.indices is None:
            return None
        return Sample(part_names([points.parts[nearest]])[0], int(points.indices[nearest]))

    def _example_at(self, position: QPointF) -> str:
        """The data point under the pointer in words."""
        found = self._point_at(position)
        if found is None or self._model is None:
            return ""
        points, nearest = found
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
            paint_boundaries(painter, plot, self._lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_axes(painter, plot, *self.axes(), theme)
        if self._model.task == "regression":
            paint_scale(painter, plot, self.value_axis())
        painter.drawImage(0, 0, self._mark_picture())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(plot)
        points = points_of(self._model, self._parts) if self._sample is not None else None
        if points is not None and self._sample is not None:
            paint_sample(painter, self._places(points), points, self._sample, plot)
        if self._probe is not None:
            lines = self.reading_at(self._probe)
            if lines:
                paint_reading(painter, self._probe, lines, plot, QSizeF(self.size()))

    def _field_picture(self) -> QImage | None:
        if self._picture is None and self._map is not None and self._model is not None:
            values = self.value_axis() if self._model.task == "regression" else None
            self._picture = field_picture(self._map.values, values)
        return self._picture

    def _mark_picture(self) -> QImage:
        if self._marks is None:
            self._marks = colour_maps.empty_layer(self.size(), self.devicePixelRatioF())
            points = points_of(self._model, self._parts)
            if points is not None and self._model is not None:
                painter, plot, values = QPainter(self._marks), self.plot(), self.value_axis()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setClipRect(plot)
                paint_points(painter, self._places(points), points, self._model, values, plot)
                painter.end()
        return self._marks

    def _announce(self) -> None:
        lines = self.reading_at(self._probe) if self._probe is not None else []
        self.setAccessibleDescription("; ".join(lines) or tr("Arrow keys read the predictions."))

    def _forget_marks(self) -> None:
        self._marks = None
        self._move_probe(self._probe)

    def _move_probe(self, place: QPointF | None) -> None:
        self._probe = place
        self._announce()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = self._model is not None and self.plot().contains(event.position())
        self._move_probe(event.position() if inside else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        sample = self.sample_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and sample is not None:
            self.sample_picked.emit(sample)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.sample_at(event.position()) is not None:
            self.sample_opened.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._move_probe(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plot = self.plot()
        if event.key() == Qt.Key.Key_Escape and self._probe is not None:
            self._move_probe(None)
        elif event.key() == Qt.Key.Key_Return and self._probe and (sample := self.sample_at(self._probe)):
            self.sample_picked.emit(sample)
        elif event.key() in ARROWS and self._model is not None:
            self._move_probe(nudged(plot, self._probe or plot.center(), Qt.Key(event.key())))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._probe = None
        self._forget_marks()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._move_probe(None)
