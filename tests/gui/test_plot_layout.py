"""Axes and labels of plots: ranges that nothing can spoil, round ticks, labels that keep apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.kit import scales
from gui.panels.plots.label_placement import GAP, grouped, place_labels, spread
from gui.panels.plots.zoom import Zoom

places = st.floats(0, 300)


@given(st.lists(st.tuples(places, st.floats(10, 200)), max_size=12), st.integers(1, 3))
def test_labels_of_marks_stay_inside_and_apart(marks, rows):
    marks.sort()
    positions, widths = [m[0] for m in marks], [m[1] for m in marks]
    found = [place for place in place_labels(positions, widths, 300.0, rows) if place]
    for place in found:
        assert place.left >= -1e-9
        assert place.left + place.width <= 300 + 1e-9
        assert 0 <= place.row < rows
    for one in found:
        for other in found:
            if one is not other and one.row == other.row:
                assert (
                    one.left + one.width <= other.left + 1e-9 or other.left + other.width <= one.left + 1e-9
                )


def test_a_mark_at_the_right_edge_has_its_label_at_the_left():
    (place,) = place_labels([290.0], [120.0], 300.0, 2)
    assert place is not None
    assert place.left + place.width == 290.0 - GAP


def test_marks_on_the_same_pixels_are_one_group():
    assert [group.members for group in grouped([10.0, 11.0, 40.0])] == [(0, 1), (2,)]


@given(st.lists(st.floats(-50, 250), max_size=30))
def test_names_at_the_ends_of_lines_keep_apart_and_in_order(wanted):
    found = spread(wanted, 13.0, 0.0, 200.0)
    shown = sorted((where, centre) for where, centre in zip(wanted, found, strict=True) if centre is not None)
    centres = [centre for _, centre in shown]
    assert len(centres) == min(len(wanted), 15)
    assert all(b - a >= 13.0 - 1e-6 for a, b in zip(sorted(centres), sorted(centres)[1:], strict=False))
    assert all(6.5 - 1e-6 <= centre <= 193.5 + 1e-6 for centre in centres)


def test_values_that_are_not_finite_do_not_move_the_axis():
    values = np.array([1.0, np.nan, 2.0, np.inf, -np.inf])
    assert scales.linear_range([values]) == scales.linear_range([np.array([1.0, 2.0])])
    assert scales.linear_range([np.array([np.nan])]) is None
    assert scales.logarithmic_range([np.empty(0)]) is None


def test_an_outlier_is_ignored_only_when_asked_to():
    values = np.append(np.linspace(0.1, 1.0, 500), 1e6)
    assert scales.linear_range([values])[1] > 1e6
    assert 1.0 < scales.linear_range([values], robust=True)[1] < 2.0
    without = np.linspace(0.1, 1.0, 500)
    assert scales.linear_range([without], robust=True) == scales.linear_range([without])


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(2, 12))
def test_linear_ticks_are_few_inside_and_evenly_spaced(low, span, most):
    high = low + span
    if span < 1e-9 * abs(low):
        return
    ticks = scales.linear_ticks(low, high, most)
    assert 1 <= len(ticks) <= most + 1 or most == 2
    steps = np.diff([tick.position for tick in ticks])
    assert np.allclose(steps, steps[:1])
    assert len({tick.text for tick in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-3.2, 0.1, ["10⁻³", "10⁻²", "10⁻¹", "10⁰"]),
        (-1.4, -0.9, ["0.05", "0.1"]),
        (-40.0, 1.0, ["10⁻⁴⁰", "10⁻³⁰", "10⁻²⁰", "10⁻¹⁰", "10⁰"]),
    ],
)
def test_a_logarithmic_axis_has_decades_or_what_is_between_two(low, high, texts):
    assert [tick.text for tick in scales.decade_ticks(low, high, 5)] == texts


def test_epochs_are_counted_in_whole_numbers_unless_less_than_two_are_in_sight():
    assert [tick.text for tick in scales.whole_ticks(0.0, 3.2, 8)] == ["0", "1", "2", "3"]
    assert [tick.text for tick in scales.whole_ticks(0.1, 0.5, 4)] == ["0.1", "0.2", "0.3", "0.4", "0.5"]


def test_zoom_stays_inside_the_run_and_back_out_is_everything():
    zoom = Zoom()
    zoom.follow(10.0)
    reach = zoom.reach
    assert zoom.x_range == (0.0, reach)
    zoom.about(0.5, 2.0)
    assert zoom.x_range == (1.0, 2.0 + (reach - 2.0) / 2)
    zoom.move(5.0, 10.0)
    assert zoom.x_range[0] == 0.0
    zoom.about(10.0, 2.0)
    assert not zoom.active
    zoom.frame((3.0, 4.0), (0.1, 0.2))
    assert (zoom.x, zoom.y) == ((3.0, 4.0), (0.1, 0.2))
    zoom.follow(100.0)
    assert zoom.x_range == (3.0, 4.0)


def test_the_axis_of_epochs_need_not_move_with_every_frame():
    zoom = Zoom()
    zoom.follow(100.0)
    before = zoom.reach
    zoom.follow(101.0)
    assert zoom.reach == before
    zoom.follow(before + 1)
    assert zoom.reach > before + 1
