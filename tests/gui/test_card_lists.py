"""What holds for every list of cards: the layers of the network, and the field for a list of settings."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from engine.data import DataSettings
from engine.data.sources.bundled import Digits
from engine.experiment import Experiment
from engine.layers.activation import Activation
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from gui.kit.card_list.card_list import matched
from gui.kit.card_list.kind_picker import KindPicker
from tests.gui.card_benches import Bench, entry_bench, layer_bench
from tests.gui.conftest import flush_deferred_deletes
from tests.gui.hands import press, settle
from tests.gui.panels.setup.columns import Column, drag

# Without a display a popup can neither be raised nor take the keyboard; it works all the same.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture(params=[layer_bench, entry_bench], ids=["layers", "entries"])
def bench(qtbot, request) -> Bench:
    return request.param(qtbot)


def click(card) -> None:
    QTest.mouseClick(card.header, Qt.MouseButton.LeftButton, pos=QPoint(60, card.header.height() // 2))
    settle()


def opened(bench: Bench) -> list[int]:
    return [index for index, card in enumerate(bench.list.cards) if card.is_open()]


def test_a_click_opens_one_card_at_a_time_and_says_so(bench):
    told = []
    bench.list.opened.connect(told.append)
    for index in (0, 2, 1):
        click(bench.card(index))
        assert opened(bench) == [index]
        assert bench.card(index).hasFocus()
    click(bench.card(1))
    assert opened(bench) == []
    assert told == [0, 2, 1, None]


def test_opened_by_the_program_it_says_nothing(bench):
    told = []
    bench.list.opened.connect(told.append)
    bench.list.open_card(1)
    bench.list.open_card(None)
    assert told == []


def test_enter_opens_and_escape_goes_from_the_field_to_the_card_and_closes_it(bench):
    card = bench.card(0)
    card.setFocus()
    press(card, Qt.Key.Key_Return)
    assert opened(bench) == [0]
    field = card.form.tab_stops()[0]
    field.setFocus()
    press(field, Qt.Key.Key_Escape)
    assert card.hasFocus()
    press(card, Qt.Key.Key_Escape)
    assert opened(bench) == []
    assert card.hasFocus()


@pytest.mark.parametrize(
    ("index", "key", "modifier", "order", "focused"),
    [
        (0, Qt.Key.Key_Down, ALT, (1, 0, 2), 1),
        (2, Qt.Key.Key_Up, ALT, (0, 2, 1), 1),
        (0, Qt.Key.Key_Up, ALT, (0, 1, 2), 0),
        (2, Qt.Key.Key_Down, ALT, (0, 1, 2), 2),
        (1, Qt.Key.Key_D, CONTROL, (0, 1, 1, 2), 2),
        (0, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, (1, 2), 0),
        (1, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, (0, 2), 1),
        (1, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, (0, 1, 2), 2),
        (0, Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, (0, 1, 2), 0),
    ],
)
def test_keys_move_duplicate_and_delete_and_the_focus_goes_along(bench, index, key, modifier, order, focused):
    card = bench.card(index)
    card.setFocus()
    press(card, key, modifier)
    bench.check()
    assert bench.orders() == order
    assert bench.card(focused).hasFocus()


def test_in_a_field_the_keys_are_the_field_s(bench):
    bench.list.open_card(0)
    field = bench.card(0).form.tab_stops()[0]
    field.setFocus()
    press(field, Qt.Key.Key_Delete)
    press(field, Qt.Key.Key_D, CONTROL)
    assert len(bench.entries()) == 3


def test_a_card_that_moves_keeps_its_open_form(bench):
    card = bench.card(0)
    bench.list.open_card(0)
    form = card.form
    card.setFocus()
    press(card, Qt.Key.Key_Down, ALT)
    assert bench.card(1) is card
    assert card.form is form
    assert opened(bench) == [1]


def test_the_last_card_deleted_leaves_the_focus_in_the_list(bench):
    bench.card(0).setFocus()
    for _ in range(3):
        holder = QApplication.focusWidget()
        press(holder, Qt.Key.Key_Delete)
    assert bench.entries() == ()
    assert bench.list.isAncestorOf(QApplication.focusWidget())


@pytest.mark.parametrize(
    ("index", "onto", "order"), [(0, 2, (1, 2, 0)), (2, 0, (2, 0, 1)), (0, 0, (0, 1, 2))]
)
def test_a_card_is_dragged_to_another_place(bench, index, onto, order):
    card, target = bench.card(index), bench.card(onto).geometry()
    drag(card, QPoint(40, target.bottom() - 2 if onto > index else target.top() + 2))
    bench.check()
    assert bench.orders() == order
    assert bench.card(order.index(index)) is card
    assert opened(bench) == []


def test_a_drag_is_escaped(bench):
    card = bench.card(0)
    drag(card, QPoint(40, bench.card(2).geometry().bottom() - 2), drop=False)
    press(bench.around, Qt.Key.Key_Escape)
    QTest.mouseRelease(card.header, Qt.MouseButton.LeftButton)
    settle()
    assert bench.orders() == (0, 1, 2)


def test_the_menu_does_what_the_keys_do(bench):
    actions = {action.text(): action for action in bench.card(1).menu().actions() if action.text()}
    # Of the layers, more can be done.
    common = ("Open", "Move up", "Move down", "Duplicate", "Delete")
    assert [text for text in actions if text in common] == list(common)
    actions["Move up"].trigger()
    assert bench.orders() == (1, 0, 2)
    actions["Delete"].trigger()
    assert bench.orders() == (0, 2)


def test_locked_it_can_be_looked_at_but_not_changed(bench):
    bench.lock(True)
    card = bench.card(1)
    card.setFocus()
    for key, modifier in ((Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Up, ALT)):
        press(card, key, modifier)
    press(card, Qt.Key.Key_D, CONTROL)
    drag(card, QPoint(40, bench.card(2).geometry().bottom() - 2))
    assert bench.orders() == (0, 1, 2)
    reasons = {action.text(): action.toolTip() for action in card.menu().actions() if not action.isEnabled()}
    assert set(reasons) >= {"Move up", "Move down", "Duplicate", "Delete"}
    assert not {"Close", "Open", "Copy"} & set(reasons)
    assert all("ause" in reason for reason in reasons.values())
    bench.list.open_card(1)
    assert card.is_open()
    bench.lock(False)
    press(card, Qt.Key.Key_Up, ALT)
    assert bench.orders() == (1, 0, 2)


def test_locked_in_the_middle_of_a_drag_nothing_is_moved(bench):
    card = bench.card(0)
    end = QPoint(40, bench.card(2).geometry().bottom() - 2)
    drag(card, end, drop=False)
    bench.lock(True)
    QTest.mouseRelease(card.header, Qt.MouseButton.LeftButton)
    settle()
    assert bench.orders() == (0, 1, 2)


def test_tab_goes_from_top_to_bottom_whatever_was_moved_and_opened(bench):
    last = bench.card(2)
    last.setFocus()
    press(last, Qt.Key.Key_Up, ALT)
    bench.list.open_card(0)
    settle()
    # What a section hides that is folded is left out.
    stops = [stop for stop in bench.list.tab_stops() if stop.isVisible()]
    stops[0].setFocus()
    reached = [QApplication.focusWidget()]
    for _ in stops[1:]:
        press(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached == stops
    tops = [stop.mapTo(bench.around, QPoint(0, 0)).y() for stop in stops]
    assert tops == sorted(tops)


def test_screen_readers_are_told_what_it_is_and_whether_it_is_open(bench):
    card = bench.card(0)
    assert card.accessibleName().startswith(bench.before[0].heading)
    assert card.accessibleName().endswith(", closed")
    bench.list.open_card(0)
    assert card.accessibleName().endswith(", open")


def test_what_is_being_typed_survives_a_change_elsewhere(bench):
    bench.list.open_card(2)
    card = bench.card(2)
    field = card.form.tab_stops()[0]
    field.setFocus()
    bench.show((bench.before[2], bench.before[0]))
    settle()
    assert bench.card(0) is card
    assert field.hasFocus()
    bench.check()


def test_no_card_stays_behind(bench):
    def widgets() -> int:
        flush_deferred_deletes()
        settle()
        return len(bench.around.findChildren(QWidget))

    bench.list.open_card(0)
    bench.list.open_card(None)
    before = widgets()
    for _ in range(5):
        bench.show((*bench.before, bench.before[0], bench.before[1]))
        bench.show(bench.before)
    assert widgets() == before


def test_a_kind_is_chosen_from_the_list_and_the_new_card_is_open_and_in_focus(bench):
    QTest.mouseClick(bench.adding(), Qt.MouseButton.LeftButton)
    settle()
    picker = bench.list.findChild(KindPicker)
    press(picker, Qt.Key.Key_Down)
    chosen = picker.currentItem().text()
    press(picker, Qt.Key.Key_Return)
    assert [entry.heading for entry in bench.entries()] == [*(e.heading for e in bench.before), chosen]
    assert opened(bench) == [3]
    assert bench.card(3).hasFocus()


def test_a_fault_is_told_on_the_card_and_its_button_asks_for_the_remedy(qtbot):
    """The button is gone while nothing can be inserted, and comes back."""
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits()), layers=(Dense(),)))
    card = column.list.cards[0]
    assert card.message.text() == "Needs a list of numbers but gets an image of 8 × 8 × 1."
    assert card.message.action() == "Insert a Flatten"
    column.list.set_locked(True)
    assert card.message.action() == ""
    assert card.message.text()
    column.list.set_locked(False)
    button = card.message.findChild(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert column.layers == ("Flatten", "Dense")


def test_cards_follow_their_entries():
    a, b, c = Dense(units=1), Dropout(), Dense(units=3)
    assert matched([a, b, c], [b, c, a]) == [1, 2, 0]
    assert matched([a, b, c], [a, Dense(units=2), b, c]) == [0, None, 1, 2]
    assert matched([a, b, c], [a, b, Dense(units=4)]) == [0, 1, 2]
    assert matched([a, b, c], [Activation(), c]) == [None, 2]
