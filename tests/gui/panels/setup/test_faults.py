"""What is wrong is told beside what causes it, and mended by a button."""

from engine.data import DataSettings
from engine.data.sources.bundled import Digits, Iris
from engine.errors import ShapeError
from engine.experiment import Experiment, Head
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.reshape import Flatten
from engine.losses.regression import MeanSquaredError
from gui.kit import InlineMessage
from tests.gui.hands import act
from tests.gui.panels.setup.columns import Column, experiment_on, settle


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
    assert column.list.cards[0].header.shape() == "(64,)"
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


def test_a_missing_file_is_told_with_the_data(qtbot, tmp_path):
    column = Column(qtbot, experiment_on(tmp_path / "nothing.csv"))
    assert "nothing.csv" in column.data.message.text()
    assert column.data.header.caption() == ""


def test_a_shape_error_and_the_loss_it_hides_do_not_confuse_one_another(qtbot):
    training = Experiment().training.replace(loss=MeanSquaredError())
    experiment = Experiment(data=DataSettings(source=Digits()), layers=(Dense(),), training=training)
    column = Column(qtbot, experiment)
    assert isinstance(column.network.facts.stages[0].fault, ShapeError)
    act(column.list.cards[0].findChild(InlineMessage))
    assert column.layers == ("Flatten", "Dense")
