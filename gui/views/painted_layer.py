"""Pictures that a canvas paints once and shows often."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage


def empty_layer(size: QSize, scale: float, ground: QColor | None = None) -> QImage:
    """A picture of a size in the widget's pixels, on a ground or transparent.

    scale : device pixels per pixel. An image rather than a pixmap, which has no more colours than the screen.
    """
    opaque, clear = QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied
    layer = QImage(size * scale, opaque if ground is not None else clear)
    layer.setDevicePixelRatio(scale)
    layer.fill(ground if ground is not None else Qt.GlobalColor.transparent)
    return layer
