"""Distributions in the course of a run: ridges, one behind the other, and bands of quantiles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from engine.insight.distributions import Histogram
from gui.kit.scales import Interval, linear_range, linear_ticks, whole_ticks
from gui.kit.theme import Theme, caption_font, mixed, scaled
from gui.panels.plots.pyramid import Numbers

RIDGE_APART_PX = 7
RIDGE_PART = 0.42
"""Height of the highest ridge, as a part of the room for all."""
BANDS = ((1, 5, 0.72), (2, 4, 0.45))
"""Quantiles between which a band lies, and how much of the ground is in its colour."""
MEDIAN = 3
MARK_PX = 8.0


@dataclass(frozen=True, eq=False)
class Moment:
    """A distribution at some place of the run, in epochs."""

    epoch: float
    histogram: Histogram


def evenly_chosen(moments: Sequence[Moment], most: int) -> list[Moment]:
    """At most so many, the first and the last among them, evenly spread over the epochs."""
    if len(moments) <= most:
        return list(moments)
    epochs = np.array([moment.epoch for moment in moments])
    wanted = np.linspace(epochs[0], epochs[-1], max(most, 2))
    places = {int(np.abs(epochs - epoch).argmin()) for epoch in wanted} | {0, len(moments) - 1}
    return [moments[place] for place in sorted(places)]


def common_range(moments: Sequence[Moment]) -> Interval:
    """What the ranges of all of them cover, of one sign or symmetric."""
    low = min(float(moment.histogram.edges[0]) for moment in moments)
    high = max(float(moment.histogram.edges[-1]) for moment in moments)
    return (-max(-low, high), max(-low, high)) if low < 0 else (low, high)


def density(found: Histogram) -> Numbers:
    """Part of the values in each bin, by its width: comparable between histograms with other bins."""
    total = int(found.counts.sum()) + found.below + found.above
    widths = np.diff(found.edges)
    return np.asarray(found.counts / (max(total, 1) * np.where(widths > 0, widths, 1.0)))


def paint_outline(
    painter: QPainter,
    area: QRectF,
    found: Histogram,
    start: Histogram,
    axis: Interval,
    logarithmic: bool,
    theme: Theme,
) -> None:
    """The distribution that the run began with, as an outline in the scale of the bars of today's."""
    low, high = axis
    heights = density(start) / (float(density(found).max(initial=0.0)) or 1.0)
    if logarithmic:
        most = max(float(found.counts.max(initial=0)), 1.0)
        heights = np.log1p(heights * most) / np.log1p(most)
    places = area.left() + (start.edges - low) / (high - low) * area.width()
    tops = area.bottom() - np.minimum(heights, 1.0) * area.height()
    corners = [QPointF(places[0], area.bottom())]
    for left, right, top in zip(places[:-1], places[1:], tops, strict=True):
        corners += [QPointF(left, top), QPointF(right, top)]
    corners.append(QPointF(places[-1], area.bottom()))
    painter.save()
    painter.setClipRect(area.adjusted(0, -1, 0, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.muted), 1))
    painter.drawPolyline(QPolygonF(corners))
    painter.restore()


def paint_ridges(
    painter: QPainter, area: QRectF, moments: Sequence[Moment], across: Interval, theme: Theme
) -> None:
    """The first at the top and faintest, the last at the foot; the epochs of both stand at the left.

    A red mark at the right end of a ridge: some of its values are not finite.
    """
    shown = evenly_chosen(moments, max(int(area.height() / scaled(RIDGE_APART_PX)), 2))
    densities = [density(moment.histogram) for moment in shown]
    highest = max((float(heights.max(initial=0.0)) for heights in densities), default=0.0) or 1.0
    tall = RIDGE_PART * area.height()
    apart = (area.height() - tall) / max(len(shown) - 1, 1)
    low, high = across
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, (moment, heights) in enumerate(zip(shown, densities, strict=True)):
        foot = area.top() + tall + number * apart
        edges = moment.histogram.edges
        middles = (edges[:-1] + edges[1:]) / 2
        x = np.concatenate([edges[:1], middles, edges[-1:]])
        y = np.concatenate([[0.0], heights, [0.0]])
        places = area.left() + np.clip((x - low) / (high - low), 0.0, 1.0) * area.width()
        points = [QPointF(px, foot - tall * part) for px, part in zip(places, y / highest, strict=True)]
        share = 0.75 - 0.6 * number / max(len(shown) - 1, 1)
        colour = mixed(theme.accent, theme.surface, share)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(colour, theme.surface, 0.55)))
        painter.drawPolygon(QPolygonF(points))
        painter.setPen(QPen(QColor(colour), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if moment.histogram.non_finite:
            painter.setPen(QPen(QColor(theme.error), 3))
            painter.drawLine(QLineF(area.right() - MARK_PX, foot, area.right(), foot))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setFont(caption_font(tabular=True))
    painter.setPen(QColor(theme.muted))
    ends = ((shown[0], area.top() + tall), (shown[-1], area.bottom())) if len(shown) > 1 else ()
    for moment, foot in ends:
        room = QRectF(0, foot - scaled(14), area.left() - 4, scaled(14))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(room, int(side), f"{moment.epoch:.3g}")


def upright_range(moments: Sequence[Moment]) -> Interval:
    """For bands: room for the widest of them, outliers among the steps left out as in other plots."""
    finite = [m.histogram.quantiles for m in moments if np.isfinite(m.histogram.quantiles).all()]
    if not finite:
        return 0.0, 1.0
    table = np.stack(finite)
    return linear_range([table[:, 1], table[:, -2]], robust=True) or (0.0, 1.0)


def paint_bands(painter: QPainter, area: QRectF, moments: Sequence[Moment], theme: Theme) -> None:
    """Median, the middle half and the middle 96 % over the epochs, and thin lines at the extremes."""
    low, high = upright_range(moments)
    first, last = moments[0].epoch, moments[-1].epoch
    span = last - first or 1.0
    painter.setFont(caption_font(tabular=True))
    for tick in linear_ticks(low, high, max(int(area.height() / scaled(24)), 3)):
        y = round(area.bottom() - (tick.position - low) / (high - low) * area.height())
        painter.setPen(QColor(theme.line))
        painter.drawLine(QLineF(area.left(), y, area.right(), y))
        painter.setPen(QColor(theme.muted))
        room = QRectF(0, y - scaled(7), area.left() - 4, scaled(14))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), tick.text)
    metrics = QFontMetricsF(painter.font())
    for tick in whole_ticks(first, last, max(int(area.width() / scaled(58)), 2)):
        x = area.left() + (tick.position - first) / span * area.width()
        wide = metrics.horizontalAdvance(tick.text) + 2
        room = QRectF(x - wide / 2, area.bottom() + 1, wide, scaled(14))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), tick.text)
    epochs = np.array([moment.epoch for moment in moments])
    table = np.stack([moment.histogram.quantiles for moment in moments])  # (moments, levels)
    across = area.left() + (epochs - first) / span * area.width()
    painter.save()
    painter.setClipRect(area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    with np.errstate(over="ignore", invalid="ignore"):
        upright = area.bottom() - np.clip((table - low) / (high - low), -50, 50) * area.height()
    good = np.asarray(np.isfinite(upright).all(axis=1))
    for run in _runs(good):
        px, py = across[run], upright[run]
        for below, above, ground in BANDS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(theme.accent, theme.surface, ground)))
            upper = _points(px, py[:, above])
            painter.drawPolygon(QPolygonF(upper + _points(px, py[:, below])[::-1]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(mixed(theme.accent, theme.surface, 0.5)), 1, Qt.PenStyle.DotLine))
        for end in (0, -1):
            painter.drawPolyline(QPolygonF(_points(px, py[:, end])))
        painter.setPen(QPen(QColor(theme.accent), 1.75))
        painter.drawPolyline(QPolygonF(_points(px, py[:, MEDIAN])))
    painter.setPen(QPen(QColor(theme.error), 2))
    for place, moment in zip(across, moments, strict=True):
        if moment.histogram.non_finite:
            painter.drawLine(QLineF(place, area.bottom() - MARK_PX, place, area.bottom()))
    painter.restore()


def _runs(good: NDArray[np.bool_]) -> list[slice]:
    """Stretches of neighbours that can be joined."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    return [slice(int(start), int(stop)) for start, stop in zip(changes[::2], changes[1::2], strict=True)]


def _points(x: Numbers, y: Numbers) -> list[QPointF]:
    points = [QPointF(px, py) for px, py in zip(x, y, strict=True)]
    # Of one moment alone no line would be seen.
    return [points[0] - QPointF(2, 0), points[0] + QPointF(2, 0)] if len(points) == 1 else points
