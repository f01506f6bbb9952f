"""The panel of the gradient check: it locates what is wrong, and shares what is chosen in it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest

from engine.layers.dropout import Dropout
from engine.training.fused_layers import FusedDense
from tests.gui.panels.checks.conftest import LEFT


def click_row(table, row):
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(table.model().index(row, 0)).center())


def spoil(monkeypatch):
    """A backward pass of the layers that are trained as one, with one number of the first bias wrong."""
    right = FusedDense.backward

    def wrong(self, parameters, gradients, dy, workspace):
        dx = right(self, parameters, gradients, dy, workspace)
        gradients["bias"][2] *= 1.5
        return dx

    monkeypatch.setattr(FusedDense, "backward", wrong)


def test_a_wrong_gradient_is_located(checks, monkeypatch):
    spoil(monkeypatch)
    panel = checks.run(checks.open("gradient_check"))
    assert panel.verdict.text().startswith("Wrong: ")
    assert panel.verdict.text().endswith("the largest relative error is 3.3e-01, in Dense 1, bias.")
    assert panel.located.text().startswith("Largest error of all: Dense 1, bias, entry 3: ")
    model = panel.table.model()
    verdicts = {
        (model.index(row, 0).data(), model.index(row, 1).data()): model.index(row, 3).data()
        for row in range(model.rowCount())
    }
    assert [place for place, verdict in verdicts.items() if verdict == "Wrong"] == [("Dense 1", "bias")]
    fonts = [model.index(row, 0).data(Qt.ItemDataRole.FontRole) for row in range(model.rowCount())]
    strong = [row for row, font in enumerate(fonts) if font.weight() > QFont.Weight.Normal]
    assert strong == [1]


def test_a_chosen_row_is_a_chosen_layer_in_the_whole_window(checks):
    selection = checks.window.context.selection
    panel = checks.run(checks.open("gradient_check"))
    click_row(panel.table, 2)
    assert selection.selected.layer == 1
    assert panel.located.text().startswith("Largest error of the row: Dense 2, weight, row ")
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.located.text().startswith("Largest error of the row: Dense 2, bias, entry ")
    assert selection.selected.layer == 1
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert selection.selected.layer == 2


def test_a_layer_that_is_chosen_elsewhere_is_shown(checks):
    selection = checks.window.context.selection
    panel = checks.run(checks.open("gradient_check"))
    selection.select(layer=1)
    assert panel.table.currentIndex().row() == 2
    click_row(panel.table, 3)
    assert panel.table.currentIndex().row() == 3, "a row of the same layer stays"
    selection.select(layer=None)
    assert panel.table.currentIndex().row() == -1
    assert panel.located.text().startswith("Largest error of all: ")


def test_which_term_it_is_stands_there_where_there_are_two(checks):
    panel = checks.run(checks.open("gradient_check"))
    assert panel.table.isColumnHidden(2)
    checks.edit(lambda old: old.replace(training=old.training.replace(l2=0.01)))
    checks.run(panel)
    assert not panel.table.isColumnHidden(2)
    model = panel.table.model()
    assert [model.index(row, 2).data() for row in range(model.rowCount())] == ["loss"] * 6 + ["penalty"] * 3


def test_layers_without_parameters_have_no_row(checks):
    checks.edit(lambda old: old.replace(layers=(*old.layers, Dropout(rate=0.5))))
    panel = checks.run(checks.open("gradient_check"))
    checks.window.context.selection.select(layer=2)
    assert panel.table.currentIndex().row() == -1
    checks.window.context.selection.select(layer=3)
    assert panel.table.model().index(panel.table.currentIndex().row(), 0).data() == "Output"
