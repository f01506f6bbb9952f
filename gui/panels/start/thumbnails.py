"""Small pictures for the ready experiments, painted from simple formulae in the colours of the theme.

Each picture is a field of predictions with points on it, as the decision map will show them; digits and
tables are drawn as what they are.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from engine.data.sources.base import Source
from engine.data.sources.bundled import BreastCancer, Diabetes, Digits, Iris, Wine
from engine.data.sources.csv_file import CSVFile
from engine.data.sources.mnist import MNIST
from engine.data.sources.two_dimensional import XOR, Bumps, Circle, Gaussians, Moons, Plane, Spiral
from engine.settings import kind_of
from gui.kit.colour_maps import (
    channels,
    class_colours,
    diverging_pixels,
    image_of,
    neutral,
    sequential_pixels,
)
from gui.kit.theme import RADIUS, Theme, mixed

Values = NDArray[np.float64]
Field = Callable[[Values, Values], Values]
GRID = (60, 108)
"""Rows and columns of the picture behind the points."""
WIDE, HIGH = 1.8, 1.0
"""Half the width and height of the plane that a picture shows."""


def paint_thumbnail(painter: QPainter, rect: QRectF, kind: str, theme: Theme) -> None:
    """The picture of a kind; an unknown kind gets the picture of a table."""
    painter.save()
    outline = QPainterPath()
    outline.addRoundedRect(rect, RADIUS, RADIUS)
    painter.setClipPath(outline)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    PAINTERS.get(kind, _table)(painter, rect, theme)
    painter.restore()


def _plane() -> tuple[Values, Values]:
    y, x = np.mgrid[HIGH : -HIGH : GRID[0] * 1j, -WIDE : WIDE : GRID[1] * 1j]
    return x, y


def _two_classes(field: Field, points: Callable[[np.random.Generator], tuple[Values, Values]]) -> "Painter":
    """Predictions −1 … 1 and points (n, 2) with their class 0 or 1."""

    def paint(painter: QPainter, rect: QRectF, theme: Theme) -> None:
        painter.drawImage(rect, image_of(diverging_pixels(np.tanh(field(*_plane())) * 0.55, theme)))
        places, classes = points(np.random.default_rng(7))
        _points(painter, rect, places, [class_colours(theme, 2)[int(each)] for each in classes], theme)

    return paint


def _classes(centres: Values, spread: float, each: int) -> "Painter":
    """Clusters of several classes, and the soft regions around their centres."""

    def paint(painter: QPainter, rect: QRectF, theme: Theme) -> None:
        x, y = _plane()
        colours = class_colours(theme, len(centres))
        distances = np.stack([np.hypot(x - a, y - b) for a, b in centres], axis=-1)
        shares = np.exp(-distances * 5)
        shares /= shares.sum(axis=-1, keepdims=True)
        middle = channels(neutral(theme))
        blended = middle + (shares @ np.array([channels(colour) for colour in colours]) - middle) * 0.4
        painter.drawImage(rect, image_of(blended.astype(np.uint8)))
        random = np.random.default_rng(3)
        places = np.concatenate([centre + random.normal(0, spread, (each, 2)) for centre in centres])
        _points(painter, rect, places, [colours[i // each] for i in range(len(places))], theme)

    return paint


def _surface(field: Field) -> "Painter":
    """A number over the plane, and points that have it."""

    def paint(painter: QPainter, rect: QRectF, theme: Theme) -> None:
        heights = field(*_plane())
        low, span = heights.min(), np.ptp(heights)
        middle = channels(neutral(theme))
        ground = middle + (sequential_pixels((heights - low) / span) - middle) * 0.75
        painter.drawImage(rect, image_of(ground.astype(np.uint8)))
        random = np.random.default_rng(5)
        places = random.uniform((-WIDE, -HIGH), (WIDE, HIGH), (36, 2))
        shares = (field(places[:, 0], places[:, 1]) - low) / span
        pixels = sequential_pixels(shares)
        _points(painter, rect, places, [QColor(int(r), int(g), int(b)) for b, g, r, _ in pixels], theme)

    return paint


def _points(painter: QPainter, rect: QRectF, places: Values, colours: list[QColor], theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.surface), 1))
    for (x, y), colour in zip(places.tolist(), colours, strict=True):
        painter.setBrush(colour)
        painter.drawEllipse(_at(rect, x, y), 2.75, 2.75)


def _at(rect: QRectF, x: float, y: float) -> QPointF:
    half_width, half_height = rect.width() / 2, rect.height() / 2
    return rect.center() + QPointF(x / WIDE * half_width, -y / HIGH * half_height)


def _spiral_points(random: np.random.Generator) -> tuple[Values, Values]:
    t = np.tile(np.linspace(0.12, 1, 30), 2)
    classes = np.repeat([0.0, 1.0], 30)
    angle = 5.2 * t + np.pi * classes
    places = 0.9 * t[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return places + random.normal(0, 0.02, places.shape), classes


def _spiral_field(x: Values, y: Values) -> Values:
    radius = np.hypot(x, y)
    field: Values = -4 * np.cos(np.arctan2(y, x) - 5.2 * radius / 0.9) * np.clip(radius * 2, 0, 1)
    return field


def _circle_points(random: np.random.Generator) -> tuple[Values, Values]:
    classes = np.repeat([0.0, 1.0], 32)
    radius = np.where(classes == 1, 0.42 * np.sqrt(random.random(64)), random.uniform(0.68, 0.9, 64))
    angle = random.uniform(0, 2 * np.pi, 64)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1), classes


def _gaussian_points(random: np.random.Generator) -> tuple[Values, Values]:
    classes = np.repeat([0.0, 1.0], 32)
    centres = np.where(classes == 1, 1, -1)[:, None] * np.array([0.7, 0.3])
    return centres + random.normal(0, 0.26, (64, 2)), classes


def _xor_points(random: np.random.Generator) -> tuple[Values, Values]:
    places = random.uniform(-0.85, 0.85, (64, 2)) * (1.5, 1)
    places += np.sign(places) * 0.08
    return places, (places.prod(axis=1) > 0).astype(float)


def _moon_points(random: np.random.Generator) -> tuple[Values, Values]:
    angle = np.tile(np.linspace(0.1, np.pi - 0.1, 30), 2)
    classes = np.repeat([0.0, 1.0], 30)
    x = np.where(classes == 0, np.cos(angle) - 0.5, 0.5 - np.cos(angle))
    y = np.where(classes == 0, np.sin(angle) - 0.25, 0.25 - np.sin(angle))
    return np.stack([x * 0.9, y * 0.9], axis=-1) + random.normal(0, 0.05, (60, 2)), classes


def _overlap_points(random: np.random.Generator) -> tuple[Values, Values]:
    classes = np.repeat([0.0, 1.0], 36)
    x = np.where(classes == 1, random.normal(-0.75, 0.3, 72), random.normal(0.55, 0.45, 72))
    y = 0.45 * x + random.normal(0, 0.27, 72)
    return np.stack([x, y], axis=-1), classes


_DIGITS = (
    (" ### ", "#   #", "#   #", "#   #", "#   #", "#   #", " ### "),
    ("  #  ", " ##  ", "  #  ", "  #  ", "  #  ", "  #  ", " ### "),
    (" ### ", "#   #", "    #", "  ## ", " #   ", "#    ", "#####"),
    (" ### ", "#   #", "    #", "  ## ", "    #", "#   #", " ### "),
    ("   # ", "  ## ", " # # ", "#  # ", "#####", "   # ", "   # "),
    ("#####", "#    ", "#### ", "    #", "    #", "#   #", " ### "),
    ("  ## ", " #   ", "#    ", "#### ", "#   #", "#   #", " ### "),
    ("#####", "    #", "   # ", "   # ", "  #  ", "  #  ", "  #  "),
    (" ### ", "#   #", "#   #", " ### ", "#   #", "#   #", " ### "),
    (" ### ", "#   #", "#   #", " ####", "    #", "   # ", " ##  "),
)


def _digits(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Ten small grey pictures of 8 × 8, as in the data set."""
    painter.fillRect(rect, QColor(neutral(theme)))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    _ten_digits(painter, rect, (theme.surface, theme.text))


def _white_digits(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """The same in white on black, and finer: as MNIST looks."""
    painter.fillRect(rect, QColor(neutral(theme)))
    _ten_digits(painter, rect, ("#000000", "#ffffff"))


def _ten_digits(painter: QPainter, rect: QRectF, colours: tuple[str, str]) -> None:
    """Ten pictures in two rows, in the colours of paper and ink."""
    size = min(rect.width() / 5.7, rect.height() / 2.4)
    gap = size * 0.12
    left = rect.center().x() - 2.5 * size - 2 * gap
    top = rect.center().y() - size - gap / 2
    ground, ink = (channels(colour) for colour in colours)
    random = np.random.default_rng(2)
    for digit, rows in enumerate(_DIGITS):
        cells = np.zeros((8, 8))
        cells[:7, 1:6] = [[mark == "#" for mark in row] for row in rows]
        # A little of each neighbour, as a pen leaves and a scanner sees.
        soft = 0.78 * cells + 0.16 * np.roll(cells, 1, 1) + 0.12 * np.roll(cells, 1, 0)
        soft = np.clip(soft * random.uniform(0.8, 1.1, (8, 8)), 0, 1)[..., None]
        place = QRectF(left + digit % 5 * (size + gap), top + digit // 5 * (size + gap), size, size)
        painter.drawImage(place, image_of((ground + (ink - ground) * soft).astype(np.uint8)))


def _there_and_back(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Digits on the left, a few numbers in the middle, and on the right the digits that come back."""
    painter.fillRect(rect, QColor(neutral(theme)))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    size = rect.height() * 0.36
    paper, ink = (channels(colour) for colour in (theme.surface, theme.text))
    columns = [[_at(rect, x, y) for y in ys] for x, ys in _FUNNEL]
    painter.setPen(QPen(QColor(mixed(theme.accent, neutral(theme), 0.55)), 1))
    for before, after in pairwise(columns):
        for start in before:
            for end in after:
                painter.drawLine(start, end)
    for digit, y in ((3, 0.45), (8, -0.45)):
        cells = np.zeros((8, 8))
        cells[:7, 1:6] = [[mark == "#" for mark in row] for row in _DIGITS[digit]]
        spread = sum(np.roll(cells, step, axis) for step in (-1, 1) for axis in (0, 1)) / 4
        for x, strength in ((-1.3, cells), (1.3, 0.6 * cells + 0.4 * spread)):
            place = QRectF(0, 0, size, size)
            place.moveCenter(_at(rect, x, y))
            pixels = paper + (ink - paper) * (0.85 * strength)[..., None]
            painter.drawImage(place, image_of(pixels.astype(np.uint8)))
    painter.setPen(QPen(QColor(theme.surface), 1))
    painter.setBrush(QColor(theme.accent))
    for node in (node for column in columns for node in column):
        painter.drawEllipse(node, 4, 4)


_FUNNEL = (
    (-0.65, (0.6, 0.2, -0.2, -0.6)),
    (0.0, (0.2, -0.2)),
    (0.65, (0.6, 0.2, -0.2, -0.6)),
)
"""Places of units: x, and the y of each."""


def _curve(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Noisy points and the fitted curve through them."""
    painter.fillRect(rect, QColor(neutral(theme)))
    x = np.linspace(-WIDE, WIDE, 80)
    y = 0.35 * x + 0.22 * np.sin(2.4 * x)
    random = np.random.default_rng(11)
    chosen = random.uniform(-1.65, 1.65, 54)
    scattered = 0.35 * chosen + 0.22 * np.sin(2.4 * chosen) + random.normal(0, 0.2, 54)
    colour = QColor(mixed(theme.accent, neutral(theme), 0.35))
    _points(painter, rect, np.stack([chosen, scattered], axis=-1), [colour] * 54, theme)
    path = QPainterPath(_at(rect, x[0], y[0]))
    for place in zip(x[1:].tolist(), y[1:].tolist(), strict=True):
        path.lineTo(_at(rect, *place))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.validation), 2.5))
    painter.drawPath(path)


def _table(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Rows and columns, the target column in the accent colour."""
    painter.fillRect(rect, QColor(neutral(theme)))
    random = np.random.default_rng(4)
    columns, rows = 5, 6
    cell, high = rect.width() * 0.84 / columns, rect.height() * 0.8 / rows
    painter.setPen(Qt.PenStyle.NoPen)
    for row in range(rows):
        for column in range(columns):
            strength = 0.75 if row == 0 else 0.3
            colour = theme.accent if column == columns - 1 else theme.muted
            painter.setBrush(QColor(mixed(neutral(theme), colour, strength)))
            width = cell * (0.8 if row == 0 else random.uniform(0.4, 0.8))
            x = rect.left() + rect.width() * 0.08 + column * cell
            y = rect.top() + rect.height() * 0.1 + row * high
            painter.drawRoundedRect(QRectF(x, y + high * 0.22, width, high * 0.5), 2, 2)


Painter = Callable[[QPainter, QRectF, Theme], None]
_BY_SOURCE: Mapping[type[Source], Painter] = {
    Spiral: _two_classes(_spiral_field, _spiral_points),
    Circle: _two_classes(lambda x, y: 9 * (0.55 - np.hypot(x, y)), _circle_points),
    Gaussians: _two_classes(lambda x, y: 3 * (x + 0.4 * y), _gaussian_points),
    XOR: _two_classes(lambda x, y: 9 * x * y, _xor_points),
    Moons: _two_classes(lambda x, y: -5 * (y - 0.45 * np.sin(2.6 * x - np.pi)), _moon_points),
    BreastCancer: _two_classes(lambda x, y: -3 * (x + 0.25 * y + 0.1), _overlap_points),
    Iris: _classes(np.array([(-1.05, -0.35), (0.25, 0.0), (0.95, 0.5)]), 0.17, 20),
    Wine: _classes(np.array([(-0.95, 0.3), (0.05, -0.5), (0.95, 0.35)]), 0.2, 20),
    Plane: _surface(lambda x, y: 0.8 * x + y),
    Bumps: _surface(lambda x, y: np.sin(2.6 * x) * np.cos(2.6 * y)),
    Digits: _digits,
    MNIST: _white_digits,
    Diabetes: _curve,
    CSVFile: _table,
}
PAINTERS: Mapping[str, Painter] = {
    **{kind_of(source): painter for source, painter in _BY_SOURCE.items()},
    "autoencoder": _there_and_back,
}
"""By the kind of data source that the experiment reads, or by what it does with it."""
