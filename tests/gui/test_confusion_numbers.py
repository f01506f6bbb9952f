"""Numbers in the cells of a confusion matrix, from two classes to as many as have room for them."""

import numpy as np
import pytest
from PySide6.QtGui import QFont

from gui.kit.theme import caption_font, current
from gui.panels.evaluation.confusion_canvas import (
    ConfusionCanvas,
    cell_colour,
    cell_text,
    ink_on,
    short_count,
)


@pytest.mark.parametrize("classes", [2, 3, 10, 20])
def test_every_count_stands_in_its_cell(qtbot, classes):
    canvas = ConfusionCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(560, 520)
    counts = np.arange(1, classes * classes + 1).reshape(classes, classes)
    canvas.show_counts(counts, tuple(f"class {number}" for number in range(classes)))
    image, theme = canvas.grab().toImage(), current()
    for row in range(classes):
        for column in range(classes):
            ground = cell_colour(float(canvas.shares()[row, column]), row == column, theme)
            ink = ink_on(ground, theme).lower()
            rect = canvas.cell_rect(row, column).toRect().adjusted(1, 1, -1, -1)
            pixels = {
                image.pixelColor(x, y).name()
                for x in range(rect.left(), rect.right())
                for y in range(rect.top(), rect.bottom())
            }
            # Letters are smoothed: that there is more than the ground says that something is written.
            assert len(pixels) > 3, (row, column, ink)


@pytest.mark.parametrize(
    ("cases", "decimals", "text"),
    [(999, 1, "999"), (1234, 1, "1.2k"), (1234, 0, "1k"), (12_345, 1, "12k"), (3_400_000, 1, "3.4M")],
)
def test_large_counts_are_shortened(cases, decimals, text):
    assert short_count(cases, decimals) == text


def test_a_count_is_as_long_as_its_cell_allows(qapp):
    font = QFont(caption_font(tabular=True))
    font.setPixelSize(9)
    texts = [cell_text(123_456, font, width) for width in (60, 28, 10)]
    assert texts == ["123\u202f456", "123k", ""]
    assert [cell_text(0, font, width) for width in (60, 20)] == ["0", ""]


def test_two_hundred_classes_have_colours_and_words_at_the_pointer(qtbot):
    canvas = ConfusionCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(560, 520)
    canvas.show_counts(np.eye(200, dtype=int) * 12, tuple(f"class {number}" for number in range(200)))
    assert canvas.describe(7, 7) == "Actual class 7, predicted class 7: 12 rows, 100.0\u202f% of class 7"
    assert not canvas.grab().isNull()
