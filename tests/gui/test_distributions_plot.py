"""The plot of distributions: which quantity and view, the outline of the start, the run over time."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

from engine.insight.distributions import (
    DistributionRecord,
    DistributionsQuery,
    HistogramsQuery,
    LayerHistogram,
    Snapshot,
    histogram,
)
from engine.progress import Progress
from gui.core.messages import Answers
from gui.kit.theme import current
from gui.panels.plots.over_time import Moment, common_range, density, evenly_chosen, upright_range
from gui.panels.plots.weight_histograms import WeightHistogramsPlot
from tests.engine.training.runs import dense, experiment, take, trainer
from tests.gui.hands import click
from tests.gui.plot_runs import run_of, shown_plot


def answers_of(*values, what="weights"):
    """The last of them as it is now, all of them at steps 10 apart."""
    layers = [(LayerHistogram(0, "Dense 1", histogram(np.asarray(each))),) for each in values]
    snapshots = tuple(Snapshot(10 * number, float(number), layer) for number, layer in enumerate(layers))
    return Answers(1, 40, {HistogramsQuery(what): layers[-1], DistributionsQuery(what): snapshots})


def picture(plot):
    return plot.rows.grab().toImage()


def colours(image):
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def holds(image, name):
    """Whether a colour is there, up to what a display of 16 bits makes of it."""
    wanted = QColor(name).toTuple()[:3]
    found = (QColor(one).toTuple()[:3] for one in colours(image))
    return any(max(abs(a - b) for a, b in zip(wanted, one, strict=True)) <= 8 for one in found)


@pytest.fixture
def plot(qtbot):
    return shown_plot(qtbot, WeightHistogramsPlot, run_of())


def test_the_start_is_an_outline_behind_the_bars_of_now(plot):
    rng = np.random.default_rng(0)
    plot.refresh(answers_of(rng.normal(size=3000) + 1.5, rng.normal(size=3000) * 0.3))
    assert holds(picture(plot), current().muted)
    assert [moment.epoch for moment in plot.rows.histories["Dense 1"]] == [0.0, 1.0]


@pytest.mark.parametrize("view", ["ridges", "bands"])
def test_what_is_not_finite_is_red_over_time(plot, view):
    rng = np.random.default_rng(0)
    good, bad = rng.normal(size=500), np.append(rng.normal(size=500), np.nan)
    plot.refresh(answers_of(good, good, good))
    plot.show_view(view)
    assert not holds(picture(plot), current().error)
    plot.refresh(answers_of(good, bad, good))
    assert holds(picture(plot), current().error)
    # A run all of whose values went is drawn up to there.
    plot.refresh(answers_of(good, np.full(5, np.nan), np.full(5, np.inf)))
    assert holds(picture(plot), current().error)


def test_the_menu_offers_five_quantities_and_three_views(plot):
    actions = plot.menu().actions()
    titles = [action.text() for action in actions]
    assert titles[:5] == ["Weights", "Biases", "Gradients", "Activations", "Updates"]
    assert [title.partition(":")[0] for title in titles[6:9]] == ["Bars", "Ridges", "Bands"]
    actions[3].trigger()
    assert set(plot.queries()) == {HistogramsQuery("activations"), DistributionsQuery("activations")}
    plot.refresh(answers_of(np.linspace(0, 1, 50), what="activations"))
    assert plot.title.title == "Activations"


def test_a_click_on_a_row_selects_the_layer(plot):
    plot.refresh(answers_of(np.linspace(-1, 1, 50)))
    click(plot.rows, QPoint(100, 30))
    assert plot.context.selection.selected.layer == 0


def test_the_table_over_time_has_the_quantiles(plot, tmp_path):
    plot.refresh(answers_of(np.arange(101.0), np.arange(201.0)))
    plot.show_view("bands")
    path = tmp_path / "weights.csv"
    plot.writing(path)(Progress())
    head, first, second = path.read_text().splitlines()
    assert head.split(",")[:5] == ["layer", "step", "epoch", "quantile 0", "quantile 0.02"]
    assert [float(value) for value in first.split(",")[1:]] == [0, 0, 0, 2, 25, 50, 75, 98, 100, 0]
    assert float(second.split(",")[6]) == 100.0


def test_what_is_shown_over_time_has_the_first_and_the_last():
    moments = [Moment(float(epoch), histogram(np.ones(3) * epoch)) for epoch in range(1, 101)]
    chosen = evenly_chosen(moments, 7)
    assert len(chosen) == 7
    assert (chosen[0], chosen[-1]) == (moments[0], moments[-1])
    assert np.diff([moment.epoch for moment in chosen]) == pytest.approx(16.5, abs=1)


def test_densities_of_other_bins_are_comparable():
    values = np.random.default_rng(0).normal(size=5000)
    found = histogram(values)
    total = float((density(found) * np.diff(found.edges)).sum())
    assert total == pytest.approx(1 - (found.below + found.above) / 5000)
    assert common_range([Moment(0.0, found)]) == (found.edges[0], found.edges[-1])


def test_one_wild_step_does_not_flatten_the_bands():
    moments = [Moment(float(n), histogram(np.random.default_rng(n).normal(size=500))) for n in range(60)]
    moments[30] = Moment(30.0, histogram(np.random.default_rng(0).normal(size=500) * 1e6))
    low, high = upright_range(moments)
    assert -10 < low < -2
    assert 2 < high < 10


@pytest.mark.parametrize("what", ["weights", "biases", "gradients", "activations", "updates"])
@pytest.mark.parametrize("view", ["bars", "ridges", "bands"])
def test_every_quantity_of_a_real_run_is_drawn_in_every_view(plot, what, view):
    run, now = trainer(experiment([dense(6, "relu"), "batch_norm", dense(5)], epochs=9)), [0.0]
    record = DistributionRecord(lambda: now[0])
    for _ in range(4):
        record.observe(run)
        take(run, 3)
        now[0] += 1.0
    snapshots = record.snapshots(what)
    results = {HistogramsQuery(what): snapshots[-1].layers, DistributionsQuery(what): snapshots}
    plot.show_what(what)
    plot.refresh(Answers(1, run.step, results))
    plot.show_view(view)
    assert not plot.sentence
    assert len(colours(picture(plot))) > 4
