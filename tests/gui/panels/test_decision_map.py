"""The decision map: regions, data points, readings, boundaries."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from gui.kit import theme
from gui.kit.colour_maps import class_colours, sequential_colour
from gui.kit.decision_field import boundaries, refined, value_at, value_pixels, zero_lines
from gui.kit.plot_parts import Axis
from gui.panels.decision.view import DecisionMapView
from tests.gui.contexts import panel_context
from tests.gui.panels.models import (
    CORNERS,
    SIDE,
    answers_of,
    colour_at,
    colour_distance,
    hue_distance,
    left_and_right,
    model_of,
    points_of,
    shown,
)


@pytest.fixture
def decision(qtbot):
    view = shown(DecisionMapView(panel_context()), (720, 720))
    qtbot.addWidget(view)
    return view


def test_a_region_has_the_colour_of_its_class(decision):
    model = model_of(4, 2, points=points_of(CORNERS, [0, 1, 0, 1]))
    decision.show_model(model)
    decision.refresh(answers_of(model, np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)))
    first, second = class_colours(theme.current(), 2)
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(-0.5, 0.2)), first) < 0.03
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(0.5, 0.2)), second) < 0.03


def test_row_0_of_the_map_is_at_the_bottom(decision):
    model = model_of(4, 1, task="binary", class_names=("no", "yes"), points=points_of(CORNERS, [0, 1, 0, 1]))
    decision.show_model(model)
    decision.refresh(answers_of(model, left_and_right(0, 1).T[..., None]))
    no, yes = class_colours(theme.current(), 2)
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(0.3, -0.5)), no) < 0.03
    assert hue_distance(colour_at(decision.canvas, decision.canvas.place_of(0.3, 0.5)), yes) < 0.03
    assert decision.canvas.reading_at(decision.canvas.place_of(0.3, 0.5))[1] == "yes 100.0\u202f%"


def test_three_classes_have_three_colours_and_doubt_is_neutral(decision):
    model = model_of(4, 3, points=points_of(CORNERS, [0, 1, 2, 1]))
    decision.show_model(model)
    field = np.full((SIDE, SIDE, 3), 1 / 3)
    field[:, : SIDE // 3] = (1, 0, 0)
    field[:, -SIDE // 3 :] = (0, 0, 1)
    decision.refresh(answers_of(model, field))
    colours = class_colours(theme.current(), 3)
    canvas = decision.canvas
    assert hue_distance(colour_at(canvas, canvas.place_of(-0.7, 0.3)), colours[0]) < 0.04
    assert hue_distance(colour_at(canvas, canvas.place_of(0.7, 0.3)), colours[2]) < 0.04
    assert colour_at(canvas, canvas.place_of(0.0, 0.3)).hslSaturationF() < 0.15


def test_data_points_stand_there_before_the_first_step(decision):
    points = points_of([[-3, -30], [3, 30], [0, 10]], [0, 1, 1], ["training", "validation", "test"])
    decision.show_model(model_of(4, 2, points=points))
    canvas = decision.canvas
    filled, ring = canvas.place_of(-3, -30), canvas.place_of(3, 30)
    first, second = class_colours(theme.current(), 2)
    assert colour_distance(colour_at(canvas, filled), first) < 8
    assert colour_distance(colour_at(canvas, ring), QColor(theme.current().surface)) < 8
    around = [colour_at(canvas, ring + QPointF(x, 0)) for x in (3, 4, 5)]
    assert min(colour_distance(colour, second) for colour in around) < 60


def test_test_points_are_shown_only_on_request(decision):
    points = points_of([[-1, -1], [1, 1], [0, 0.1]], [0, 1, 1], ["training", "training", "test"])
    decision.show_model(model_of(4, 2, points=points))
    canvas, place = decision.canvas, decision.canvas.place_of(0, 0.1)
    assert "Example" not in " ".join(canvas.reading_at(place))
    decision.show_test.click()
    assert canvas.reading_at(place)[-1] == "Example: B (test)"
    assert any("test" in entry.text for entry in decision.legend.entries)


def test_a_prediction_of_numbers_has_the_scale_of_the_data(decision):
    points = points_of(CORNERS, [0.0, 10.0, 0.0, 10.0])
    model = model_of(4, 1, task="regression", class_names=(), target_name="Price", points=points)
    decision.show_model(model)
    decision.refresh(answers_of(model, left_and_right(0, 10)[..., None]))
    canvas = decision.canvas
    assert canvas.reading_at(canvas.place_of(0.5, 0.2))[1] == "Price 10.0"
    low = colour_at(canvas, canvas.place_of(-0.5, 0.2))
    assert hue_distance(low, sequential_colour(0)) < 0.04
    marked = colour_at(canvas, canvas.place_of(0.9, 0.9))
    assert colour_distance(marked, sequential_colour(1)) < 20


def test_the_arrow_keys_read_the_map(decision):
    model = model_of(4, 2, points=points_of(CORNERS, [0, 1, 0, 1]))
    decision.show_model(model)
    decision.refresh(answers_of(model, np.stack([left_and_right(1, 0), left_and_right(0, 1)], axis=-1)))
    decision.canvas.setFocus()
    for _ in range(5):
        QTest.keyClick(decision.canvas, Qt.Key.Key_Right)
    assert "B 100.0\u202f%" in decision.canvas.accessibleDescription()
    QTest.keyClick(decision.canvas, Qt.Key.Key_Escape)
    assert "Arrow keys" in decision.canvas.accessibleDescription()


def test_without_a_plane_a_sentence_says_why(decision):
    decision.show_model(model_of(4, 2, inputs=30))
    assert decision.sentence == "The decision map needs two columns of numbers; this experiment has none."
    decision.show_model(model_of(4, 2))
    assert "two columns of numbers" in decision.sentence
    decision.show_model(model_of(4, 2, plane=((0.0, 1.0), (0.0, 5.0))))
    assert decision.sentence == ""
    assert decision.canvas.axes()[1] == Axis(0.0, 5.0, "x₂")


def test_boundaries_lie_where_the_class_changes():
    x = np.linspace(0, 1, 41)
    probability = 1 / (1 + np.exp(-20 * (x - 0.3))) * np.ones((41, 1))
    segments = boundaries(probability[..., None])
    assert len(segments) == 40
    assert segments[:, [0, 2]] == pytest.approx(0.3, abs=1e-3)
    both = boundaries(np.stack([1 - probability, probability], axis=-1))
    assert np.sort(both, axis=0) == pytest.approx(np.sort(segments, axis=0), abs=1e-2)


def test_a_circle_of_zeros_has_its_circumference():
    y, x = np.mgrid[-1:1:81j, -1:1:81j]
    segments = zero_lines(np.hypot(x, y) - 0.6) * 2
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]).sum()
    assert length == pytest.approx(2 * np.pi * 0.6, rel=2e-3)


def test_refining_and_reading_agree_with_the_field():
    y, x = np.mgrid[0:1:20j, 0:1:20j]
    plane = (2 * x - y)[..., None]
    fine = refined(plane)
    ends = np.linspace(0, 1, fine.shape[0])
    inner = slice(20, -20)
    expected = (2 * ends[None, :] - ends[:, None])[inner, inner]
    assert fine[inner, inner, 0] == pytest.approx(expected, abs=1e-5)
    assert value_at(plane, 0.37, 0.81) == pytest.approx([2 * 0.37 - 0.81])
    assert value_at(plane, 1.0, 0.0) == pytest.approx([2.0])


def test_values_of_the_largest_size_are_painted_at_the_ends_of_the_scale():
    field = np.full((8, 8, 1), np.finfo(np.float32).max, np.float32)
    field[:, :4] *= -1
    scale = Axis.around(1e20, 1e20, "")
    found = value_pixels(field, scale, theme.current())
    ends = [value_pixels(np.full((8, 8, 1), end), scale, theme.current()) for end in (scale.low, scale.high)]
    np.testing.assert_array_equal(found[:, 10], ends[0][:, 10])
    np.testing.assert_array_equal(found[:, -10], ends[1][:, 10])
