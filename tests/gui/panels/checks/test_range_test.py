"""The panel of the range test: what is marked, and the rate that is taken over."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.layers.dense import Dense
from engine.optimizers.gradient_descent import SGD
from tests.gui.panels.checks.conftest import LEFT


def marked(panel):
    return {mark.text.split()[0]: mark.at for mark in panel.canvas.plot.marks}


def test_what_matters_is_marked(checks):
    checks.use(SGD(learning_rate=0.5))
    panel = checks.run(checks.open("range_test"))
    result = panel.found.result
    assert marked(panel) == {
        "now": 0.5,
        "suggested": result.suggested_rate,
        "lowest": result.rates[result.smoothed.argmin()],
        "breaks": result.rates[-1],
    }
    assert panel.canvas.plot.x_kind == "logarithmic"
    raw, smoothed = panel.canvas.plot.curves
    assert np.array_equal(raw.y, result.losses)
    assert np.array_equal(smoothed.y, result.smoothed)


@pytest.mark.parametrize("by_keys", [False, True], ids=["mouse", "keys"])
def test_the_suggestion_is_taken_over_as_one_step_to_undo(checks, by_keys):
    panel, before = checks.run(checks.open("range_test")), checks.rate
    suggested = panel.found.result.suggested_rate
    assert panel.use_button.text() == f"Use {suggested:g}"
    if by_keys:
        QTest.keyClick(panel.run_button, Qt.Key.Key_Tab)
        QTest.keyClick(panel.start, Qt.Key.Key_Tab)
        assert panel.use_button.hasFocus()
        QTest.keyClick(panel.use_button, Qt.Key.Key_Return)
    else:
        QTest.mouseClick(panel.use_button, LEFT)
    assert not panel.running
    assert checks.rate == suggested
    assert marked(panel)["now"] == suggested
    assert not panel.use_button.isEnabled()
    assert panel.reason.text() == "It is the learning rate of the run."
    checks.window.document.undo_stack.undo()
    assert checks.rate == before
    assert not checks.window.document.undo_stack.canUndo()
    assert panel.use_button.isEnabled()
    assert panel.reason.text() == ""


def test_training_goes_on_with_what_was_taken_over(checks):
    panel = checks.run(checks.open("range_test"))
    checks.desk.train_for_long()
    QTest.mouseClick(panel.use_button, LEFT)
    suggested, run = panel.found.result.suggested_rate, checks.window.session.number
    record = checks.desk.frame.history.steps
    checks.desk.until(lambda: record.read("learning_rate")[-1] == suggested, "step at the new rate")
    assert checks.window.session.number == run
    assert checks.desk.frame.status == "training"


def test_it_is_not_taken_over_where_other_settings_have_changed(checks):
    panel = checks.run(checks.open("range_test"))
    checks.edit(lambda old: old.replace(training=old.training.replace(l2=0.01)))
    assert not panel.use_button.isEnabled()
    assert panel.reason.text() == "Settings have changed since the test: run it again."
    assert panel.use_button.toolTip() == panel.reason.text()
    checks.window.document.undo_stack.undo()
    assert panel.use_button.isEnabled()
    # What the test switches off has no part in it.
    checks.edit(lambda old: old.replace(training=old.training.replace(warmup_steps=5, epochs=3)))
    assert panel.use_button.isEnabled()


def test_where_nothing_is_suggested_the_button_says_so(checks):
    dead = Dense(units=4, activation="relu", bias_initializer={"kind": "constant", "value": -100.0})
    checks.edit(lambda old: old.replace(layers=(dead,)))
    panel = checks.run(checks.open("range_test"))
    assert panel.found.result.suggestion is None
    assert not panel.use_button.isEnabled()
    assert panel.reason.text() == "The test suggests none."


def test_it_can_start_from_the_initial_weights(checks):
    checks.desk.do("step_epoch")
    checks.desk.status("paused")
    panel = checks.run(checks.open("range_test"))
    assert panel.caption.text().startswith("Of step ")
    present = panel.found.result.losses[0]
    panel.start.setFocus()
    QTest.keyClick(panel.start, Qt.Key.Key_Down)
    checks.run(panel)
    assert panel.caption.text() == "Started from the initial weights."
    assert panel.found.result.losses[0] != present


def test_a_rate_that_breaks_is_said_loudly(checks):
    checks.use(SGD(learning_rate=900.0))
    panel = checks.run(checks.open("range_test"))
    assert panel.found.result.set_rate_breaks
    assert marked(panel)["now"] == 900
    assert panel.verdict.text() == panel.found.result.advice
