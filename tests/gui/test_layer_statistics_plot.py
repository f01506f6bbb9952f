"""The plot of statistics of layers: rows that select, what is painted, correlations in words."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage

from engine.insight.layer_statistics import (
    LayerStatistics,
    LayerStatisticsQuery,
    NetworkStatistics,
    UnitCorrelations,
    UnitCorrelationsQuery,
)
from gui.core.messages import Answers
from gui.kit import theme
from gui.kit.colour_maps import neutral
from gui.kit.figures import SIZES, figure_data
from gui.kit.theme import current
from gui.panels.plots.layer_statistics import LayerStatisticsPlot
from gui.panels.plots.statistics_rows import ratio_share
from tests.engine.training.runs import dense, experiment, take, trainer
from tests.gui.hands import click
from tests.gui.plot_runs import run_of, shown_plot

LAYERS = (
    LayerStatistics(0, "Dense 1", 8, 0.25, 0.5, 0, saturated=0.5, gradient=1e-1, log_ratio=-3.0),
    LayerStatistics(1, "Dense 2", 4, 0.1, 0.2, 0, dead=3, gradient=1e-4, log_ratio=-5.0),
    LayerStatistics(2, "Dense 3", 4, math.nan, math.nan, 320, gradient=math.inf),
)
MATRIX = np.array([[1.0, -0.5, np.nan], [-0.5, 1.0, np.nan], [np.nan] * 3])


def answers(layer=0):
    found = UnitCorrelations(layer, MATRIX, 3, 80)
    results = {LayerStatisticsQuery(): NetworkStatistics(80, LAYERS), UnitCorrelationsQuery(layer): found}
    return Answers(1, 5, results)


@pytest.fixture
def plot(qtbot):
    plot = shown_plot(qtbot, LayerStatisticsPlot, run_of(), (380, 480))
    plot.refresh(answers())
    return plot


def test_rows_in_words(plot):
    assert plot.rows.describe(0) == (
        "Dense 1: mean 0.250, σ 0.500, 50.0\u202f% saturated, gradient 0.100, log₁₀ of update / weight -3.00"
    )
    assert "3 of 4 units dead" in plot.rows.describe(1)


def test_bars_are_as_long_as_their_numbers(plot):
    """Gradients on a scale of powers: 10⁻¹ fills it, 10⁻⁴ stands half a decade from its foot."""
    image = plot.rows.grab().toImage()

    def length(row, colour):
        rect = plot.rows.row_rect(row)
        y = round(rect.top() + 4 + 17 + 4)
        # Not in the last column, where a dot of the same colour stands.
        width = round(0.75 * image.width())
        return sum(image.pixelColor(x, y).name() == colour.lower() for x in range(width))

    colours = current()
    assert length(0, colours.gradient) / length(1, colours.gradient) == pytest.approx(3.5 / 0.5, rel=0.3)
    assert length(0, colours.warning) / length(1, colours.warning) == pytest.approx(0.5 / 0.75, rel=0.1)
    assert (ratio_share(-3.0), ratio_share(-9.0), ratio_share(1.0)) == (0.5, 0.0, 1.0)
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert colours.ink("error").lower() in seen, "what is not finite is said in red"


def test_a_click_or_a_key_selects_the_layer_and_asks_for_its_units(plot, qtbot):
    selection = plot.context.selection
    click(plot.rows, plot.rows.row_rect(1).center().toPoint())
    assert selection.selected.layer == 1
    assert set(plot.queries()) == {LayerStatisticsQuery(), UnitCorrelationsQuery(1)}
    qtbot.keyClick(plot.rows, Qt.Key.Key_Down)
    assert selection.selected.layer == 2
    qtbot.keyClick(plot.rows, Qt.Key.Key_Down)
    assert selection.selected.layer == 2


def test_correlations_in_colours_and_words(plot):
    area, image = plot.map.map_rect(), plot.map.grab().toImage()

    def middle(row, column):
        return QPointF(
            area.left() + (column + 0.5) * area.width() / 3, area.top() + (row + 0.5) * area.height() / 3
        )

    found = [image.pixelColor(middle(0, column).toPoint()) for column in range(3)]
    assert found[0].blue() > found[0].red()
    assert found[1].red() > found[1].blue()
    assert found[2].name() == current().line.lower() != neutral(current()).lower()
    assert plot.map.text_at(middle(0, 1)) == "Units 1 and 2: -0.500"
    assert plot.map.text_at(middle(0, 2)) == "Units 1 and 3: one never changes"
    assert plot.map.text_at(QPointF(2.0, 2.0)) == ""


def test_a_real_run_is_shown(qtbot):
    run = take(trainer(experiment([dense(6), "batch_norm", dense(5, "relu")], epochs=9)), 9)
    plot = shown_plot(qtbot, LayerStatisticsPlot, run.history, (320, 300))
    plot.refresh(Answers(1, run.step, {query: query.answer(run) for query in plot.queries()}))
    assert [layer.name for layer in plot.rows.layers] == list(run.network.names)
    assert plot.map.shown.units == 6


def test_a_figure_of_a_dark_window_is_light_and_as_wide_as_it_is_wanted(qapp, plot):
    theme.apply(qapp, "dark")
    try:
        image = QImage.fromData(figure_data(plot.figure(), "png", SIZES[1])())
    finally:
        theme.apply(qapp, "light")
    assert image.width() == 1920
    # Under the map, right of it, and at the right end of a row.
    grounds = {image.pixelColor(x, y).name() for x, y in ((1000, 1000), (1880, 500), (30, 1070))}
    assert grounds == {theme.LIGHT.surface.lower()}
    violet = [x for x in range(1920) for y in (180, 190) if image.pixelColor(x, y).name() == "#7a55c7"]
    assert max(violet, default=0) > 1100, "the columns share the width of the slide"
