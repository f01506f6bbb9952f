"""What shows the settings of layers follows an edit in mid-run, without a new run."""

import pytest
from PySide6.QtTest import QTest

from engine.data import describe, prepare
from engine.experiment import Experiment
from engine.files.opening import preset
from engine.layers.activation import PReLU
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout, GaussianNoise
from engine.layers.residual import Residual
from engine.training.trainer import Trainer
from gui.core.messages import Prepared
from gui.core.model_summary import summarize, with_settings
from gui.core.runs import only_live
from gui.main_window import MainWindow
from gui.panels.network.drawing import Picked
from gui.panels.network.view import NetworkView
from tests.gui.conftest import picture
from tests.gui.desk import close_without_question
from tests.gui.panels.models import answers_of, values_in

LAYERS = (
    Dense(units=6, activation="tanh"),
    Dropout(rate=0.2),
    GaussianNoise(),
    PReLU(),
    BatchNorm(),
    Residual(layers=(Dropout(),)),
)
EDITS = {
    "the rate of dropout": (1, {"rate": 0.5}),
    "the deviation of noise": (2, {"std": 0.4}),
    "the penalty of a layer": (0, {"l2": 1e-3}),
    "two at once": (0, {"l1": 1e-3, "l2": 0.0}),
    "how fast running values follow": (4, {"momentum": 0.5}),
    "how often a layer is left out": (5, {"drop_rate": 0.3}),
    "a layer inside another": (5, {"layers": (Dropout(rate=0.7),)}),
}


def prepared_of(experiment: Experiment) -> Prepared:
    table = experiment.data.load()
    trainer = Trainer(experiment, prepare(experiment.data, table, experiment.dtype))
    description = describe(table, experiment.data)
    return Prepared(1, experiment, description, trainer.dataset, trainer.network, 0)


def edited(experiment: Experiment, index: int, changes) -> Experiment:
    layers = list(experiment.layers)
    layers[index] = layers[index].replace(**changes)
    return experiment.replace(layers=tuple(layers))


@pytest.fixture
def experiment() -> Experiment:
    return preset("spiral").replace(layers=LAYERS)


@pytest.mark.parametrize(("index", "changes"), EDITS.values(), ids=EDITS)
def test_the_summary_of_an_edit_is_that_of_the_network_made_of_it(experiment, index, changes):
    new = edited(experiment, index, changes)
    assert only_live(experiment, new)
    shown = with_settings(summarize(prepared_of(experiment)), new)
    assert shown.layers == summarize(prepared_of(new)).layers


def test_the_penalty_of_the_output_too(experiment):
    new = experiment.replace(head=experiment.head.replace(l2=1e-2))
    shown = with_settings(summarize(prepared_of(experiment)), new)
    assert shown.layers == summarize(prepared_of(new)).layers
    assert shown.layers[-1].subtitle == "L2 0.01"


def test_another_network_waits_until_it_is_prepared(experiment):
    model = summarize(prepared_of(experiment))
    assert with_settings(model, experiment.replace(layers=LAYERS[:2])) is model
    assert with_settings(model, experiment.replace(layers=LAYERS[::-1])) is model


@pytest.fixture
def window(qtbot):
    window = MainWindow()
    window.resize(1440, 900)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    close_without_question(window)


def test_the_drawing_follows_a_live_edit_and_keeps_the_weights(window, experiment):
    window.document.load(experiment, None)
    window.panels.show_prepared(prepared_of(experiment))
    model = window.panels.model
    window.centre.leave_start_page_for_first_tab()
    view = window.centre.findChild(NetworkView)
    view.canvas.set_values(values_in(model, answers_of(model)))
    view.canvas.set_selected(Picked(1))
    QTest.qWait(20)
    before = picture(view.canvas)
    window.document.edit(edited(experiment, 1, {"rate": 0.5}), "Change rate")
    assert view.canvas.plan.columns[1].gates[0].subtitle.startswith("50")
    assert picture(view.canvas) != before
    dense = view.canvas.geometry_now.columns[1].heading
    assert "weights: deviation" in view.canvas.tip_at(dense.center())
    assert view.canvas.selected == 1
    window.document.undo_stack.undo()
    assert picture(view.canvas) == before
