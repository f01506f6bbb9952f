"""Numbers in few digits, round ticks, colours that differ."""

from itertools import combinations

import pytest
from PySide6.QtGui import QColor

from gui.kit import theme
from gui.kit.axes import Axis
from gui.kit.colours import class_colours
from gui.kit.view_numbers import number, percent, shape_text
from tests.gui.panels.models import colour_distance


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4824, "0.482"), (-12.06, "−12.1"), (0, "0"), (0.00123456, "0.00123"), (123456, "1.23e5"),
     (3.1e-7, "3.10e−7"), (1234.5, "1234"), (float("inf"), "not finite")],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_shares_and_shapes_are_written_as_usual():
    assert percent(0.984) == "98.4\u202f%"
    assert shape_text((8,)) == "(8,)"
    assert shape_text((28, 28, 1)) == "(28, 28, 1)"


@pytest.mark.parametrize(
    ("low", "high"), [(-6, 6), (0, 1), (4.3, 7.9), (0.1, 0.12), (0, 5e6), (-0.004, 0.003)]
)
def test_ticks_are_round_inside_and_not_crowded(low, high):
    ticks = Axis(low, high, "").ticks(500)
    values = [value for value, _ in ticks]
    assert 2 <= len(ticks) <= 8
    assert min(values) >= low - 1e-9 * (high - low)
    assert max(values) <= high + 1e-9 * (high - low)
    assert len({text for _, text in ticks}) == len(ticks)
    for value, text in ticks:
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=1e-9 * (high - low))


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_class_colours_differ_from_one_another_and_from_the_ground(colours):
    chosen = class_colours(colours, 10)
    assert len({colour.name() for colour in chosen}) == 10
    assert min(colour_distance(one, other) for one, other in combinations(chosen, 2)) > 35
    assert all(colour_distance(colour, QColor(colours.page)) > 60 for colour in chosen)
