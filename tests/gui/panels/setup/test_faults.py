"""What is wrong is told beside what causes it, and mended by a button."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from engine.data import DataSettings
from engine.data.augmentation.geometric import Flip, Shift
from engine.data.sources.bundled import Digits, Iris
from engine.errors import ShapeError, UserError
from engine.experiment import Experiment, Head
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.reshape import Flatten
from engine.losses.regression import MeanSquaredError
from gui.core.messages import Invalid
from gui.kit import InlineMessage
from gui.panels.setup.network_check import fault_sentence
from tests.gui.hands import act, settle
from tests.gui.panels.setup.columns import Column, experiment_on


def mend(card) -> None:
    """Press the button beside the fault of a card."""
    QTest.mouseClick(card.message.findChild(QPushButton), Qt.MouseButton.LeftButton)


def test_a_faulty_card_says_why_and_its_button_mends_it(qtbot):
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits()), layers=(Dense(), Dense())))
    card = column.list.cards[0]
    assert card.is_faulty()
    message = card.findChild(InlineMessage)
    assert message.text() == "Needs a list of numbers but gets an image of 8 × 8 × 1."
    assert message.action() == "Insert a Flatten"
    assert not column.list.cards[1].is_faulty()
    assert column.list.cards[1].header.shape() == ""
    act(message)
    column.answer()
    assert column.layers == ("Flatten", "Dense", "Dense")
    assert not any(card.is_faulty() for card in column.list.cards)
    assert column.list.cards[0].header.shape() == "64 values"
    column.undo()
    assert column.list.cards[0].is_faulty()


def test_a_card_that_stays_among_others_takes_no_more_room_than_it_needs(qtbot):
    layers = (Flatten(), Dense(), Dropout())
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits()), layers=layers))
    column.select_layer(1)
    settle()
    # Without Flatten before it the card says what is wrong, until the data is another.
    column.document.load(Experiment(data=DataSettings(source=Iris()), layers=(Dense(),)), None)
    assert column.list.cards[0].is_faulty()
    settle()
    column.answer()
    assert not column.list.cards[0].is_faulty()
    assert [card.height() for card in column.list.cards] == [
        card.sizeHint().height() for card in column.list.cards
    ]


def test_an_output_without_layers_before_it_can_be_mended_too(qtbot):
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits())))
    output = column.list.cards[0]
    assert output.is_faulty()
    act(output.findChild(InlineMessage))
    assert column.layers == ("Flatten",)
    assert not output.is_faulty()


def test_an_output_that_does_not_go_with_the_loss_is_told_on_its_card(column):
    experiment = column.experiment
    column.document.edit(experiment.replace(head=Head(activation="tanh")), "Change activation")
    output = column.list.cards[-1]
    assert output.is_faulty()
    assert "softmax" in output.findChild(InlineMessage).text()
    column.answer()
    assert column.data.message.text() == ""


def test_a_loss_that_does_not_fit_the_task_is_told_beside_the_training_and_mended(qtbot, table):
    column = Column(qtbot, experiment_on(table, target="height"))
    training = column.experiment.training.replace(loss="softmax_cross_entropy")
    column.document.edit(column.experiment.replace(training=training), "Change loss")
    column.answer()
    message = column.training.message
    assert message.text().startswith("Needs a loss for a number")
    act(message)
    column.answer()
    assert column.experiment.training.loss is None
    assert message.text() == ""


@pytest.mark.parametrize(
    ("place", "told"),
    [(("training", "loss"), "training"), (("training", "augmentation", 1), "card"), ((), "data")],
)
def test_a_fault_is_told_at_its_place_whatever_its_words(qtbot, place, told):
    """Wording can change and be translated: the window reads the place alone."""
    column = Column(qtbot, Experiment(data=DataSettings(source=Digits()), layers=(Flatten(),)))
    training = column.experiment.training.replace(augmentation=(Flip(), Shift()))
    column.document.edit(column.experiment.replace(training=training), "Augment")
    error = UserError("Apprentissage", expected="ceci", got="cela", place=place)
    column.panels.show_problem(Invalid(column.experiment, error, None))
    cards = column.training.section_form("Augmentation").field("augmentation").cards
    messages = {
        "training": column.training.message.text(),
        "card": cards[1].message.text() if cards[1].message is not None else "",
        "data": column.data.message.text(),
    }
    assert [where for where, text in messages.items() if "cela" in text] == [told]
    assert not cards[0].is_faulty()


def test_a_fault_inside_a_layer_is_told_with_its_place_there():
    fault = ShapeError(
        "Couche 2", expected="an image", got="a list", layer_index=1, inside="inner layer 1, Conv2D"
    )
    assert fault_sentence(fault) == "Inner layer 1, Conv2D: needs an image but gets a list."
    assert fault_sentence(fault.at(3, "Couche 4")) == fault_sentence(fault)


def test_a_missing_file_is_told_with_the_data(qtbot, tmp_path):
    column = Column(qtbot, experiment_on(tmp_path / "nothing.csv"))
    assert "nothing.csv" in column.data.message.text()
    assert column.data.header.caption() == ""


def test_a_shape_error_and_the_loss_it_hides_do_not_confuse_one_another(qtbot):
    training = Experiment().training.replace(loss=MeanSquaredError())
    experiment = Experiment(data=DataSettings(source=Digits()), layers=(Dense(),), training=training)
    column = Column(qtbot, experiment)
    assert isinstance(column.network.check.layers[0].fault, ShapeError)
