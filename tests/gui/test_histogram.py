"""Bars of a histogram: which bin holds a value, and where a bar is painted."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from gui.kit.plot_parts import bin_at, paint_bars

EDGES = np.array([0.0, 0.5, 1.0, 2.0])
RED, BLUE = QColor("#ff0000"), QColor("#0000ff")


@pytest.mark.parametrize(
    ("value", "found"),
    [(-0.1, None), (0.0, 0), (0.49, 0), (0.5, 1), (1.99, 2), (2.0, 2), (2.1, None), (np.nan, None)],
)
def test_a_value_is_in_the_bin_that_begins_at_or_before_it(value, found):
    assert bin_at(EDGES, value) == found


def painted(heights, **more) -> QImage:
    """Four bars over 40 × 10 pixels."""
    image = QImage(40, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    paint_bars(painter, QRectF(0, 0, 40, 10), np.linspace(0, 1, 5), np.array(heights), RED, **more)
    painter.end()
    return image


def test_bars_stand_on_the_lower_edge_a_pixel_apart(qapp):
    image = painted([0.0, 0.5, 1.0, 0.001])
    column = {x: [image.pixelColor(x, y) == RED for y in range(10)].count(True) for x in (5, 15, 19, 25, 35)}
    # Nothing in the first bin; the gap is the last pixel of a bar; what is little is seen all the same.
    assert column == {5: 0, 15: 5, 19: 0, 25: 10, 35: 1}
    assert image.pixelColor(15, 9) == RED


def test_left_of_zero_bars_have_another_colour_and_one_across_it_has_both(qapp):
    image = painted([1.0, 1.0, 1.0, 1.0], left_of_zero=(0.375, BLUE))
    assert [image.pixelColor(x, 5) for x in (5, 12, 17, 25)] == [BLUE, BLUE, RED, RED]
