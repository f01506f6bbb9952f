"""The table of a layer's weights: typed, pasted and copied numbers, of small and of very large layers."""

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from engine.insight.parameter_block import ParameterBlockQuery
from gui.panels.parameters.grid import Grid, WeightGrid, short_text
from tests.engine.training.runs import dense, experiment, trainer
from tests.gui.hands import choose, click, press


def block_of(run, *query):
    return ParameterBlockQuery(*query).answer(run)


def test_a_block_is_that_part_of_weights_and_biases():
    run = trainer(experiment([dense(6), dense(5)]))
    weight, bias = (run.network.parameter_views[1][name] for name in ("weight", "bias"))
    bias[...] = np.arange(5)
    both = ("weight", "bias")
    everything = np.vstack([weight, bias])
    np.testing.assert_array_equal(block_of(run, 1, both, (0, 7), (0, 5)), everything)
    np.testing.assert_array_equal(block_of(run, 1, both, (4, 7), (1, 3)), everything[4:7, 1:3])
    np.testing.assert_array_equal(block_of(run, 1, ("bias",), (0, 1), (0, 5)), [bias])
    assert block_of(run, 9, both, (0, 1), (0, 1)) is None
    assert block_of(run, 1, ("kernel",), (0, 1), (0, 1)) is None


def test_kernels_of_a_convolution_have_a_row_for_each_place_and_channel():
    layers = [{"kind": "conv2d", "filters": 4, "height": 3, "width": 3}, "flatten"]
    run = trainer(experiment(layers, data={"source": {"kind": "digits"}}, batch_size=64))
    weight = run.network.parameter_views[0]["weight"]
    found = block_of(run, 0, ("weight",), (0, 9), (0, 4))
    np.testing.assert_array_equal(found, weight.reshape(9, 4))


def test_of_a_large_layer_only_what_is_in_sight_is_asked_for(qtbot):
    grid = WeightGrid()
    qtbot.addWidget(grid)
    grid.resize(600, 400)
    grid.numbers.set_grid(Grid(tuple(map(str, range(2049))), tuple(map(str, range(2048)))))
    grid.show()
    (top, bottom), (left, right) = grid.part_in_sight()
    assert (top, left) == (0, 0)
    assert (bottom - top) * (right - left) < 2000
    grid.scrollTo(grid.numbers.index(2048, 2047))
    (top, bottom), (left, right) = grid.part_in_sight()
    assert (bottom, right) == (2049, 2048)
    assert top > 1980
    grid.numbers.set_values(top, left, np.ones((bottom - top, right - left)))
    assert grid.numbers.value(2048, 2047) == 1.0
    assert grid.numbers.value(0, 0) is None


@pytest.fixture
def table(desk):
    """The table of the first layer, in its window, with its numbers."""
    desk.do("parameters")
    panel = desk.window.panels["parameters"]
    desk.until(lambda: panel.isVisible() and panel.table.numbers.value(0, 0) is not None, "numbers")
    return panel


def cell(panel, row, column):
    view = panel.table
    view.setFocus()
    click(view.viewport(), view.visualRect(view.numbers.index(row, column)).center())
    return view


def paste(panel, row, column, text):
    QGuiApplication.clipboard().setText(text)
    press(cell(panel, row, column), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def type_in(panel, row, column, text):
    view = cell(panel, row, column)
    press(view, Qt.Key.Key_F2)
    (line,) = view.findChildren(QLineEdit)
    line.selectAll()
    QTest.keyClicks(line, text)
    press(line, Qt.Key.Key_Return)


def names(panel, orientation):
    numbers = panel.table.numbers
    count = numbers.columnCount() if orientation == Qt.Orientation.Horizontal else numbers.rowCount()
    return [numbers.headerData(at, orientation) for at in range(count)]


def test_a_fraction_typed_in_a_cell_is_that_weight(desk, table):
    assert names(table, Qt.Orientation.Vertical) == ["x₁", "x₂", "bias"]
    assert names(table, Qt.Orientation.Horizontal)[:2] == ["unit 1", "unit 2"]
    numbers = table.table.numbers
    type_in(table, 1, 2, "1/3")
    desk.until(lambda: numbers.value(1, 2) == np.float32(1 / 3), "a third")
    selected = desk.window.context.selection.selected
    assert (selected.layer, selected.unit, selected.parameter) == (0, 2, ("weight", (1, 2)))
    stack = desk.window.document.undo_stack
    assert (stack.count(), stack.undoText()) == (1, "Set Dense 1 weight 2,3 to 0.3333")
    type_in(table, 0, 0, "one")
    assert "found 'one'" in table.message.text()
    assert stack.count() == 1
    desk.do("undo")
    desk.until(lambda: numbers.value(1, 2) != np.float32(1 / 3), "the number before")


def test_a_block_from_a_spreadsheet_is_one_step_to_undo(desk, table):
    numbers = table.table.numbers
    before = numbers.value(2, 1)
    paste(table, 0, 0, "0.15\t1/4\t-2\n0,2\t.3\t1e-3\n0.35\t0.36\t0.37\n")
    desk.until(lambda: numbers.value(2, 2) == np.float32(0.37), "pasted numbers")
    found = [[numbers.value(row, column) for column in range(3)] for row in range(3)]
    right = [[0.15, 0.25, -2], [0.2, 0.3, 1e-3], [0.35, 0.36, 0.37]]
    np.testing.assert_array_equal(found, np.float32(right))
    assert desk.window.document.undo_stack.undoText() == "Set 9 numbers of Dense 1"
    table.table.selectAll()
    press(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("0.15\t0.25\t-2\t")
    desk.do("undo")
    desk.until(lambda: numbers.value(2, 1) == before, "the numbers before")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1\t2\n3\tx\n", "Row 2, column 2 of the block: Needs a number"),
        ("1\n2\n3\n4\n", "The block has 4 × 1 numbers; from this cell on there is room for 2 × 11."),
        ("", "Clipboard: expected a range of cells"),
    ],
)
def test_what_cannot_be_pasted_gets_a_sentence(desk, table, text, sentence):
    paste(table, 1, 1, text)
    assert sentence in table.message.text()
    assert desk.window.document.undo_stack.count() == 0


def test_another_layer_is_chosen_here_or_elsewhere(desk, table):
    choose(table.layer, 1)
    assert desk.window.context.selection.selected.layer == 1
    desk.until(lambda: table.table.numbers.value(0, 0) is not None, "numbers")
    assert names(table, Qt.Orientation.Vertical)[:2] == ["unit 1", "unit 2"]
    desk.window.context.selection.select(layer=len(table.model.layers) - 1)
    desk.until(lambda: table.table.numbers.value(0, 0) is not None, "numbers")
    assert names(table, Qt.Orientation.Horizontal) == ["A", "B"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (1e39, "1e39"), (-1e-60, "-1e-60"), (0.0, "0"), (math.inf, "Infinity")]
)
def test_numbers_beyond_single_precision_are_shown_as_what_they_are(value, text):
    assert short_text(value) == text
