"""The histogram of reconstruction errors, and the pictures of samples beside it."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gui.kit import theme
from gui.kit.colour_maps import picture_of
from gui.panels.evaluation.regression_plots import BINS, ErrorHistogram
from tests.gui.autoencoders import shown
from tests.gui.conftest import picture

# Tooltips come to the front, which the offscreen platform cannot do.
pytestmark = [
    pytest.mark.qt_log_ignore("does not support raise", extend=True),
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),
]


@pytest.fixture
def histogram(qtbot):
    canvas = shown(ErrorHistogram(), (500, 260))
    qtbot.addWidget(canvas)
    return canvas


def test_a_bar_is_read_in_words(histogram):
    histogram.show_errors(np.array([0.05] * 3 + [1.0]), "accent")
    plot = histogram.plot()
    place = QPointF(plot.left() + plot.width() * 2.5 / BINS, plot.center().y())
    assert histogram.reading_at(place) == "0.0500 to 0.0750: 3 rows, 75.0\N{NARROW NO-BREAK SPACE}%"
    assert histogram.reading_at(QPointF(1, 1)) == ""
    assert histogram.note() == ""


def test_outliers_are_counted_and_do_not_flatten_the_rest(histogram):
    errors = np.concatenate([np.linspace(0.1, 1, 999), [500.0]])
    histogram.show_errors(errors, "validation", np.linspace(0, 1, 50))
    assert histogram.note() == "1 row beyond 1.98"
    assert (histogram.shares() > 0).sum() > 10
    picture(histogram)


@pytest.mark.parametrize("errors", [[], [0.0, 0.0], [np.nan, np.inf], [np.nan, 1.0]])
def test_odd_errors_are_no_fault(histogram, errors):
    histogram.show_errors(np.array(errors), "gradient", np.array([]))
    picture(histogram)
    assert np.isfinite(histogram.shares()).all()


def test_images_of_any_kind_become_pictures(qapp):
    grey, colour, flat = (
        np.linspace(0, 1, 12).reshape(3, 4, 1),
        np.eye(3)[:, :, None] * [1, 0, 0.5],
        np.ones((2, 2, 1)),
    )
    shown = picture_of(grey, theme.LIGHT)
    assert (shown.width(), shown.height()) == (4, 3)
    assert shown.pixelColor(3, 2).name() == theme.LIGHT.text.lower()
    assert picture_of(colour, theme.LIGHT).pixelColor(0, 0).name() == "#ff0080"
    assert picture_of(flat * np.nan, theme.LIGHT, 1, 1).pixelColor(0, 0).name() == theme.LIGHT.surface.lower()
    assert picture_of(grey, theme.DARK, -1, 1).pixelColor(3, 2).name() == theme.DARK.text.lower()
