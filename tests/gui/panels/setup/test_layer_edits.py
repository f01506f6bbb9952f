"""Layers are added, removed, duplicated and moved, by mouse and by keys."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.experiment import Head
from engine.layers import LAYERS
from engine.layers.dense import Dense
from gui.kit.card_list.kind_picker import KindPicker, first_sentence
from tests.gui.hands import press, settle
from tests.gui.panels.setup.columns import LAYERS_OF_THE_MOCKUP, drag

# Without a display a popup can neither be raised nor take the keyboard; it works all the same.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def test_a_layer_is_added_with_the_mouse_from_the_strip_between_cards(column, qtbot):
    strip = column.list.strips[1]
    assert not strip.is_shown()
    QTest.mouseMove(strip, QPoint(30, strip.height() // 2))
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(30, strip.height() // 2))
    picker = column.list.findChild(KindPicker)
    item = next(picker.item(row) for row in range(picker.count()) if picker.item(row).text() == "Dropout")
    qtbot.mouseClick(picker.viewport(), Qt.MouseButton.LeftButton, pos=picker.visualItemRect(item).center())
    settle()
    assert column.layers == ("Dense", "Dropout", "Dropout", "Dense")
    assert column.list.open_index() == 1
    column.undo()
    assert column.layers == ("Dense", "Dropout", "Dense")
    assert column.list.open_index() is None
    column.redo()
    assert column.layers == ("Dense", "Dropout", "Dropout", "Dense")


def test_a_layer_is_added_with_the_keyboard(column):
    strip = column.list.strips[-1]
    strip.setFocus()
    assert strip.is_shown()
    press(strip, Qt.Key.Key_Space)
    picker = column.list.findChild(KindPicker)
    press(picker, Qt.Key.Key_Down)
    press(picker, Qt.Key.Key_Return)
    assert column.layers == ("Dense", "Dropout", "Dense", "Activation")
    assert column.list.cards[3].hasFocus()


def test_the_picker_describes_every_layer_and_escape_leaves_everything(column):
    column.list.strips[0].click()
    picker = column.list.findChild(KindPicker)
    assert [picker.item(row).text() for row in range(picker.count())] == [kind.heading for kind in LAYERS]
    press(picker, Qt.Key.Key_Escape)
    assert column.document.undo_stack.count() == 0
    assert first_sentence(Dense) == "Fully connected layer, y = f(x W + b)."


def test_delete_removes_and_undo_brings_back_shape_and_place(column):
    card = column.list.cards[1]
    card.setFocus()
    press(card, Qt.Key.Key_Delete)
    assert column.layers == ("Dense", "Dense")
    assert column.shown() == ("Dense 1", "Dense 2", "Output · softmax")
    assert column.list.cards[1].hasFocus()
    column.undo()
    assert column.shown() == ("Dense 1", "Dropout", "Dense 2", "Output · softmax")
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_duplicate_with_the_keyboard(column):
    card = column.list.cards[0]
    card.setFocus()
    press(card, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert column.layers == ("Dense", "Dense", "Dropout", "Dense")
    assert column.experiment.layers[0] == column.experiment.layers[1]
    assert column.document.undo_stack.undoText() == "Duplicate Dense 1"
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_alt_down_moves_a_card_with_its_open_form_and_its_focus(column):
    column.select_layer(0)
    card = column.list.cards[0]
    card.setFocus()
    press(card, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert column.layers == ("Dropout", "Dense", "Dense")
    assert column.list.cards[1] is card
    assert card.is_open()
    assert card.hasFocus()
    assert column.shown() == ("Dropout", "Dense 1", "Dense 2", "Output · softmax")
    press(card, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP
    column.undo()
    assert column.list.cards[1] is card


def test_up_and_down_go_from_card_to_card_down_to_the_output(column):
    column.list.cards[0].setFocus()
    for expected in (1, 2, 3, 3):
        press(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert column.list.cards[expected].hasFocus()
    press(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert column.list.cards[2].hasFocus()


def test_a_card_is_dragged_to_another_place(column):
    first, last = column.list.cards[0], column.list.cards[2]
    drag(first, QPoint(40, last.geometry().bottom() - 2))
    assert column.layers == ("Dropout", "Dense", "Dense")
    assert column.list.cards[2] is first
    assert not first.is_open()
    assert column.document.undo_stack.undoText() == "Move Dense 1"
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_the_output_can_be_opened_but_not_moved_or_deleted(column):
    output = column.list.cards[-1]
    output.setFocus()
    press(output, Qt.Key.Key_Delete)
    press(output, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert column.document.undo_stack.count() == 0
    press(output, Qt.Key.Key_Return)
    assert output.is_open()
    assert output.form.value() == Head()
    actions = [action.text() for action in output.menu().actions() if not action.isSeparator()]
    assert actions == ["Close", "Paste above"]


@pytest.mark.parametrize("x", [0, 380])
def test_the_picker_stands_beside_the_list_and_on_the_screen(column, x):
    screen = column.widget.screen().availableGeometry()
    column.widget.move(screen.left() + x, screen.top())
    settle()
    strip = column.list.strips[-1]
    strip.click()
    settle()
    picker = column.list.findChild(KindPicker)
    cards = QRect(column.list.mapToGlobal(QPoint(0, 0)), column.list.size())
    assert not picker.geometry().intersects(cards)
    assert screen.contains(picker.geometry())
    press(picker, Qt.Key.Key_Escape)
