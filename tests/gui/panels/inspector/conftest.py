"""The inspector of the worked example in a window at work."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.gui.hands import settle
from tests.gui.panels.inspector.runs import write_mazur


@pytest.fixture
def inspector(desk, tmp_path):
    """The view, with the first trace of Mazur's example shown; brought to the front by its shortcut."""
    desk.open(write_mazur(tmp_path / "mazur.gradwright"))
    desk.do("inspector")
    view = desk.window.panels["inspector"]
    desk.until(lambda: view.derivation is not None, "trace")
    return view


@pytest.fixture
def click_unit(inspector):
    """Clicks a unit of the drawing: layer (−1 the input) and number."""

    def click_at(layer: int, unit: int) -> None:
        area = inspector.canvas.geometry_now.unit(layer, unit).area
        press_at(inspector.canvas, area.center().toPoint())

    return click_at


@pytest.fixture
def click_weight(inspector):
    """Clicks the edge of a weight: layer, from, to."""

    def click_at(layer: int, source: int, target: int) -> None:
        edges = inspector.canvas.geometry_now.edges
        (edge,) = [one for one in edges if (one.layer, one.source, one.target) == (layer, source, target)]
        at = edge.start + (edge.end - edge.start) * 0.2
        press_at(inspector.canvas, at.toPoint())

    return click_at


def press_at(widget, place: QPoint) -> None:
    """A click of the left button at a place of something visible."""
    assert widget.isVisible()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
    settle()
