"""Curves of a check's losses, with levels and marks that are labelled where they are, and a read-out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from gui.kit import scales
from gui.kit.plot_parts import LEFT, Axis, paint_axes, plot_area
from gui.kit.text import tr
from gui.kit.theme import RADIUS, Theme, caption_font, current, scaled

TOP = 8
LINE = 16
"""Height of a label."""
TICK_GAP = 64

Numbers = NDArray[np.float64]
Kind = Literal["linear", "count", "logarithmic"]


@dataclass(frozen=True, eq=False)
class Curve:
    """Values over the numbers of the plot. colour : a field of the theme."""

    title: str
    y: Numbers
    colour: str
    width: float = 1.5


@dataclass(frozen=True)
class Mark:
    """A line at one number (of a level: at one value), and what it is."""

    at: float
    text: str
    colour: str = "muted"
    dashed: bool = False


@dataclass(frozen=True)
class Scale(Axis):
    """An axis whose positions are powers of ten where it is logarithmic."""

    kind: Kind = "linear"

    def ticks(self, length: float) -> list[scales.Tick]:
        makers = {"linear": scales.linear_ticks, "count": scales.whole_ticks}
        make = makers.get(self.kind, scales.decade_ticks)
        ticks = make(self.low, self.high, max(int(length // TICK_GAP), 2))
        return [tick for tick in ticks if self.low <= tick.position <= self.high]


@dataclass(frozen=True, eq=False)
class Plot:
    """What is drawn. x : one for each value of the curves. levels lie across, marks stand upright."""

    x: Numbers
    curves: tuple[Curve, ...]
    x_name: str
    x_kind: Kind
    y_kind: Kind
    levels: tuple[Mark, ...] = ()
    marks: tuple[Mark, ...] = ()


class CurveCanvas(QWidget):
    """Hover, or Left and Right, reads the values."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 200)
        self.plot: Plot | None = None
        """What is drawn."""
        self._x = self._y = Scale(0, 1, "")
        self._cursor: int | None = None

    def show_plot(self, plot: Plot, description: str) -> None:
        """description : what it shows, for those who do not see it."""
        self.plot, self._cursor = plot, None
        self._x = Scale(*_x_range(plot), plot.x_name, plot.x_kind)
        self._y = Scale(*_y_range(plot), tr("Loss"), plot.y_kind)
        self.setAccessibleDescription(description)
        self.update()

    def area(self) -> QRectF:
        """Where the curves are; above it are the texts of the marks."""
        rows = 1 + max((row for _, _, row in self.mark_texts(plot_area(self.rect(), 0).width())), default=-1)
        return plot_area(self.rect(), TOP + scaled(LINE) * rows)

    def reading(self) -> str:
        """The values under the cursor: "0.0123: loss 0.532, smoothed 0.511"."""
        plot, at = self.plot, self._cursor
        if plot is None or at is None:
            return ""
        values = ", ".join(f"{curve.title.lower()} {curve.y[at]:.4g}" for curve in plot.curves)
        number = f"{plot.x[at]:.3g}" if plot.x_kind != "count" else f"{plot.x[at]:.0f}"
        return f"{plot.x_name} {number}: {values}"

    # --- hands -------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, places = self.area(), self._places(self.plot.x) if self.plot is not None else np.empty(0)
        inside = area.contains(event.position()) and len(places)
        self._move_cursor(int(np.abs(places - event.position().x()).argmin()) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._move_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self.plot is not None and len(self.plot.x):
            last = len(self.plot.x) - 1
            start = self._cursor if self._cursor is not None else (-1 if step > 0 else last + 1)
            self._move_cursor(min(max(start + step, 0), last))
        else:
            super().keyPressEvent(event)

    def _move_cursor(self, at: int | None) -> None:
        if at != self._cursor:
            self._cursor = at
            self.update()

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.plot is None:
            return
        theme, area = current(), self.area()
        painter = QPainter(self)
        painter.fillRect(area, QColor(theme.raised))
        paint_axes(painter, area, self._x, self._y, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(painter, area, theme)
        painter.setClipRect(area)
        for curve in self.plot.curves:
            painter.setPen(QPen(QColor(getattr(theme, curve.colour)), curve.width))
            for line in self.lines(curve, area):
                painter.drawPolyline(line)
        self._paint_levels(painter, area, theme)
        self._paint_reading(painter, area, theme)
        painter.setClipping(False)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.end()

    def lines(self, curve: Curve, area: QRectF) -> list[QPolygonF]:
        """The curve on the widget, in pieces: what is not finite, or has no place on the scale, is a gap."""
        places = self._places(self.plot.x) if self.plot is not None else np.empty(0)
        y = _positions(curve.y, self._y.kind)
        whole = np.isfinite(y) & np.isfinite(places)
        # Numbers near the largest overflow here; a painter takes none above some ten thousand anyway.
        with np.errstate(over="ignore"):
            shares = np.clip((y - self._y.low) / (self._y.high - self._y.low), -1.0, 2.0)
        heights = area.bottom() - shares * area.height()
        ends = np.flatnonzero(np.diff(whole.astype(np.int8))) + 1
        pieces = np.split(np.arange(len(y)), ends)
        return [
            QPolygonF([QPointF(places[at], heights[at]) for at in piece.tolist()])
            for piece in pieces
            if len(piece) and whole[piece[0]]
        ]

    def _places(self, x: Numbers) -> Numbers:
        """Where numbers lie across the widget."""
        area = plot_area(self.rect(), 0)
        shares = (_positions(x, self._x.kind) - self._x.low) / (self._x.high - self._x.low)
        return area.left() + shares * area.width()

    def mark_texts(self, width: float) -> list[tuple[Mark, float, int]]:
        """Each mark with the left end of its text, and the row above the plot in which it is free."""
        metrics, start = QFontMetricsF(caption_font()), scaled(LEFT)
        found: list[tuple[Mark, float, int]] = []
        taken: list[float] = []
        """Where the texts of each row end."""
        marks = self.plot.marks if self.plot is not None else ()
        for mark in sorted(marks, key=lambda mark: mark.at):
            wide = metrics.horizontalAdvance(mark.text)
            at = float(self._places(np.array([mark.at]))[0])
            left = min(max(at - wide / 2, start), max(start + width - wide, start))
            row = next((row for row, end in enumerate(taken) if left > end + scaled(LINE) / 2), len(taken))
            taken[row : row + 1] = [left + wide]
            found.append((mark, left, row))
        return found

    def _paint_marks(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        painter.setFont(caption_font())
        metrics, marks, high = QFontMetricsF(caption_font()), self.mark_texts(area.width()), scaled(LINE)
        for mark, _, row in marks:
            at = float(self._places(np.array([mark.at]))[0])
            style = Qt.PenStyle.DashLine if mark.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(getattr(theme, mark.colour)), 1.5, style))
            painter.drawLine(QLineF(at, TOP + high * (row + 1), at, area.bottom()))
        for mark, left, row in marks:
            # The line of a mark whose text is higher up passes behind.
            box = QRectF(left - 2, TOP + high * row, metrics.horizontalAdvance(mark.text) + 4, high)
            painter.fillRect(box, QColor(theme.surface))
            painter.setPen(QColor(theme.ink(mark.colour)))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), mark.text)

    def _paint_levels(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        metrics, left, high = QFontMetricsF(caption_font()), area.left() + 6, scaled(LINE)
        painter.setFont(caption_font())
        levels = self.plot.levels if self.plot is not None else ()
        heights = []
        for level in levels:
            position = float(_positions(np.array([level.at]), self._y.kind)[0])
            # What has no place on a logarithmic scale lies below it.
            share = self._y.share(position) if math.isfinite(position) else 0.0
            heights.append(area.bottom() - min(max(share, 0.0), 1.0) * area.height())
            painter.setPen(QPen(QColor(getattr(theme, level.colour)), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(area.left(), heights[-1], area.right(), heights[-1]))
        for level, at in zip(levels, heights, strict=True):
            box = QRectF(left, at - high - 1, metrics.horizontalAdvance(level.text) + 4, high)
            painter.fillRect(box, QColor(theme.raised))
            painter.setPen(QColor(theme.ink(level.colour)))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), level.text)
            # Side by side, so that two that are close do not lie over one another.
            left = box.right() + high

    def _paint_reading(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        text = self.reading()
        if not text or self.plot is None or self._cursor is None:
            return
        at = float(self._places(self.plot.x)[self._cursor])
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.drawLine(QLineF(at, area.top(), at, area.bottom()))
        wide = QFontMetricsF(caption_font()).horizontalAdvance(text) + 16
        left = area.left() + 8 if at > area.center().x() else area.right() - wide - 8
        box = QRectF(left, area.top() + 8, wide, scaled(24))
        painter.setBrush(QColor(theme.surface))
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setFont(caption_font(tabular=True))
        painter.setPen(QColor(theme.text))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def _positions(values: Numbers, kind: Kind) -> Numbers:
    """Where values lie on an axis; NaN for those that have no place there."""
    if kind != "logarithmic":
        return np.asarray(values, dtype=np.float64)
    return np.log10(values, out=np.full(len(values), np.nan), where=values > 0)


def _x_range(plot: Plot) -> tuple[float, float]:
    x = _positions(plot.x, plot.x_kind)
    marks = _positions(np.array([mark.at for mark in plot.marks]), plot.x_kind)
    every = np.concatenate([x, marks])
    every = every[np.isfinite(every)]
    if not len(every):
        return 0.0, 1.0
    low, high = float(every.min()), float(every.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _y_range(plot: Plot) -> tuple[float, float]:
    values: Sequence[Numbers] = [_positions(curve.y, plot.y_kind) for curve in plot.curves]
    levels = _positions(np.array([level.at for level in plot.levels]), plot.y_kind)
    find = scales.logarithmic_range if plot.y_kind == "logarithmic" else scales.linear_range
    robust = not plot.levels
    return find([*values, levels], robust=robust) or scales.NOTHING_TO_SHOW
