"""Curves of a check: where they lie, what has no place on a scale, and what the cursor reads."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from gui.panels.checks.curves import Curve, CurveCanvas, Mark, Plot
from tests.gui.conftest import hover, picture

RATES = np.array([1e-3, 1e-2, 1e-1, 1.0])
LOSSES = np.array([2.0, 1.5, np.nan, 8.0])


@pytest.fixture
def canvas(qtbot):
    canvas = CurveCanvas("Loss over the rate")
    qtbot.addWidget(canvas)
    canvas.resize(500, 300)
    canvas.show()
    return canvas


def plot(**more):
    curves = (Curve("Loss", LOSSES, "accent"),)
    return Plot(RATES, curves, "Learning rate", "logarithmic", "linear", **more)


def test_keys_and_mouse_read_the_values(canvas):
    canvas.show_plot(plot(), "It falls and rises.")
    assert canvas.accessibleDescription() == "It falls and rises."
    assert canvas.reading() == ""
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.reading() == "Learning rate 0.001: loss 2"
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.reading() == "Learning rate 0.1: loss nan"
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.reading() == "Learning rate 0.01: loss 1.5"
    area = canvas.area()
    hover(canvas, QPointF(area.right() - 3, area.center().y()))
    assert canvas.reading() == "Learning rate 1: loss 8"
    hover(canvas, QPointF(area.right() - 3, area.bottom() + 20))
    assert canvas.reading() == ""


def test_a_value_that_is_not_finite_is_a_gap(canvas):
    canvas.show_plot(plot(), "")
    lengths = [len(line) for line in canvas.lines(canvas.plot.curves[0], canvas.area())]
    assert lengths == [2, 1]


def test_a_curve_lies_where_its_axes_say(canvas):
    canvas.show_plot(plot(), "")
    area = canvas.area()
    first = canvas.lines(canvas.plot.curves[0], area)[0]
    # Four rates of equal ratio: a third of the width apart.
    assert first[0].x() == pytest.approx(area.left())
    assert first[1].x() == pytest.approx(area.left() + area.width() / 3)
    assert first[0].y() < first[1].y()


def test_texts_of_marks_do_not_lie_over_one_another(canvas):
    bare = canvas.area().height()
    near = tuple(Mark(rate, f"a mark of some length at {rate}") for rate in (0.01, 0.011, 0.012))
    canvas.show_plot(plot(marks=near), "")
    rows = [row for _, _, row in canvas.mark_texts(canvas.area().width())]
    assert sorted(rows) == [0, 1, 2]
    assert canvas.area().height() < bare
    apart = (Mark(1e-3, "a"), Mark(1.0, "b"))
    canvas.show_plot(plot(marks=apart), "")
    assert [row for _, _, row in canvas.mark_texts(canvas.area().width())] == [0, 0]


def test_a_mark_beyond_the_curve_is_in_sight(canvas):
    canvas.show_plot(plot(marks=(Mark(100.0, "now 100"),)), "")
    ((_, left, _),) = canvas.mark_texts(canvas.area().width())
    assert canvas.area().left() <= left <= canvas.area().right()


def test_a_level_without_a_place_on_the_scale_is_drawn_at_the_bottom(canvas):
    steps, losses = np.arange(1.0, 5), np.array([1.0, 0.5, 0.1, 0.01])
    levels = (Mark(0.02, "goal", "good"), Mark(0.0, "floor", "error"))
    shown = Plot(steps, (Curve("Loss", losses, "accent"),), "Step", "count", "logarithmic", levels)
    canvas.show_plot(shown, "")
    with_floor = picture(canvas)
    canvas.show_plot(Plot(*(steps, shown.curves, "Step", "count", "logarithmic", levels[:1])), "")
    assert picture(canvas) != with_floor


def test_numbers_near_the_largest_are_drawn_out_of_sight(canvas):
    losses = np.array([1.0, 0.9, 0.8, 1.7e308])
    shown = Plot(RATES, (Curve("Loss", losses, "accent"),), "Rate", "logarithmic", "linear")
    canvas.show_plot(shown, "")
    (line,) = canvas.lines(shown.curves[0], canvas.area())
    assert len(line) == 4
    assert not picture(canvas).isNull()


def test_nothing_to_draw_is_no_trouble(canvas):
    assert not picture(canvas).isNull()
    canvas.show_plot(Plot(np.empty(0), (), "Step", "count", "logarithmic"), "")
    assert not picture(canvas).isNull()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.reading() == ""
