"""How the axes of a chart follow hand and run: zoom, keys, outliers, and the pace of the upright axis."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from engine.training.history import History
from gui.kit.theme import current
from gui.panels.plots import ranges
from gui.panels.plots.hover_cursor import ReadOut
from gui.panels.plots.line_plots import GradientNormPlot, LossPlot
from tests.gui.contexts import panel_context
from tests.gui.desk import wait_until
from tests.gui.plot_hands import double_click, drag, point_at, point_on, turn_wheel
from tests.gui.plot_runs import NAMES, run_of, shown_plot, train


@pytest.fixture
def show(qtbot):
    return partial(shown_plot, qtbot)


def test_a_rectangle_zooms_and_reset_shows_all(show):
    plot = show(LossPlot, run_of(epochs=10))
    pane = plot.canvas.pane
    whole = pane.x_range, pane.y_range
    corners = point_on(plot, 2.0, 0.4), point_on(plot, 5.0, 0.1)
    drag(plot, *corners)
    assert pane.x_range == pytest.approx((2.0, 5.0), abs=0.05)
    assert pane.y_range == pytest.approx((0.1, 0.4), abs=0.02)
    assert plot.reset_action in plot.menu().actions()
    assert plot.reset_action.isEnabled()
    double_click(plot, corners[0])
    assert (pane.x_range, pane.y_range) == whole
    assert not plot.zoom.active


def test_keys_read_zoom_and_reset(show, qtbot):
    plot = show(LossPlot, run_of(epochs=10))
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Right)
    first = plot.reader.x
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Right)
    assert plot.reader.x > first > 0
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Plus)
    assert plot.zoom.active
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Home)
    assert not plot.zoom.active
    qtbot.keyClick(plot.canvas, Qt.Key.Key_Escape)
    assert plot.reader.x is None


def test_a_spike_is_counted_at_the_edge_until_a_double_click_shows_all(show):
    """The first automatic range of pyqtgraph would end at 1.06e6, and the spike be nowhere."""
    history = run_of(epochs=30)
    history.steps.append([30.1, 3e7, 0, 0.01, 1, np.nan, 1, 1, 1, 1])
    plot = show(LossPlot, history)
    assert plot.canvas.pane.y_range[1] < 5.0
    outside = plot.edge_marks.outside
    assert (outside.above, outside.highest, outside.below, outside.exact) == (1, 3e7, 0, True)
    assert [text for text, _ in plot.edge_marks.placed] == ["1 above, up to 3.00e7"]
    double_click(plot, point_on(plot, 15.0, 0.3))
    assert plot.all_action.isChecked()
    assert 3e7 < plot.canvas.pane.y_range[1] < 4e7
    assert plot.edge_marks.outside.above == 0
    double_click(plot, point_on(plot, 15.0, 1e7))
    assert plot.canvas.pane.y_range[1] < 5.0


def test_a_spike_on_the_first_batch_leaves_the_rest_readable(show):
    history = History(NAMES, ())
    losses = np.concatenate([[900.0, 300.0], np.linspace(1.0, 0.4, 98)])
    for step, loss in enumerate(losses, 1):
        history.steps.append([step / 10, loss, 0, 0.01, 1, np.nan, 1, 1, 1, 1])
    plot = show(LossPlot, history)
    low, high = plot.canvas.pane.y_range
    assert (1.0 - 0.4) / (high - low) > 0.25
    assert plot.edge_marks.outside.above == 2
    arrows = colours_along(plot, top=True)
    assert current().accent.lower() in arrows


def test_the_axis_of_epochs_may_have_powers_of_ten(show):
    plot = show(LossPlot, run_of(epochs=100, steps_per_epoch=50))
    plot.log_x_action.trigger()
    pane = plot.canvas.pane
    assert pane.x_range == pytest.approx((0.02, 104.0))
    assert [tick.position for tick in plot.canvas.bottom.ticks()] == [-1, 0, 1, 2]
    # In the middle stands the geometric mean, and the first of 5,000 steps has its own place at the left.
    assert pane.place((0.02 * 104.0) ** 0.5, 0.0).x() == pytest.approx(pane.width() / 2)
    x, y = plot.items[0].faint_shown()
    assert (x[0], y[0], x[1], y[1]) == pytest.approx((0.02, 1.0, 0.04, 0.5))
    assert (x[-1], y[-1]) == pytest.approx((100.0, 1 / 5000))
    assert 300 < len(x) < 1600
    turn_wheel(plot, 2.0)
    assert plot.zoom.active
    assert point_on(plot, 2.0, 0.0).x() == pytest.approx(pane.x() + pane.place(2.0, 0.0).x(), abs=1)
    plot.reset_view()
    plot.log_x_action.trigger()
    assert pane.x_range[0] == 0.0


def test_values_that_are_no_numbers_have_a_red_mark_at_the_axis(show):
    history = run_of(epochs=5)
    for loss in (np.nan, np.inf, 0.3):
        history.steps.append([5.1, loss, 0, 0.01, 1, np.nan, 1, 1, 1, 1])
    plot = show(LossPlot, history)
    assert list(plot.edge_marks.gaps) == [5.1, 5.1]
    assert plot.canvas.pane.y_range[1] < 2.0
    assert current().error.lower() in colours_along(plot, top=False)
    # The line goes on after the gap: its one point there is a dot, as no line can show it.
    assert (5.1, 0.3) in [(point.x, point.y) for point in plot.annotations.points]


def test_the_newest_point_is_drawn_however_many_there_are(show):
    """pyqtgraph's own downsampling leaves out the last part of a bin."""
    history = run_of(epochs=40, steps_per_epoch=251)
    plot = show(LossPlot, history)
    x, y = plot.items[0].faint_shown()
    assert len(x) < 10_040
    assert (x[-1], y[-1]) == (40.0, 1 / 10_040)


def test_axes_say_what_they_count(show):
    plot = show(LossPlot, run_of())
    assert (plot.canvas.left.title, plot.canvas.bottom.title) == ("mean loss of a sample", "epoch")


def colours_along(plot, *, top: bool) -> set[str]:
    """Of the pixels along the upper or the lower edge of the pane."""
    image = plot.canvas.grab().toImage()
    pane = plot.canvas.pane.sceneBoundingRect()
    rows = range(4, 7) if top else range(-6, -1)
    edge = pane.top() if top else pane.bottom()
    return {
        image.pixelColor(x, round(edge) + row).name()
        for x in range(round(pane.left()), round(pane.right()))
        for row in rows
    }


def test_the_upright_axis_follows_the_last_frame_though_no_other_comes(show):
    history = run_of()
    plot = show(LossPlot, history)
    plot.all_action.trigger()
    history.steps.append([3.25, 50.0, 0.0, 0.01, 0.1, np.nan, 0.1, 0.1, 1e-3, 1e-3])
    plot.refresh()
    wait_until(lambda: plot.canvas.pane.y_range[1] > 50, "higher axis")


@pytest.fixture
def clock(monkeypatch):
    """What the charts take for the time: it stands still unless it is set."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(ranges, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_the_upright_axis_follows_though_the_timer_runs_out_early(show, clock):
    """Qt's timer, that is: by the clock, the next move of the axis is not due yet."""
    history = run_of()
    plot = show(LossPlot, history)
    plot.all_action.trigger()
    history.steps.append([3.25, 50.0, 0.0, 0.01, 0.1, np.nan, 0.1, 0.1, 1e-3, 1e-3])
    plot.refresh()
    assert plot.canvas.pane.y_range[1] < 50
    wait_until(lambda: plot.canvas.pane.y_range[1] > 50, "higher axis")


def test_a_frame_that_moves_the_upright_axis_leaves_nothing_to_be_drawn_later(show, clock):
    history = run_of()
    plot = show(LossPlot, history)

    def waits() -> bool:
        return any(timer.isActive() for timer in plot.findChildren(QTimer))

    train(history, 1, 4)
    plot.refresh()
    assert waits()
    clock.now += 2 * ranges.RANGE_SECONDS
    train(history, 1, 4)
    plot.refresh()
    assert not waits()


def test_the_read_out_tells_all_curves_though_the_plot_is_low(qtbot):
    names = {index: f"Dense {index}" for index in range(15)}
    history = History(names, ())
    norms = [float(2**index) for index in range(15)]
    for step in range(1, 9):
        history.steps.append([step / 4, 1.0, 0, 0.01, 4e4, np.nan, *norms, *[1e-3] * 15])
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(500, 600)
    plot = GradientNormPlot(panel_context(), window)
    plot.setGeometry(20, 200, 340, 140)
    window.show()
    plot.show_history(history)
    plot.refresh()
    point_at(plot, 1.0, 3.0)
    told = {reading.text: reading.value for reading in plot.reader.found.readings}
    assert len(told) == 16
    assert (told["Dense 3"], told["Dense 14"], told["all layers"]) == ("8.000", "16384", "40000")
    card = next(child for child in window.findChildren(ReadOut) if child.isVisible())
    assert card.height() > plot.height()
    assert window.rect().contains(card.geometry())
    plot.hide()
    assert not card.isVisible()
