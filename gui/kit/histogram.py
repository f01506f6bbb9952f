"""The bars of a histogram, painted by hand: rectangles are all they are.

As pyqtgraph items forty histograms would take ten times as long, and each would need its own axes.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath

Numbers = NDArray[np.float64]


def bin_at(edges: Numbers, value: float) -> int | None:
    """The index of the bin that holds a value; None beyond the first and the last edge."""
    found = int(np.searchsorted(edges, value, side="right")) - 1
    if value == edges[-1]:
        found = len(edges) - 2
    return found if 0 <= found < len(edges) - 1 else None


def paint_bars(
    painter: QPainter,
    area: QRectF,
    edges: Numbers,
    heights: Numbers,
    colour: QColor,
    left_of_zero: tuple[float, QColor] | None = None,
) -> None:
    """Paint bars that stand on the lower edge of an area.

    edges : (bins + 1,), where the bars begin and end, as fractions of the area's width.
    heights : (bins,), fractions of its height; what is not 0 is at least a pixel high.
    left_of_zero : where 0 lies, as a fraction of the width, and the colour of bars left of it.
    """
    # Whole pixels: bars stay crisp, and the gaps between them even.
    places = np.round(area.left() + edges * area.width()).astype(int).tolist()
    fraction, negative = left_of_zero or (0.0, colour)
    zero = round(area.left() + fraction * area.width())
    bottom = round(area.bottom())
    for left, end, height in zip(places[:-1], places[1:], (heights * area.height()).tolist(), strict=True):
        if height <= 0:
            continue
        top = bottom - max(round(height), 1)
        right = max(end - 1, left + 1) if end - left > 2 else end
        if left < zero < right:
            painter.fillRect(left, top, zero - left, bottom - top, negative)
            painter.fillRect(zero, top, right - zero, bottom - top, colour)
        else:
            painter.fillRect(left, top, right - left, bottom - top, negative if right <= zero else colour)


def outline(area: QRectF, heights: Numbers) -> QPainterPath:
    """The upper edge of bars of one width and these heights, as fractions of the area's."""
    path, width = QPainterPath(area.bottomLeft()), area.width() / len(heights)
    for place, height in enumerate(heights.tolist()):
        top = area.bottom() - height * area.height()
        path.lineTo(area.left() + place * width, top)
        path.lineTo(area.left() + (place + 1) * width, top)
    path.lineTo(area.bottomRight())
    return path
