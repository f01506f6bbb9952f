"""Colour maps: diverging, sequential, and one colour for each class; and images painted with them.

Pixels are in the order of a QImage of format RGB32: blue, green, red, unused.
"""

from functools import cache

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from gui.kit.theme import Theme, mixed

Pixels = NDArray[np.uint8]

STEPS = 256

_CLASSES = {
    "light": (
        *("#2B66D9", "#D9731A", "#23BDB0", "#B01878", "#CDB200"),
        *("#9C86F0", "#5A3612", "#47996F", "#3F1FB0", "#97601A"),
    ),
    "dark": (
        *("#6AA2FF", "#FFA04D", "#A6F0EA", "#E0357A", "#EBEB3C"),
        *("#8A5CE8", "#17D3A5", "#2C88AA", "#BC7A1C", "#B4C8F2"),
    ),
}
"""Found by a search for the largest distance in OKLab under normal, protan, deutan and tritan vision
(matrices of Machado, Oliveira & Fernandes 2009), then adjusted to the two colours of the theme."""


def class_colours(theme: Theme, count: int) -> tuple[QColor, ...]:
    """A colour for each class, told apart with colour-vision deficiencies too; repeats after ten.

    Two classes are the ends of the diverging scale, so that class 1 ("yes") is blue as a positive output is.
    """
    if count <= 2:
        return (QColor(theme.validation), QColor(theme.accent))[:count]
    table = _CLASSES[theme.name]
    return tuple(QColor(table[index % len(table)]) for index in range(count))


def neutral(theme: Theme) -> str:
    """The middle of the diverging scale: neither class, no weight."""
    return "#252A32" if theme.dark else "#F3F3F1"


@cache
def diverging(theme: Theme) -> Pixels:
    """Negative orange, neutral, positive blue."""
    middle = neutral(theme)
    stops = (
        theme.validation,
        mixed(theme.validation, middle, 0.5),
        middle,
        mixed(theme.accent, middle, 0.5),
        theme.accent,
    )
    return _table(stops)


@cache
def sequential() -> Pixels:
    """Viridis: perceptually even, and legible without colour."""
    stops = pyqtgraph.colormap.get("viridis").getLookupTable(nPts=STEPS, alpha=False)
    table = np.full((STEPS, 4), 255, np.uint8)
    table[:, :3] = stops[:, ::-1]
    return table


def diverging_pixels(values: NDArray[np.floating], theme: Theme) -> Pixels:
    """Values −1 … 1 of any shape → (…, 4) bytes; NaN is neutral."""
    return _looked_up(diverging(theme), (np.nan_to_num(values) + 1) / 2)


def sequential_pixels(shares: NDArray[np.floating]) -> Pixels:
    """Values 0 … 1 of any shape → (…, 4) bytes."""
    return _looked_up(sequential(), np.nan_to_num(shares))


def sequential_colour(share: float) -> QColor:
    """One colour of the sequential scale."""
    blue, green, red, _ = sequential()[int(np.clip(share, 0, 1) * (STEPS - 1))]
    return QColor(int(red), int(green), int(blue))


def with_alpha(colour: QColor | str, alpha: float) -> QColor:
    """The colour, partly transparent; alpha 0 … 1."""
    changed = QColor(colour)
    changed.setAlphaF(alpha)
    return changed


def _looked_up(table: Pixels, shares: NDArray[np.floating]) -> Pixels:
    """The colours of a table (STEPS, 4) at shares 0 … 1 of its length."""
    places = np.clip(shares * (STEPS - 1) + 0.5, 0, STEPS - 1).astype(np.intp)
    # Four bytes as one number: looked up ten times as fast as a row of four.
    whole = table.view(np.uint32)[:, 0].take(places)
    pixels: Pixels = whole[..., None].view(np.uint8)
    return pixels


def _table(stops: tuple[str, ...]) -> Pixels:
    colours = np.array([channels(stop) for stop in stops])
    places = np.linspace(0, 1, len(stops))
    wanted = np.linspace(0, 1, STEPS)
    columns = [np.interp(wanted, places, colours[:, channel]) for channel in range(4)]
    return np.stack(columns, axis=-1).round().astype(np.uint8)


def channels(colour: QColor | str) -> NDArray[np.float32]:
    """Blue, green, red, 255 of one colour."""
    colour = QColor(colour)
    return np.array([colour.blue(), colour.green(), colour.red(), 255], np.float32)


def image_of(pixels: Pixels) -> QImage:
    """An image of (height, width, 4) bytes, row 0 at the top; it owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def picture_of(values: NDArray[np.floating], theme: Theme, low: float = 0.0, high: float = 1.0) -> QImage:
    """Samples (height, width, channels) from `low` to `high` as a picture.

    Three channels are colours; any other number is paper and ink, by their mean.
    """
    shares = np.clip((np.nan_to_num(values) - low) / ((high - low) or 1.0), 0, 1)
    if shares.shape[2] == 3:
        pixels = np.full((*shares.shape[:2], 4), 255.0)
        pixels[..., :3] = 255 * shares[..., ::-1]
    else:
        paper, ink = channels(theme.surface), channels(theme.text)
        pixels = paper + (ink - paper) * shares.mean(axis=2)[..., None]
    return image_of(pixels.round().astype(np.uint8))


def empty_layer(size: QSize, scale: float, ground: QColor | None = None) -> QImage:
    """A picture of a size in the widget's pixels, on a ground or transparent.

    scale : device pixels per pixel. An image rather than a pixmap, which has no more colours than the screen.
    """
    opaque, clear = QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied
    layer = QImage(size * scale, opaque if ground is not None else clear)
    layer.setDevicePixelRatio(scale)
    layer.fill(ground if ground is not None else Qt.GlobalColor.transparent)
    return layer
