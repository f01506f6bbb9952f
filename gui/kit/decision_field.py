"""Predictions over a plane as a picture: blended colours of classes, values on a scale, and boundaries."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gui.kit.colour_maps import Pixels, channels, class_colours, diverging_pixels, neutral, sequential_pixels
from gui.kit.plot_parts import Axis
from gui.kit.theme import Theme

Field = NDArray[np.floating]
"""(side, side, k), as in DecisionMap; row 0 is the lowest x₂."""

FINE = 240
"""Points along each side of the picture; the screen stretches it further, which then shows no more."""
MOST_BLENDED = 12
"""Classes up to which their probabilities are blended; there are no more than ten colours anyway."""
STRENGTH = 0.72
"""How far a sure prediction goes from neutral to the class's colour: points in it must still stand out."""


def class_pixels(field: Field, theme: Theme) -> Pixels:
    """Probabilities as blended class colours; the surer, the stronger. Row 0 is the highest x₂."""
    if field.shape[2] > MOST_BLENDED:
        return _winner_pixels(field, theme)
    fine = np.clip(refined(field), 0, 1)[::-1]
    if fine.shape[2] <= 2:
        return diverging_pixels((2 * fine[..., -1] - 1) * STRENGTH, theme)
    classes = fine.shape[2]
    total = np.maximum(fine.sum(axis=2, keepdims=True), 1e-9)
    colours = np.array([channels(colour) for colour in class_colours(theme, classes)])
    mixed = (fine / total) @ colours
    sure = (fine.max(axis=2, keepdims=True) / total - 1 / classes) / (1 - 1 / classes)
    sure = np.clip(sure, 0, 1)
    middle = channels(neutral(theme))
    pixels: Pixels = (middle + (mixed - middle) * (STRENGTH * sure**0.8)).astype(np.uint8)
    return pixels


def _winner_pixels(field: Field, theme: Theme) -> Pixels:
    """Of many classes the most probable one alone: splines of 200 would take a tenth of a second."""
    known = np.nan_to_num(np.asarray(field, np.float32))[::-1]
    winners, sure = known.argmax(axis=2), np.clip(known.max(axis=2, keepdims=True), 0, 1)
    colours = np.array([channels(colour) for colour in class_colours(theme, field.shape[2])])
    middle = channels(neutral(theme))
    pixels: Pixels = (middle + (colours[winners] - middle) * (STRENGTH * sure**0.5)).astype(np.uint8)
    return pixels


def _winner_boundaries(field: Field) -> NDArray[np.float64]:
    """Between cells of different classes, along the cells' edges."""
    winners = np.nan_to_num(np.asarray(field)).argmax(axis=2)
    rows, columns = winners.shape
    row, column = np.nonzero(winners[:, 1:] != winners[:, :-1])
    upright = np.column_stack([column + 1, row, column + 1, row + 1])
    row, column = np.nonzero(winners[1:] != winners[:-1])
    level = np.column_stack([column, row + 1, column + 1, row + 1])
    shares: NDArray[np.float64] = np.concatenate([upright, level]) / np.array([columns, rows] * 2)
    return shares


MOST_SHARE = 1000.0
"""How far beyond its scale a value is drawn as what it is: splines overshoot by less."""


def value_pixels(field: Field, values: Axis, theme: Theme) -> Pixels:
    """Predicted numbers on the sequential scale, paler than the data points on it."""
    shares = (np.asarray(field, np.float64) - values.low) / (values.high - values.low)
    # Splines through values of the largest size there are would overflow.
    fine = refined(np.clip(shares, -MOST_SHARE, MOST_SHARE))[::-1, :, 0]
    return paler(sequential_pixels(fine), theme)


def paler(pixels: Pixels, theme: Theme) -> Pixels:
    """Mixed towards neutral, as the ground of data points."""
    middle = channels(neutral(theme))
    return (middle + (pixels - middle) * STRENGTH).astype(np.uint8)


def refined(field: Field) -> NDArray[np.float32]:
    """The field on FINE × FINE points, by Catmull-Rom splines, so that boundaries have no steps."""
    finite = np.nan_to_num(np.asarray(field, np.float32))
    rows, columns = _spline(finite.shape[0], FINE), _spline(finite.shape[1], FINE)
    along_rows = np.tensordot(rows, finite, axes=(1, 0))
    return np.tensordot(along_rows, columns, axes=(1, 1)).transpose(0, 2, 1)


def value_at(field: Field, across: float, up: float) -> NDArray[np.float64]:
    """The k values at a place, as shares 0 … 1 of the plane from its lower left corner; bilinear."""
    rows, columns = field.shape[:2]
    x, y = np.clip([across, up], 0, 1) * (columns - 1, rows - 1)
    left, low = min(int(x), columns - 2), min(int(y), rows - 2)
    u, v = x - left, y - low
    cell = np.asarray(field[low : low + 2, left : left + 2], np.float64)
    below, above = ((1 - u) * row[0] + u * row[1] for row in cell)
    value: NDArray[np.float64] = (1 - v) * below + v * above
    return value


def boundaries(field: Field) -> NDArray[np.float64]:
    """Where the predicted class changes: line segments (n, 4) as x, y, x, y in shares 0 … 1 of the plane."""
    classes = field.shape[2]
    if classes > MOST_BLENDED:
        return _winner_boundaries(field)
    if classes == 1:
        return zero_lines(field[..., 0] - 0.5)
    if classes == 2:
        return zero_lines(field[..., 1] - field[..., 0])
    found = []
    for one in range(classes - 1):
        others = np.array(field, np.float64)
        others[..., one] = -np.inf
        # Every boundary is between two classes; it is drawn for the first of them only.
        later = others.argmax(axis=2) > one
        found.append(zero_lines(field[..., one] - others.max(axis=2), later[:-1, :-1]))
    return np.concatenate(found)


def zero_lines(height: NDArray[np.floating], cells: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Marching squares: the lines on which a surface (rows, columns) is 0, as segments (n, 4) in shares.

    cells : (rows − 1, columns − 1), where to look; everywhere if left out.
    """
    rows, columns = height.shape
    surface = np.asarray(height, np.float64)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
    across, across_at = _crossings(surface[:, :-1], surface[:, 1:])
    upward, upward_at = _crossings(surface[:-1], surface[1:])
    on_rows = np.stack([x[:, :-1] + across_at, y[:, :-1]], axis=-1)
    on_columns = np.stack([x[:-1], y[:-1] + upward_at], axis=-1)
    # The four sides of each cell: below, above, left, right.
    crossed = (across[:-1], across[1:], upward[:, :-1], upward[:, 1:])
    points = (on_rows[:-1], on_rows[1:], on_columns[:, :-1], on_columns[:, 1:])
    count = sum(side.astype(int) for side in crossed)
    if cells is not None:
        count = np.where(cells, count, 0)
    segments = []
    for one, other in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
        # In a saddle all four sides are crossed; below joins left, above joins right.
        sides = (count == 2) | ((count == 4) & ((one, other) in ((0, 2), (1, 3))))
        joined = crossed[one] & crossed[other] & sides
        segments.append(np.concatenate([points[one][joined], points[other][joined]], axis=-1))
    found = np.concatenate(segments)
    shares: NDArray[np.float64] = found / np.array([columns - 1, rows - 1, columns - 1, rows - 1])
    return shares


def _crossings(
    one: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Between neighbours: whether the sign changes, and where, as a share of the way."""
    changes = (one < 0) != (other < 0)
    difference = np.where(changes, one - other, 1.0)
    return changes, np.where(changes, one / difference, 0.0)


@cache
def _spline(points: int, fine: int) -> NDArray[np.float32]:
    """(fine, points): weights that interpolate values on `points` even places onto `fine` ones."""
    weights = np.zeros((fine, points), np.float32)
    place = np.linspace(0, points - 1, fine)
    base = np.clip(place.astype(int), 0, max(points - 2, 0))
    t = place - base
    parts = (
        -0.5 * t**3 + t**2 - 0.5 * t,
        1.5 * t**3 - 2.5 * t**2 + 1,
        -1.5 * t**3 + 2 * t**2 + 0.5 * t,
        0.5 * t**3 - 0.5 * t**2,
    )
    for offset, part in zip((-1, 0, 1, 2), parts, strict=True):
        np.add.at(weights, (np.arange(fine), np.clip(base + offset, 0, points - 1)), part)
    return weights
