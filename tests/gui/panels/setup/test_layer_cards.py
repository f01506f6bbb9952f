"""The cards of the layers: what stands on them, which is open, and how they follow their layers."""

from PySide6.QtCore import Qt

from gui.panels.setup.network_section import CostLine
from tests.gui.hands import settle


def test_names_shapes_and_parameters_are_those_of_the_mockup(column):
    headers = [card.header for card in column.list.cards]
    assert [header.name() for header in headers] == ["Dense 1", "Dropout", "Dense 2", "Output · softmax"]
    assert [header.shape() for header in headers] == ["8 values", "8 values", "6 values", "2 values"]
    assert [header.parameters() for header in headers] == ["24", "0", "54", "14"]
    assert column.list.input_header.shape() == "2 values"
    assert column.network.header.caption() == "92 parameters"
    assert column.data.header.caption() == "500 points · 2 classes"


def test_shapes_follow_an_edit_before_the_worker_answers(column):
    column.select_layer(0)
    units = column.list.cards[0].form.field("units")
    units.setText("20")
    units.commit()
    assert column.list.cards[0].header.shape() == "20 values"
    assert column.list.cards[0].header.parameters() == "60"
    column.undo()
    assert column.list.cards[0].header.shape() == "8 values"
    assert units.text() == "8"


def test_the_cost_stands_under_the_list_before_training(column):
    line = column.network.findChild(CostLine)
    assert line.text("Parameters") == "92"
    assert line.text("Memory").endswith("kB")
    assert line.text("Time per epoch").startswith("≈ ")


def test_a_click_opens_one_card_at_a_time_and_tells_the_window(column, qtbot):
    chosen = []
    column.selection.changed.connect(lambda new, old: chosen.append(new.layer))
    for index in (0, 2, 3):
        qtbot.mouseClick(column.list.cards[index].header, Qt.MouseButton.LeftButton)
        settle()
        assert [card.is_open() for card in column.list.cards].count(True) == 1
    assert chosen == [0, 2, 3]
    qtbot.mouseClick(column.list.cards[3].header, Qt.MouseButton.LeftButton)
    assert column.list.open_index() is None


def test_a_choice_from_elsewhere_opens_the_card_and_is_not_echoed(column):
    chosen = []
    column.selection.changed.connect(lambda new, old: chosen.append(new.layer))
    column.select_layer(3)
    assert column.list.cards[3].is_open()
    # The run has no such layer: nothing is selected.
    column.select_layer(99)
    assert column.list.open_index() is None
    assert chosen == [3, None]


def test_the_strip_behind_the_open_card_always_shows(column):
    assert [strip.is_shown() for strip in column.list.strips] == [False, False, False, True]
    column.select_layer(0)
    assert [strip.is_shown() for strip in column.list.strips] == [False, True, False, False]
