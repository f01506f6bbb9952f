"""How the axes of a chart follow hand and run: zoom, keys, outliers, and the pace of the upright axis."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer

from gui.panels.plots import chart
from gui.panels.plots.line_plots import LossPlot
from tests.gui.desk import wait_until
from tests.gui.plot_hands import double_click, drag, point_on
from tests.gui.plot_runs import run_of, shown_plot, train


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


def test_ignoring_outliers_moves_the_axis_and_is_said(show):
    history = run_of(epochs=30)
    history.steps.append([30.1, 1e6, 0, 0.01, 1, np.nan, 1, 1, 1, 1])
    plot = show(LossPlot, history)
    assert plot.canvas.pane.y_range[1] > 1e6
    plot.outliers_action.trigger()
    assert plot.canvas.pane.y_range[1] < 5.0
    assert "out of sight" in plot.notes


def test_the_upright_axis_follows_the_last_frame_though_no_other_comes(show):
    history = run_of()
    plot = show(LossPlot, history)
    history.steps.append([3.25, 50.0, 0.0, 0.01, 0.1, np.nan, 0.1, 0.1, 1e-3, 1e-3])
    plot.refresh()
    wait_until(lambda: plot.canvas.pane.y_range[1] > 50, "higher axis")


@pytest.fixture
def clock(monkeypatch):
    """What the charts take for the time: it stands still unless it is set."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(chart, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_the_upright_axis_follows_though_the_timer_runs_out_early(show, clock):
    """Qt's timer, that is: by the clock, the next move of the axis is not due yet."""
    history = run_of()
    plot = show(LossPlot, history)
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
    clock.now += 2 * chart.RANGE_SECONDS
    train(history, 1, 4)
    plot.refresh()
    assert not waits()
