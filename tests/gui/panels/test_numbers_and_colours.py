"""Round ticks, colours that differ."""

from itertools import combinations

import pytest
from PySide6.QtGui import QColor

from gui.kit import theme
from gui.kit.colour_maps import class_colours
from gui.kit.plot_parts import Axis
from tests.gui.panels.models import colour_distance


@pytest.mark.parametrize(
    ("low", "high"), [(-6, 6), (0, 1), (4.3, 7.9), (0.1, 0.12), (0, 5e6), (-0.004, 0.003)]
)
def test_ticks_are_round_inside_and_not_crowded(low, high):
    ticks = Axis(low, high, "").ticks(500)
    values = [tick.position for tick in ticks]
    assert 2 <= len(ticks) <= 8
    assert min(values) >= low - 1e-9 * (high - low)
    assert max(values) <= high + 1e-9 * (high - low)
    assert len({tick.text for tick in ticks}) == len(ticks)
    for tick in ticks:
        assert float(tick.text.replace("−", "-")) == pytest.approx(tick.position, abs=1e-9 * (high - low))


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_class_colours_differ_from_one_another_and_from_the_ground(colours):
    chosen = class_colours(colours, 10)
    assert len({colour.name() for colour in chosen}) == 10
    assert min(colour_distance(one, other) for one, other in combinations(chosen, 2)) > 35
    assert all(colour_distance(colour, QColor(colours.page)) > 60 for colour in chosen)
