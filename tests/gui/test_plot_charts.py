"""Charts of a run: they show the recorded numbers, keep words apart, and follow run and hand."""

from functools import partial

import numpy as np
import pytest

from gui.panels.plots.chart import Chart
from gui.panels.plots.line_plots import GradientNormPlot, LossPlot, MetricsPlot, UpdateRatioPlot
from tests.gui.conftest import picture
from tests.gui.plot_hands import point_at, turn_wheel
from tests.gui.plot_runs import run_of, shown_plot, train


@pytest.fixture
def show(qtbot):
    return partial(shown_plot, qtbot)


def curve(plot: Chart, title: str):
    return next(item for item in plot.items if item.line.title == title)


# --- numbers ------------------------------------------------------------


def test_a_short_run_is_drawn_point_by_point(show):
    history = run_of()
    plot = show(LossPlot, history)
    x, y = curve(plot, "training").shown()
    assert x.tolist() == history.steps.read("epoch").tolist()
    assert y.tolist() == history.steps.read("loss").tolist()
    assert curve(plot, "validation").shown()[1].tolist() == history.epochs.read("validation_loss").tolist()


def test_a_long_run_is_drawn_as_extremes_and_means(show):
    history = run_of(epochs=40, steps_per_epoch=100)
    plot = show(LossPlot, history)
    item = curve(plot, "training")
    faint_x, faint_y = item.faint_shown()
    assert faint_y.max() == 1.0
    assert faint_y[-1] == history.steps.read("loss")[-1]
    assert len(item.shown()[0]) <= 100
    assert len(faint_x) <= 700


def test_new_steps_appear_with_the_next_refresh(show):
    history = run_of()
    plot = show(LossPlot, history)
    train(history, 2, 4)
    plot.refresh(None)
    assert curve(plot, "training").shown()[0][-1] == 5.0
    low, high = plot.canvas.pane.x_range
    assert low == 0.0
    assert high >= 5.0


def test_another_run_starts_the_plot_anew(show):
    plot = show(LossPlot, run_of(epochs=9))
    plot.zoom.frame((1.0, 2.0), None)
    plot.show_history(run_of(epochs=2))
    assert curve(plot, "training").shown()[0][-1] == 2.0
    assert not plot.zoom.active


def test_what_is_drawn_stands_where_the_axis_says(show):
    history = run_of()
    plot = show(LossPlot, history)
    item, pane = curve(plot, "training"), plot.canvas.pane
    low, high = pane.y_range
    assert item.curve.xData.tolist() == history.steps.read("epoch").tolist()
    assert np.allclose(low + item.curve.yData * (high - low), history.steps.read("loss"))
    place = pane.place(1.5, 0.25)
    assert np.allclose(pane.value(place), (1.5, 0.25))
    top = next(tick for tick in plot.canvas.left.ticks() if tick.text == "1.0")
    assert pane.place(0.0, top.position).y() == pytest.approx(pane.place(0.25, 1.0).y())


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("value", [1e38, 1.7e308, -1e300, 1e-30, 5e-324, 0.0, 7.0])
def test_no_number_is_too_large_or_too_small_for_a_chart(show, value, logarithmic):
    history = run_of()
    for at in (3.1, 3.2, 3.3):
        history.steps.append([at, value, value, value, value, np.nan, 1, 1, 1, 1])
    plot = show(LossPlot, history)
    plot.log_action.setChecked(logarithmic)
    plot.reader.step(1)
    turn_wheel(plot, 1.0)
    assert not picture(plot).isNull()
    low, high = plot.canvas.pane.y_range
    assert np.isfinite(high - low)
    assert high > low


def test_on_a_logarithmic_scale_powers_of_ten_are_drawn(show):
    history = run_of()
    plot = show(GradientNormPlot, history)
    assert np.allclose(10 ** curve(plot, "Output").shown()[1], history.steps.read("gradient_norm/2"))
    plot.log_action.trigger()
    assert curve(plot, "Output").shown()[1].tolist() == history.steps.read("gradient_norm/2").tolist()


def test_values_that_are_not_finite_break_the_line_and_are_counted(show):
    history = run_of()
    history.steps.append([3.1, np.nan, 0, 0.01, np.inf, np.nan, 1, 1, 1, 1])
    history.steps.append([3.2, 0.25, 0, 0.01, 1, np.nan, 1, 1, 1, 1])
    plot = show(LossPlot, history)
    _, y = curve(plot, "training").shown()
    assert np.flatnonzero(np.isnan(y)).tolist() == [12]
    assert "1 value is not finite" in plot.notes
    # The value behind the gap has no neighbour, so it is drawn as a point.
    assert [(p.x, p.y) for p in plot.annotations.points if not p.ring] == [(3.2, 0.25)]
    assert plot.canvas.pane.y_range[1] < 2.0


def test_zero_has_no_place_on_a_logarithmic_scale_and_the_plot_says_so(show):
    history = run_of()
    history.steps.append([3.1, 0.0, 0, 0.01, 1, np.nan, 1, 1, 1, 1])
    plot = show(LossPlot, history)
    assert plot.notes == ""
    plot.log_action.trigger()
    assert "0 or below" in plot.notes


def test_without_validation_data_there_is_no_such_line_in_the_legend(show):
    plot = show(LossPlot, run_of(validation=False))
    assert [entry.text for entry in plot.title.entries] == ["training"]
    assert "finite" not in plot.notes


def test_the_penalty_is_named_where_there_is_one(show):
    assert show(LossPlot, run_of()).notes == ""
    assert "without the penalty of 0.0120" in show(LossPlot, run_of(penalty=0.012)).notes


def test_the_axis_stays_in_sight_when_a_note_takes_room_above_it(show):
    canvas = show(LossPlot, run_of(penalty=0.012)).canvas
    axis = canvas.bottom
    assert (
        canvas.mapFromScene(axis.mapRectToScene(axis.rect())).boundingRect().bottom() <= canvas.height() + 1
    )


def test_the_best_validation_loss_is_ringed(show):
    history = run_of(epochs=5)
    plot = show(LossPlot, history)
    (ring,) = [point for point in plot.annotations.points if point.ring]
    assert (ring.x, ring.y) == (2.0, 0.5)
    assert ring.ring == "best 0.500"


def test_the_read_out_tells_the_recorded_numbers(show):
    history = run_of()
    plot = show(LossPlot, history)
    point_at(plot, 1.27, 0.5)
    found = plot.reader.found
    assert found.x == 1.25
    assert found.title == "epoch 1.25 · step 5"
    told = {reading.text: reading.value for reading in found.readings}
    assert told == {
        "training": "0.2000",
        "validation, epoch 1": "0.6000",
        "training, mean of epoch 1": "1.000",
    }


def test_scores_follow_the_metrics_of_the_run(show):
    history = run_of()
    plot = show(MetricsPlot, history)
    assert plot.title.title == "Accuracy"
    assert (
        curve(plot, "validation").shown()[1].tolist() == history.epochs.read("validation_accuracy").tolist()
    )
    assert all(tick.text.endswith("%") for tick in plot.canvas.left.ticks())
    plot.show_metric("f1_macro")
    assert plot.title.title == "F1 (macro)"
    assert (
        curve(plot, "validation").shown()[1].tolist() == history.epochs.read("validation_f1_macro").tolist()
    )
    assert [action.text() for action in plot.menu().actions()][:2] == ["Accuracy", "F1 (macro)"]


def test_the_update_ratio_has_its_guide(show):
    plot = show(UpdateRatioPlot, run_of())
    (guide,) = plot.annotations.guides
    assert guide.y == pytest.approx(-3)


# --- marks and names ------------------------------------------------------------


@pytest.mark.parametrize("width", [220, 340, 900])
def test_words_in_a_chart_neither_overlap_nor_leave_it(show, width):
    history = run_of(epochs=20)
    for number, epoch in enumerate((0.5, 4.0, 4.01, 9.0, 9.4, 17.0, 19.9)):
        history.mark(number, epoch, f"learning rate 0.0{number} → 0.0{number + 1}")
    plot = show(GradientNormPlot, history, size=(width, 240))
    picture(plot)
    placed = plot.annotations.placed
    inside = plot.canvas.pane.rect().adjusted(-1, -1, 1, 1)
    assert any("→" in text for text, _ in placed)
    assert {"all layers", "Dense 1", "Output"} <= {text for text, _ in placed}
    for number, (_, place) in enumerate(placed):
        assert inside.contains(place)
        for _, other in placed[:number]:
            assert not place.adjusted(1, 1, -1, -1).intersects(other)
