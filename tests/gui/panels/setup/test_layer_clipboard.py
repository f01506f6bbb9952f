"""Layers are copied, cut, pasted as text, disabled, and replaced by templates: by keys, menus and mouse."""

import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from engine.data import prepare
from engine.data.dimensions import DataDimensions
from engine.first_model import first_model
from engine.layer_text import layers_to_text
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.templates import TEMPLATES
from gui.kit import theme
from gui.kit.card_list.kind_picker import KindPicker, first_sentence
from tests.gui.hands import press, settle
from tests.gui.panels.setup.columns import LAYERS_OF_THE_MOCKUP

# Without a display a popup can neither be raised nor take the keyboard; it works all the same.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def clipboard():
    board = QGuiApplication.clipboard()
    board.setText("")
    yield board
    board.setText("")


def key(column, index, letter):
    card = column.list.cards[index]
    card.setFocus()
    press(card, letter, CONTROL)
    settle()


def choose(card, text):
    """Open the menu by the handle of the card, or as the right button does, and choose from it."""
    if card.header.handle is not None:
        QTest.mouseClick(card.header.handle, Qt.MouseButton.LeftButton)
    else:
        place = card.mapToGlobal(QPoint(5, 5))
        QApplication.sendEvent(card, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), place))
    menu = card.findChild(QMenu)
    action = next(action for action in menu.actions() if action.text() == text)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center() + QPoint(1, 0))
    settle()


def test_a_layer_is_copied_changed_as_text_and_pasted_with_the_keyboard(column, clipboard):
    key(column, 0, Qt.Key.Key_C)
    assert column.document.undo_stack.count() == 0
    text = json.loads(clipboard.text())
    assert (text["kind"], text["units"]) == ("dense", 8)
    clipboard.setText(json.dumps(text | {"units": 11}))
    key(column, 1, Qt.Key.Key_V)
    assert column.layers == ("Dense", "Dropout", "Dense", "Dense")
    assert column.experiment.layers[2] == LAYERS_OF_THE_MOCKUP[0].replace(units=11)
    assert column.list.cards[2].hasFocus()
    assert column.document.undo_stack.undoText() == "Paste Dense"
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_a_layer_is_cut_and_pasted_above_the_output_by_the_menu(column, clipboard):
    choose(column.list.cards[1], "Cut")
    assert column.layers == ("Dense", "Dense")
    assert column.document.undo_stack.undoText() == "Cut Dropout"
    choose(column.list.cards[2], "Paste above")
    assert column.layers == ("Dense", "Dense", "Dropout")
    assert column.experiment.layers[2] == LAYERS_OF_THE_MOCKUP[1]


def test_several_layers_are_pasted_in_one_step(column, clipboard):
    clipboard.setText(layers_to_text([Dense(units=3), BatchNorm()]))
    key(column, 2, Qt.Key.Key_V)
    assert column.layers == ("Dense", "Dropout", "Dense", "Dense", "Batch normalization")
    assert column.document.undo_stack.undoText() == "Paste 2 layers"
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_what_is_no_layer_is_said_until_the_next_edit(column, clipboard):
    clipboard.setText("a\tb\n1\t2")
    key(column, 0, Qt.Key.Key_V)
    assert column.document.undo_stack.count() == 0
    message = column.network.message
    assert message.isVisible()
    assert message.text().startswith("Clipboard, line 1: expected layers in JSON, found ")
    key(column, 0, Qt.Key.Key_D)
    assert not message.isVisible()


def test_a_layer_is_disabled_and_enabled(column):
    shapes = [card.header.shape() for card in column.list.cards]
    key(column, 2, Qt.Key.Key_E)
    assert column.document.undo_stack.undoText() == "Disable Dense 2"
    assert [layer.enabled for layer in column.experiment.layers] == [True, True, False]
    assert column.shown() == ("Dense 1", "Dropout", "Dense 2 · disabled", "Output · softmax")
    card = column.list.cards[2]
    # The output now follows the eight units of the first layer.
    assert (card.header.shape(), card.header.parameters()) == (shapes[1], "0")
    assert "disabled" in card.accessibleName()
    choose(card, "Enable")
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP
    assert [card.header.shape() for card in column.list.cards] == shapes


def test_while_training_layers_can_be_copied_but_nothing_else(column, clipboard):
    column.network.set_locked(True)
    for letter in (Qt.Key.Key_X, Qt.Key.Key_V, Qt.Key.Key_E, Qt.Key.Key_D):
        key(column, 0, letter)
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP
    assert clipboard.text() == ""
    key(column, 0, Qt.Key.Key_C)
    assert json.loads(clipboard.text())["units"] == 8
    assert not column.network.start_button.isEnabled()


def pick(column, heading):
    QTest.mouseClick(column.network.start_button, Qt.MouseButton.LeftButton)
    picker = column.network.findChild(KindPicker)
    item = next(picker.item(row) for row in range(picker.count()) if picker.item(row).text() == heading)
    picker.scrollToItem(item)
    QTest.mouseClick(picker.viewport(), Qt.MouseButton.LeftButton, pos=picker.visualItemRect(item).center())
    settle()
    return picker, item


def test_a_template_replaces_all_layers_in_one_step(column):
    pick(column, "Perceptron with batch normalization")
    assert column.layers == ("Dense", "Batch normalization", "Activation") * 2
    assert column.document.undo_stack.undoText() == "Start from Perceptron with batch normalization"
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP


def test_a_template_that_does_not_suit_says_why_and_cannot_be_chosen(column):
    picker, item = pick(column, "LeNet")
    assert item.toolTip() == "It needs images: these samples are lists of numbers."
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert column.document.undo_stack.count() == 0
    press(picker, Qt.Key.Key_Escape)


def test_every_template_has_an_icon_and_a_sentence():
    for kind in TEMPLATES:
        assert not theme.icon(kind.icon).isNull()
        assert first_sentence(kind).endswith(".")


def test_what_suits_the_data_is_offered_with_its_reasons(column):
    assert not column.network.offered.isVisible()
    pick(column, "What suits the data")
    data = DataDimensions.of(prepare(column.experiment.data, column.experiment.data.load()))
    model = first_model(data)
    assert (column.experiment.layers, column.experiment.training) == (model.layers, model.training)
    offered = column.network.offered
    assert offered.isVisible()
    assert offered.text() == "\n".join(model.reasons)
    QTest.mouseClick(offered.fold.button, Qt.MouseButton.LeftButton)
    assert offered.fold.is_open()
    column.undo()
    assert column.experiment.layers == LAYERS_OF_THE_MOCKUP
    assert not offered.isVisible()
