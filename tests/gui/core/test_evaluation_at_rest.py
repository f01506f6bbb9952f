"""A run at rest is scored once, beside the training, and what comes too late is dropped."""

import threading

import pytest
from PySide6.QtTest import QTest

from engine.files.run_file import resume
from engine.training.frozen_network import PARTS, FrozenNetwork
from gui.core.evaluation import REST_MS
from tests.engine.training.runs import dense, experiment, with_training
from tests.gui.desk import wait_until

# --- evaluation ---------------------------------------------------------------------------------------


@pytest.fixture
def counted_evaluations(monkeypatch):
    """How often a run was evaluated."""
    began = []
    right = FrozenNetwork.scores

    def counted(self, progress):
        began.append(progress)
        return right(self, progress)

    monkeypatch.setattr(FrozenNetwork, "scores", counted)
    return began


@pytest.fixture
def slow_evaluation(monkeypatch):
    """No evaluation ends before this event is set, unless it is cancelled."""
    let_go = threading.Event()
    began = []
    right = FrozenNetwork.scores

    def slow(self, progress):
        began.append(progress)
        while not let_go.wait(0.005):
            progress.check()
        return right(self, progress)

    monkeypatch.setattr(FrozenNetwork, "scores", slow)
    yield let_go, began
    let_go.set()


@pytest.mark.parametrize("end", ["pause", "stop", "finish"])
def test_at_rest_a_run_is_evaluated_once_with_the_scores_of_its_trainer(desk, counted_evaluations, end):
    desk.edit(with_training(desk.document.experiment, epochs=5 if end == "finish" else 1_000_000))
    desk.until("ready")
    desk.session.train()
    if end != "finish":
        desk.until("training")
        getattr(desk.session, end)()
    frame = desk.until({"pause": "paused", "stop": "stopped", "finish": "finished"}[end])
    wait_until(lambda: desk.scored, "scores")
    QTest.qWait(3 * REST_MS)
    (scored,) = desk.scored
    assert (scored.run, scored.step) == (frame.run, frame.step)
    assert len(counted_evaluations) == 1
    copies = []
    desk.session.capture(copies.append, pytest.fail)
    wait_until(lambda: copies, "copy of the run")
    trainer = resume(copies[0].complete(), desk.prepared[-1].dataset, "the copy")
    for found, right in zip(scored.scores, map(trainer.evaluate, PARTS), strict=True):
        assert (found.part, found.loss, found.metrics) == (right.part, right.loss, right.metrics)
    assert scored.caption == f"The weights after step {frame.step:,}".replace(",", "\u202f")


def test_the_worker_answers_and_trains_while_an_evaluation_goes_on(desk, slow_evaluation):
    _, began = slow_evaluation
    desk.until("ready")
    desk.session.train("batch")
    desk.until("paused")
    wait_until(lambda: began, "evaluation")
    assert [job.title for job in desk.jobs.running] == ["Evaluating"]
    assert not desk.jobs.running[0].quiet
    desk.session.train("batch")
    assert desk.until("paused").step == 2
    assert began[0].cancelled
    assert desk.scored == []


def test_training_on_cancels_the_evaluation_of_the_earlier_state(desk, slow_evaluation):
    let_go, began = slow_evaluation
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    wait_until(lambda: began, "evaluation")
    desk.session.train("epoch")
    assert began[0].cancelled
    let_go.set()
    frame = desk.until("paused")
    wait_until(lambda: desk.scored, "scores")
    assert [(message.run, message.step) for message in desk.scored] == [(frame.run, frame.step)]


@pytest.mark.parametrize("way", ["edit", "reset", "load", "close"])
def test_another_run_cancels_the_evaluation(desk, slow_evaluation, way):
    _, began = slow_evaluation
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    wait_until(lambda: began, "evaluation")
    if way == "edit":
        desk.edit(experiment([dense(3)], epochs=5))
    elif way == "reset":
        desk.document.run = desk.session.reset()
    elif way == "load":
        desk.document.run = desk.session.load(desk.document.experiment)
    else:
        assert desk.session.shutdown()
    assert began[0].cancelled
    assert "Evaluating" not in [job.title for job in desk.jobs.running]


def test_many_quick_steps_are_evaluated_once(desk, counted_evaluations):
    desk.until("ready")
    for _ in range(20):
        desk.session.train("batch")
        desk.until("paused")
    assert len(counted_evaluations) <= 2, "two steps may lie far apart on a busy machine"
    wait_until(lambda: desk.scored and desk.scored[-1].step == 20, "scores")


def test_a_cancelled_evaluation_does_not_begin_again_by_itself(desk, slow_evaluation):
    let_go, began = slow_evaluation
    desk.until("ready")
    desk.session.train("batch")
    desk.until("paused")
    wait_until(lambda: began, "evaluation")
    desk.jobs.cancel(desk.jobs.running[0])
    let_go.set()
    desk.session.request_frame()
    QTest.qWait(3 * REST_MS)
    assert len(began) == 1
    desk.session.train("batch")
    wait_until(lambda: desk.scored, "scores")


def test_an_average_that_ends_is_evaluated_again_at_the_same_step(desk):
    desk.edit(with_training(desk.document.experiment, weight_averaging=0.9))
    desk.until("ready")
    desk.session.train("epoch")
    step = desk.until("paused").step
    wait_until(lambda: desk.scored, "scores")
    desk.edit(with_training(desk.document.experiment, weight_averaging=None))
    wait_until(lambda: len(desk.scored) == 2, "scores of the weights themselves")
    assert [message.step for message in desk.scored] == [step, step]
    assert desk.scored[0].caption.startswith("The average of the weights")
    assert desk.scored[1].caption.startswith("The weights after")


def test_a_run_that_comes_back_is_evaluated_again(desk):
    desk.until("ready")
    desk.session.train("epoch")
    desk.until("paused")
    wait_until(lambda: desk.scored, "scores")
    desk.edit(experiment([dense(3)], epochs=5))
    desk.until("ready")
    desk.scored.clear()
    desk.document.undo_stack.undo()
    wait_until(lambda: desk.scored, "scores")
    assert desk.scored[0].run == desk.document.run


def test_too_little_memory_for_an_evaluation_is_a_sentence(desk, monkeypatch):
    failures = []
    desk.jobs.failed.connect(lambda title, error: failures.append((title, error.where)))

    def too_large(self, progress):
        raise MemoryError

    monkeypatch.setattr(FrozenNetwork, "scores", too_large)
    desk.until("ready")
    desk.session.train("batch")
    wait_until(lambda: failures, "sentence")
    assert failures == [("Evaluating", "Memory")]
    assert desk.until("paused").step == 1
