"""A line of a chart: which column of the record it shows, how it looks, and the items that draw it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from gui.kit.numbers import quantity_text
from gui.kit.sizes import scale
from gui.kit.text import tr
from gui.kit.theme import Theme, mixed
from gui.panels.plots.decimate import Look, Sampler
from gui.panels.plots.pane import Pane
from gui.panels.plots.pixel_columns import column_width
from gui.panels.plots.pyramid import Numbers

SMOOTH_POINTS = 96
"""A smoothed line has this many points at most: fewer than noise needs, enough for every bend."""
FAINT = 0.38
"""How much of its colour the line of single steps keeps behind its own mean."""
DASHES = (4.0, 2.5)
"""In line widths: dash and gap, as in the legend."""

NOTHING: Numbers = np.empty(0)

RecordName = Literal["steps", "epochs"]


@dataclass(frozen=True)
class Line:
    """A column of the history and how it is drawn.

    smooth : a bold line of means where there are many values; faint : with the line of all of them behind it.
    label : its name stands at its right end. key : its name stands in the legend.
    """

    record: RecordName
    column: str
    title: str
    colour: Callable[[Theme], str]
    width: float = 1.0
    dashed: bool = False
    smooth: bool = False
    faint: bool = True
    label: bool = False
    key: bool = True


def plain(field: str) -> Callable[[Theme], str]:
    """A colour of the theme by its name."""
    return lambda theme: str(getattr(theme, field))


def shade(field: str, share: float) -> Callable[[Theme], str]:
    """A colour of the theme, mixed with this share of the ground."""
    return lambda theme: mixed(getattr(theme, field), theme.surface, share)


class LineItems:
    """What draws a line: a curve, and a faint one behind it where the line is smoothed."""

    def __init__(self, line: Line, sampler: Sampler, pane: Pane) -> None:
        self.line = line
        self.sampler = sampler
        self._pane = pane
        self._off_scale = False
        self._points = self._faint_points = NOTHING, NOTHING
        self._gap_places = NOTHING
        self._smoothed = self._logarithmic = False
        self.curve = _curve(10)
        self.faint = _curve(0)
        for item in (self.faint, self.curve):
            pane.addItem(item, ignoreBounds=True)

    @property
    def gaps(self) -> int:
        """How many of the values are not finite."""
        return self.sampler.gaps(self.line.column)

    @property
    def absent(self) -> bool:
        """Whether the run has nothing of the kind (no validation data): then all values are NaN."""
        return 0 < self.sampler.count == self.gaps

    @property
    def off_scale(self) -> bool:
        """Whether a value in sight has no place on the scale: 0 or below on a logarithmic one."""
        return self._off_scale

    def remove(self) -> None:
        """Take the curves out of the chart."""
        for item in (self.faint, self.curve):
            self._pane.removeItem(item)

    def apply_theme(self, theme: Theme, pixel_ratio: float) -> None:
        """Take the colours of the theme.

        pixel_ratio : of the device to its coordinates. Pens that keep their width whatever the zoom are
        measured in the device's own pixels, unlike all else.
        """
        colour = self.line.colour(theme)
        self.curve.setPen(
            line_pen(colour, self.line.width * pixel_ratio * max(scale(), 1.0), self.line.dashed)
        )
        self.faint.setPen(line_pen(mixed(theme.surface, colour, FAINT), pixel_ratio, False))

    def take(self, look: Look, span: float, logarithmic: bool) -> None:
        """Take what the look holds; `span` is how much of x is in sight. Call `draw` after it."""
        column = self.line.column
        smoothed = self.line.smooth and look.rows > SMOOTH_POINTS
        self._smoothed, self._logarithmic = smoothed, logarithmic
        x = y = NOTHING
        if not smoothed or self.line.faint:
            x, y = look.extremes(column)
        self._off_scale = logarithmic and bool(np.any(y <= 0))
        self._gap_places = look.gap_places(column)
        self._faint_points = (x, on_axis(y, logarithmic)) if smoothed else (NOTHING, NOTHING)
        if smoothed:
            x, y = look.means(column, column_width(0.0, span, SMOOTH_POINTS))
        self._points = x, on_axis(y, logarithmic)

    def draw(self) -> None:
        """Draw it in the ranges that the pane shows now."""
        for curve, (x, y) in ((self.faint, self._faint_points), (self.curve, self._points)):
            if len(x) or len(curve.xData):
                connect = "all" if np.isfinite(y).all() else "finite"
                curve.setData(self._pane.across(x), self._pane.heights(y), connect=connect)

    def shown(self) -> tuple[Numbers, Numbers]:
        """(x, y) of the line as it stands on the axes; y is a power of ten on a logarithmic one."""
        return self._points

    def faint_shown(self) -> tuple[Numbers, Numbers]:
        """The same for the faint line of all values; empty where there is none."""
        return self._faint_points

    def extent(self) -> tuple[Numbers, Numbers]:
        """(x, y) between which the line moves. Means lie between the values that they are of."""
        return self._faint_points if len(self._faint_points[1]) else self._points

    @property
    def only_means(self) -> bool:
        """Whether means are drawn, and not the values that they are of."""
        return not self.line.faint and self._smoothed

    def sample(self, start: int, stop: int) -> Numbers:
        """About a thousand values of these rows as they stand on the axis; means where these are drawn."""
        if self.only_means:
            return self._points[1]
        return on_axis(self.sampler.sample(self.line.column, start, stop), self._logarithmic)

    def gap_places(self) -> Numbers:
        """Where in sight values are not finite; nothing where the run has no values of the kind."""
        return NOTHING if self.absent else self._gap_places

    def lone_points(self) -> tuple[Numbers, Numbers]:
        """(x, y) of the points without a neighbour, which no line can show."""
        x, y = self.shown()
        finite = np.isfinite(y)
        if len(y) > 1 and finite.all():
            return np.empty(0), np.empty(0)
        beside = np.zeros(len(y), bool)
        beside[1:] |= finite[:-1]
        beside[:-1] |= finite[1:]
        lone = finite & ~beside
        return x[lone], y[lone]

    def end(self) -> tuple[float, float] | None:
        """The rightmost point that is drawn."""
        x, y = self.shown()
        finite = np.flatnonzero(np.isfinite(y))
        return (float(x[finite[-1]]), float(y[finite[-1]])) if len(finite) else None


def line_pen(colour: str, width: float, dashed: bool) -> QPen:
    """A pen that is as wide on the screen whatever the zoom."""
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap)
    if dashed:
        pen.setDashPattern(DASHES)
    return pen


def on_axis(y: Numbers, logarithmic: bool) -> Numbers:
    """Where values stand on the axis: their logarithm to base ten, NaN where they have none."""
    if not logarithmic:
        return y
    powers = np.full(len(y), np.nan)
    return np.log10(y, out=powers, where=y > 0)


def place_on_axis(y: float, logarithmic: bool) -> float:
    """The same for one value."""
    if not logarithmic:
        return y
    return math.log10(y) if 0 < y < math.inf else math.nan


def _curve(z: float) -> pyqtgraph.PlotCurveItem:
    curve = pyqtgraph.PlotCurveItem(NOTHING, NOTHING, antialias=True)
    curve.setZValue(z)
    curve.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
    return curve


def missing_values(items: Sequence[LineItems]) -> list[str]:
    """What no line can show: values that are not finite, and those without a place on the scale."""
    gaps = sum(item.gaps for item in items if not item.absent)
    found = [tr("{gaps} not finite", gaps=quantity_text(gaps, "value is", "values are"))] if gaps else []
    if any(item.off_scale for item in items):
        found.append(tr("values of 0 or below have no place on a logarithmic scale"))
    return found
