"""A panel that another one asks for comes into sight: a view as a tab, a plot as a dock."""

import pytest

from gui.panels import PANELS
from tests.gui.desk import wait_until

VIEWS = [kind.spec.id for kind in PANELS if kind.spec.place == "centre" and not kind.spec.is_special]
PLOTS = [kind.spec.id for kind in PANELS if kind.spec.place == "plots"]


@pytest.mark.parametrize("id", VIEWS)
def test_a_view_is_brought_to_the_front(desk, id):
    centre = desk.window.centre
    assert centre.show_view(id)
    assert centre.current_view().spec.id == id


def test_each_plot_is_shown(desk):
    for id in PLOTS:
        assert desk.window.docks.show_plot(id)
        wait_until(lambda id=id: not desk.window.docks[id].visibleRegion().isEmpty(), id)


def test_a_name_that_no_panel_has_changes_nothing(desk):
    before = desk.window.centre.current_view()
    assert not desk.window.centre.show_view("nothing")
    assert not desk.window.docks.show_plot("nothing")
    assert desk.window.centre.current_view() is before
