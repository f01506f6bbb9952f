"""The inspector and the rest of the window: samples chosen elsewhere, runs, and costs while hidden."""

import numpy as np
import pytest
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from engine.files.opening import preset
from engine.insight.sample_losses import sample_losses
from engine.training.trainer import Trainer
from gui.core.selection import Sample
from tests.gui.hands import choose, click, settle, write


@pytest.fixture
def iris(desk):
    """Iris, after an epoch, with the inspector in front."""
    desk.window.files.load(preset("iris"))
    desk.status("ready")
    desk.do("step_epoch")
    desk.status("paused")
    desk.do("inspector")
    view = desk.window.panels["inspector"]
    desk.until(lambda: view.inspection.trace is not None, "trace")
    return view


def test_a_hidden_inspector_asks_for_nothing(desk):
    view = desk.window.panels["inspector"]
    assert not view.in_sight
    asked = desk.window.panels.queries()
    assert not any("Trace" in type(query).__name__ for query in asked)
    desk.do("inspector")
    desk.until(lambda: view.inspection.trace is not None, "trace")
    assert any("Trace" in type(query).__name__ for query in desk.window.panels.queries())


def test_samples_are_chosen_by_number_by_loss_and_elsewhere(desk, iris):
    selection = desk.window.context.selection
    write(iris.bar.sample.number, "7")
    desk.until(lambda: iris.inspection.trace.sample.index == 6, "sample 7")
    assert selection.selected.sample == Sample("training", 6)
    choose(iris.bar.sample.part, "test")
    desk.until(lambda: iris.inspection.trace.sample.part == "test", "sample of the test part")
    selection.select(sample=Sample("validation", 3))
    desk.until(lambda: iris.inspection.trace.sample.part == "validation", "sample chosen elsewhere")
    assert iris.bar.sample.number.value() == 4
    selection.select(layer=0, parameter=("weight", (2, 1)))
    assert iris.derivation.place.index == (2, 1)
    assert iris.derivation.title.startswith("Dense, weight")
    # The list by loss, the most wrong first.
    choose(iris.bar.sample.part, "training")
    click(iris.bar.sample.by_loss)
    listed = iris.dialogs.list
    desk.until(lambda: listed.rows.found is not None, "losses")
    losses = listed.rows.found.losses
    assert (np.diff(losses) <= 0).all()
    table = listed.table
    index = listed.rows.index(0, 0)
    click(table.viewport(), table.visualRect(index).center())
    worst = int(listed.rows.found.indices[0])
    desk.until(lambda: iris.inspection.trace.sample.index == worst, "most wrong sample")
    assert iris.inspection.trace.loss == pytest.approx(losses[0], rel=1e-4)
    listed.close()


def test_a_row_of_the_data_is_inspected_and_followed_in_training(desk, iris):
    desk.do("data_viewer")
    viewer = desk.window.panels["data_viewer"]
    desk.until(lambda: viewer.found is not None and not viewer.busy, "rows")
    table = viewer.pages.table
    place = table.visualRect(table.model().index(2, 0)).center()
    click(table.viewport(), place)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, table.viewport().mapToGlobal(place))
    QApplication.sendEvent(table.viewport(), event)
    settle()
    (menu,) = [one for one in table.findChildren(QMenu) if one.isVisible()]
    menu.actions()[0].trigger()
    menu.close()
    chosen = desk.window.context.selection.selected.sample
    desk.until(lambda: iris.inspection.trace.sample.index == chosen.index, "sample of the row")
    assert viewer.found.results.places[2] == chosen.index

    # The numbers follow the training.
    before = iris.inspection.trace.loss
    step = iris.inspection.trace.step
    desk.do("step_batch")
    desk.until(lambda: iris.inspection.trace.step > step, "trace of the next step")
    assert iris.inspection.trace.loss != before


def test_losses_of_samples_are_those_of_the_evaluation(desk):
    dataset = desk.window.session.dataset
    experiment = desk.window.document.experiment
    trainer = Trainer(experiment, dataset)
    found = sample_losses(trainer, "training")
    assert len(found.indices) == min(dataset.training.rows_count, 500)
    everything = sample_losses(trainer, "training", most=10**6)
    assert everything.losses.mean() == pytest.approx(trainer.evaluate("training").loss, rel=1e-4)
