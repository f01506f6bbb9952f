"""The session: which run belongs to the document, whatever is ordered, edited and undone in which order."""

import pytest
from PySide6.QtTest import QTest

from gui.core.session import KEPT_RUNS
from tests.engine.training.runs import dense, experiment, with_training
from tests.gui.desk import wait_until


def test_undoing_an_edit_brings_the_very_run_back(desk):
    desk.until("ready")
    desk.session.train()
    trained = desk.until("finished")
    desk.edit(experiment([dense(3)], epochs=5))
    assert desk.until("ready").step == 0
    assert desk.aside == [trained.run]
    desk.document.undo_stack.undo()
    again = desk.until("finished")
    assert (again.run, again.step) == (trained.run, trained.step)


def test_undo_after_a_reset_brings_back_the_run_of_before_the_edit_and_none_earlier(desk):
    """Trained to the end, reset, trained a little, edited, undone: the run of after the reset is at hand."""
    desk.until("ready")
    desk.session.train()
    first = desk.until("finished")
    desk.document.run = desk.session.reset()
    desk.until("ready")
    desk.session.train("epoch")
    second = desk.until("paused")
    assert second.position == 1
    desk.edit(experiment([dense(8)], epochs=5))
    desk.until("ready")
    desk.document.undo_stack.undo()
    back = desk.until("paused")
    assert (back.run, back.step) == (second.run, second.step)
    assert back.run != first.run
    assert back.history.marks == []
    desk.document.undo_stack.redo()
    assert desk.until("ready").step == 0


def test_a_drag_back_to_where_it_began_brings_the_trained_run_back(desk):
    desk.until("ready")
    desk.session.train("epoch")
    trained = desk.until("paused")
    start = desk.document.experiment
    desk.document.edit(experiment([dense(9), dense(8)], epochs=5), "Change units", "units")
    desk.document.edit(start, "Change units", "units")
    back = desk.until("paused")
    assert (back.run, back.step) == (trained.run, trained.step)


def test_redo_goes_on_with_what_was_trained_after_the_edit(desk):
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    desk.edit(experiment([dense(3)], epochs=5))
    desk.until("ready")
    desk.session.train("batch")
    after = desk.until("paused")
    desk.document.undo_stack.undo()
    desk.until("paused")
    desk.document.undo_stack.redo()
    again = desk.until("paused")
    assert (again.run, again.step) == (after.run, 1)


def test_no_more_than_some_trained_runs_are_kept(desk):
    desk.until("ready")
    for units in range(2, 4 + KEPT_RUNS):
        desk.session.train("batch")
        desk.until("paused")
        desk.edit(experiment([dense(units)], epochs=5))
        desk.until("ready")
    for _ in range(KEPT_RUNS):
        desk.document.undo_stack.undo()
        assert desk.until("paused").step == 1
    desk.document.undo_stack.undo()
    assert desk.until("ready").step == 0


def test_a_live_edit_is_made_to_the_run_at_hand(desk):
    desk.until("ready")
    desk.session.train("epoch")
    run = desk.until("paused").run
    faster = with_training(desk.document.experiment, optimizer={"kind": "adam", "learning_rate": 0.5})
    desk.edit(faster)
    assert desk.document.run == run
    desk.session.train("batch")
    frame = desk.until("paused")
    assert [mark.text for mark in frame.history.marks] == ["learning rate 0.001 → 0.5"]


def test_what_is_ordered_counts_though_no_frame_has_shown_it(desk):
    desk.edit(with_training(desk.document.experiment, epochs=1_000_000))
    desk.until("ready")
    session = desk.session
    session.train()
    assert session.goal == "run"
    session.pause()
    assert session.goal is None
    assert desk.until("paused").step >= 0
    session.train()
    session.stop()
    stopped = desk.until("stopped")
    QTest.qWait(50)
    assert (desk.frame.status, desk.frame.step) == ("stopped", stopped.step)
    for _ in range(5):
        session.train("batch")
    assert desk.until("paused").step == stopped.step + 5


def test_no_message_of_another_run_reaches_the_window(desk):
    """Scores, frames and copies that come late are of the run that they were asked of."""
    desk.edit(with_training(desk.document.experiment, epochs=3))
    desk.until("ready")
    for units in range(2, 12):
        desk.session.train()
        QTest.qWait(units % 4)
        desk.edit(experiment([dense(units)], epochs=3))
        desk.frames.clear()
        desk.scored.clear()
        desk.until("ready")
        assert {frame.run for frame in desk.frames} == {desk.document.run}
        assert {message.run for message in desk.scored} <= {desk.document.run}


def test_what_is_saved_is_the_run_of_the_moment_or_the_experiment_alone(desk):
    copies = []
    desk.session.capture(copies.append, pytest.fail)
    assert copies[0].saved.state is None, "nothing is made in order to be saved"
    desk.until("ready")
    desk.session.train("batch")
    desk.until("paused")
    desk.session.capture(copies.append, pytest.fail)
    desk.edit(experiment([dense(3)], epochs=5))
    wait_until(lambda: len(copies) == 2, "copy of the run")
    assert copies[1].step == 1
    assert len(copies[1].saved.experiment.layers) == 2
