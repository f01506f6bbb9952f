"""Arrays as pictures: pixels in the order of a QImage of format RGB32 (blue, green, red, unused)."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from gui.kit.theme import Theme

Pixels = NDArray[np.uint8]


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
