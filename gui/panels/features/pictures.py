"""Arrays as pictures: filters, feature maps, and maps over an image, each with a scale that is stated."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.arrays import Array
from engine.insight.feature_maps import FilterKind
from gui.kit.colour_maps import channels, diverging_pixels, image_of, sequential_pixels
from gui.kit.numbers import reading_text
from gui.kit.theme import Theme, caption_font, current, scaled

BAR_WIDTH, BAR_HEIGHT = 64, 10
PALE = 0.25
"""How much of the ink of an image is left under a map."""


def filter_picture(values: Array, largest: float, of: FilterKind, theme: Theme) -> QImage:
    """One filter (height, width, inputs), −largest to largest: in colour, or each input in its own square."""
    scaled_values = values / (largest or 1.0)
    if of == "colour":
        pixels = np.full((*values.shape[:2], 4), 255.0)
        pixels[..., :3] = 255 * (0.5 + 0.5 * np.clip(np.nan_to_num(scaled_values), -1, 1))[..., ::-1]
        return image_of(pixels.round().astype(np.uint8))
    height, width, inputs = values.shape
    across = math.ceil(math.sqrt(inputs * height / width)) if inputs > 1 else 1
    across = min(max(across, 1), inputs)
    down, gap = -(-inputs // across), int(inputs > 1)
    tall, wide = down * (height + gap) - gap, across * (width + gap) - gap
    mosaic = np.empty((tall, wide, 4), np.uint8)
    mosaic[...] = channels(theme.page).astype(np.uint8)
    for place in range(inputs):
        top, left = place // across * (height + gap), place % across * (width + gap)
        mosaic[top : top + height, left : left + width] = diverging_pixels(scaled_values[..., place], theme)
    return image_of(mosaic)


def filter_size(height: int, width: int, inputs: int, of: FilterKind) -> tuple[int, int]:
    """Height and width of the picture of a filter."""
    if of == "colour" or inputs == 1:
        return height, width
    across = min(max(math.ceil(math.sqrt(inputs * height / width)), 1), inputs)
    return -(-inputs // across) * (height + 1) - 1, across * (width + 1) - 1


def map_pixels(values: Array, low: float, high: float, theme: Theme) -> NDArray[np.uint8]:
    """Activations from `low` to `high`: from 0 on a sequential scale, else around 0 on a diverging one."""
    if low >= 0:
        return sequential_pixels(values / (high or 1.0))
    return diverging_pixels(values / (max(-low, high) or 1.0), theme)


def overlay_picture(
    image: Array, brightness: tuple[float, float], values: NDArray[np.floating], theme: Theme
) -> QImage:
    """A map (height, width) of −1 to 1 over a pale image (height, width, channels)."""
    low, high = brightness
    shares = np.clip((np.nan_to_num(image).mean(axis=2) - low) / ((high - low) or 1.0), 0, 1)
    paper, ink = channels(theme.surface), channels(theme.text)
    below = paper + (ink - paper) * PALE * shares[..., None]
    strength = np.clip(np.abs(np.nan_to_num(values)), 0, 1)[..., None]
    pure = np.where(values[..., None] < 0, channels(theme.validation), channels(theme.accent))
    return image_of((below + (pure - below) * strength).round().astype(np.uint8))


def strongest(values: Array) -> Array:
    """Of each pixel (height, width, channels) the channel that is largest in magnitude, (height, width)."""
    if values.shape[2] == 1:
        return values[..., 0]
    where = np.abs(np.nan_to_num(values)).argmax(axis=2)[..., None]
    found: Array = np.take_along_axis(values, where, axis=2)[..., 0]
    return found


class ScaleBar(QWidget):
    """The colours of a scale between the two numbers at its ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = 0.0, 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_range(self, low: float, high: float) -> None:
        """low 0: a sequential scale; else a diverging one, from −high to high."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self.setAccessibleName(f"{reading_text(low)} … {reading_text(high)}" if low != high else "")
            self.updateGeometry()
            self.update()

    def _texts(self) -> tuple[str, str]:
        return reading_text(self._low), reading_text(self._high)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(caption_font(tabular=True))
        words = sum(metrics.horizontalAdvance(text) for text in self._texts())
        return QSize(int(words) + scaled(BAR_WIDTH) + 14, scaled(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, font = current(), caption_font(tabular=True)
        metrics = QFontMetricsF(font)
        left, right = self._texts()
        painter = QPainter(self)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        area = QRectF(self.rect())
        centre = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(area, centre, left)
        start = metrics.horizontalAdvance(left) + 6
        bar = QRectF(start, (self.height() - scaled(BAR_HEIGHT)) / 2, scaled(BAR_WIDTH), scaled(BAR_HEIGHT))
        if self._low < 0:
            ramp = diverging_pixels(np.linspace(-1, 1, 64)[None, :], theme)
        else:
            ramp = sequential_pixels(np.linspace(0, 1, 64)[None, :])
        painter.drawImage(bar, image_of(ramp))
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawRect(bar)
        painter.setPen(QColor(theme.muted))
        painter.drawText(area.adjusted(bar.right() + 6, 0, 0, 0), centre, right)
        painter.end()
