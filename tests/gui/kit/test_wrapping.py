"""Rows of tools that wrap: how many lines at which width, and nothing outside or over one another."""

from itertools import combinations

import pytest
from PySide6.QtWidgets import QWidget

from gui.kit.wrapping import WrappingRow
from tests.gui.hands import settle


@pytest.mark.parametrize(("width", "lines"), [(400, 1), (250, 2), (110, 4)])
def test_as_many_lines_as_are_needed(qtbot, width, lines):
    tools = [QWidget() for _ in range(4)]
    for tool in tools:
        tool.setFixedSize(80, 30)
    row = WrappingRow(tools)
    qtbot.addWidget(row)
    row.resize(width, row.heightForWidth(width))
    row.show()
    settle()
    assert row.heightForWidth(width) == 30 * lines + 8 * (lines - 1)
    assert all(row.rect().contains(tool.geometry()) for tool in tools)
    assert not any(one.geometry().intersects(other.geometry()) for one, other in combinations(tools, 2))
    # What is hidden takes no room.
    tools[0].hide()
    settle()
    assert row.heightForWidth(350) == 30
    assert row.minimumSizeHint().width() == 80
