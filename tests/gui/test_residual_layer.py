"""A residual layer in the window: added so that it suits its place, on its card, in drawing and plots."""

import pytest
from PySide6.QtCore import Qt

from engine.data import prepare
from engine.experiment import Experiment
from engine.insight.distributions import HistogramsQuery
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.residual import Residual
from engine.training.trainer import Trainer
from gui.core.messages import Prepared
from gui.core.model_summary import subtitle, summarize
from gui.kit import InlineMessage
from gui.kit.card_list.kind_picker import KindPicker
from gui.panels.network.plan import plan_of
from tests.gui.hands import click
from tests.gui.panels.setup.columns import Column

BLOCK = Residual(layers=(Dense(units=6), Dropout(), Dense(units=6)), drop_rate=0.2)


@pytest.fixture
def column(qtbot) -> Column:
    return Column(qtbot, Experiment(layers=(Dense(units=40), BLOCK)))


def test_a_new_one_has_layers_that_suit_its_place(column):
    click(column.list.strips[1])
    picker = column.list.findChild(KindPicker)
    (item,) = picker.findItems("Residual", Qt.MatchFlag.MatchExactly)
    picker.scrollToItem(item)
    click(picker.viewport(), picker.visualItemRect(item).center())
    column.answer()
    added = column.experiment.layers[1]
    assert isinstance(added, Residual)
    assert [inner.units for inner in added.layers] == [40, 40]
    assert added.parameter_shapes((40,)).keys() == {"0.weight", "0.bias", "1.weight", "1.bias"}
    column.undo()
    assert column.layers == ("Dense", "Residual")


def test_its_card_opens_and_shows_its_faults(column):
    card = column.list.cards[1]
    column.list.open_card(1)
    assert card.form is not None
    assert "drop_rate" in card.form.names()
    column.document.edit(
        column.experiment.replace(layers=(Dense(units=40), Residual.model_validate({"layers": ["conv2d"]}))),
        "Change",
        None,
    )
    column.answer()
    card = column.list.cards[1]
    assert "Layer 2, Residual, inner layer 1, Conv2D: needs an image" in card.accessibleDescription()
    shown = card.findChild(InlineMessage).text()
    assert shown.startswith("Inner layer 1, Conv2D: needs an image (height, width, channels) but gets 40 ")


def test_drawing_and_plots_take_it():
    chosen = Experiment(layers=(Dense(units=40), BLOCK))
    trainer = Trainer(chosen, prepare(chosen.data, chosen.data.load(), chosen.dtype))
    model = summarize(Prepared(1, chosen, None, trainer.dataset, trainer.network, 0))
    assert (
        subtitle(BLOCK)
        == model.layers[1].subtitle
        == "3 inner layers · drop rate 20\N{NARROW NO-BREAK SPACE}%"
    )
    assert subtitle(Residual(layers=(Dropout(),))) == "1 inner layer"
    plan = plan_of(model)
    assert [len(column.shown) for column in plan.columns] == [2, 12, 0, 2]
    assert plan.columns[2].skipped == ("Dense", "Dropout", "Dense")
    assert [column.name for column in plan.columns] == ["Input", "Dense", "Residual", "Output"]
    next(trainer.run())
    found = HistogramsQuery().answer(trainer)
    assert [layer.name for layer in found] == ["Dense", "Residual", "Output"]
