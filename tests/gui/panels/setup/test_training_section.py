"""How the network is trained: rows, sections, dropout at a glance, seed."""

from PySide6.QtCore import QPoint

from engine.layers.dropout import Dropout
from tests.gui.hands import choose, click, write
from tests.gui.panels.setup.columns import LAYERS_OF_THE_MOCKUP


def test_the_rows_of_the_mockup(column):
    form = column.training.form
    assert form.names()[:3] == ["loss", "optimizer", "optimizer.learning_rate"]
    rate, schedule = form.field("optimizer.learning_rate"), form.field("schedule")
    assert rate.y() == schedule.y()
    assert form.field("batch_size").y() == form.field("epochs").y()
    assert form.field("l1").y() == form.field("l2").y()
    assert {"Constant", "Exponential", "Step", "Cosine"} <= {option.title for option in schedule.options()}


def test_another_optimizer_brings_its_own_fields_inline(column):
    training = column.training
    choose(training.form.field("optimizer"), "sgd")
    assert "optimizer.beta1" not in training.form.names()
    assert "optimizer.epsilon" not in training.section_form("More").names()
    column.undo()
    assert "optimizer.beta1" in training.form.names()
    assert "optimizer.epsilon" in training.section_form("More").names()


def test_one_slider_sets_all_dropout_layers_and_hides_without_any(column):
    training = column.training
    assert training.dropout.isVisible()
    column.document.edit(
        column.experiment.replace(layers=(*LAYERS_OF_THE_MOCKUP, Dropout(rate=0.5))), "Add Dropout"
    )
    write(training.dropout.figure, "0.3")
    assert [layer.rate for layer in column.experiment.layers if isinstance(layer, Dropout)] == [0.3, 0.3]
    column.document.edit(column.experiment.replace(layers=()), "Remove all")
    assert not training.dropout.isVisible()


def test_early_stopping_opens_its_fields(column):
    column.training.section("Stopping").set_open(True)
    stopping = column.training.section_form("Stopping")
    assert stopping.names() == ["early_stopping", "target_loss"]
    click(stopping.field("early_stopping"), QPoint(8, 8))
    assert "early_stopping.patience" in stopping.names()
    assert column.experiment.training.early_stopping is not None


def test_a_new_seed_is_drawn_and_can_be_undone(column):
    column.training.section("More").set_open(True)
    click(column.training.new_seed)
    assert column.experiment.training.seed != 1
    column.undo()
    assert column.experiment.training.seed == 1
