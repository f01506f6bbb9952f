"""The worker without a window: what it does between steps, and what it never loses."""

import time

import numpy as np
import pytest

from engine.data import describe
from engine.insight.distributions import HistogramsQuery
from engine.insight.run_queries import DecisionMapQuery, ParametersQuery
from engine.progress import Progress
from engine.training import evaluator, scoring
from engine.training.frozen_network import PARTS
from engine.training.stopping import Event
from gui.core.messages import Captured, Crashed, Frozen, Refused
from gui.core.runs import Run
from tests.engine.training.runs import experiment, finish, trainer, with_training


def test_train_to_the_end(driver):
    driver.drive(experiment(epochs=5))
    ready = driver.until("ready")
    assert ready.epochs == 5
    assert ready.threads == 1
    driver.worker.train(1)
    frame = driver.until("finished")
    assert frame.sentence == "All 5 epochs are done."
    assert frame.history.epochs.count == 5


def test_a_copy_to_score_is_of_the_step_at_which_it_was_ordered(driver):
    run = driver.drive(experiment(epochs=1_000_000))
    driver.worker.train(1, "epoch")
    step = driver.until("paused").step
    command = driver.worker.freeze(1)
    driver.worker.train(1)
    frozen = driver.message(Frozen)
    assert (frozen.command, frozen.run, frozen.step) == (command, 1, step)
    assert frozen.caption == f"The weights after step {step}"
    training = driver.until("training")
    alone = trainer(run.trainer.experiment)
    for _ in zip(range(alone.steps_per_epoch), alone.run(), strict=False):
        pass
    for found, right in zip(frozen.network.scores(Progress()), map(alone.evaluate, PARTS), strict=True):
        assert (found.part, found.loss, found.metrics) == (right.part, right.loss, right.metrics)
    assert driver.frame().step >= training.step, "training went on meanwhile"


def test_no_copy_for_lack_of_memory_is_said(driver, monkeypatch):
    def too_large(trainer):
        raise MemoryError

    driver.drive(experiment(epochs=5))
    monkeypatch.setattr("gui.core.captures.FrozenNetwork", too_large)
    driver.worker.freeze(1)
    frozen = driver.message(Frozen)
    assert (frozen.network, frozen.error.where) == (None, "Memory")


def test_step_batch_and_step_epoch(driver):
    run = driver.drive(experiment(epochs=5))
    per_epoch = run.trainer.dataset.training.rows_count // 16 + 1
    driver.worker.train(1, "batch")
    assert driver.until("paused").step == 1
    driver.worker.train(1, "epoch")
    assert driver.until("paused").step == per_epoch
    driver.worker.train(1, "epoch")
    assert driver.until("paused").step == 2 * per_epoch


@pytest.mark.parametrize("goal", ["batch", "epoch"])
def test_steps_ordered_faster_than_they_are_taken_are_all_taken(driver, goal):
    run = driver.drive(experiment(epochs=50))
    for _ in range(5):
        driver.worker.train(1, goal)
    per_turn = 1 if goal == "batch" else run.trainer.steps_per_epoch
    assert driver.until("paused").step == 5 * per_turn
    driver.worker.train(1, goal)
    assert driver.until("paused").step == 6 * per_turn


def test_an_epoch_that_ends_without_a_step_counts_as_none(driver, monkeypatch):
    """Stopped while the epoch was scored, a run first ends that epoch when it goes on."""
    monkeypatch.setattr(scoring, "SECONDS_A_PIECE", 0.0)
    monkeypatch.setattr(evaluator, "MOST_ROWS_AT_ONCE", 8)
    settings = experiment(epochs=9)
    run = trainer(settings)
    for event in run.run():
        if event is Event.SCORING:
            break
    run.stop()
    step = run.step
    driver.worker.drive(Run(1, run, describe(settings.data.source.load(), settings.data)))
    assert driver.until("stopped").step == step
    for _ in range(3):
        driver.worker.train(1, "batch")
    assert driver.until("paused").step == step + 3


def test_pause_waits_and_stop_says_why(driver):
    driver.drive(experiment(epochs=1_000_000))
    driver.worker.train(1)
    driver.until("training")
    driver.worker.pause(1)
    paused = driver.until("paused")
    assert driver.frame().step == paused.step
    driver.worker.stop(1)
    assert driver.until("stopped").sentence.startswith("Stopped by you in epoch ")


def test_a_frame_says_which_commands_it_knows_of(driver):
    driver.drive(experiment(epochs=1_000_000))
    for _ in range(200):
        command = driver.worker.train(1)
        frame = driver.frame()
        assert (frame.status, frame.command) == ("training", command)
        command = driver.worker.stop(1)
        frame = driver.frame()
        assert (frame.status, frame.command) == ("stopped", command)


def test_a_command_for_another_run_is_refused(driver):
    settings = experiment(epochs=1_000_000)
    driver.drive(settings, number=7)
    driver.worker.train(6)
    driver.worker.change(6, with_training(settings, l2=0.1))
    driver.worker.capture(6, request=3)
    captured = driver.message(Captured)
    assert (captured.request, captured.copy, captured.error) == (3, None, None)
    frame = driver.until("ready")
    assert frame.run == 7
    driver.worker.train(7)
    driver.until("training")
    driver.worker.pause(6)
    driver.worker.stop(6)
    assert driver.frame().status == "training"


def test_a_copy_is_of_the_moment_at_which_it_was_ordered(driver):
    run = driver.drive(experiment(epochs=1_000_000))
    driver.worker.train(1, "batch")
    driver.worker.capture(1, request=1)
    driver.worker.leave()
    driver.drive(experiment(epochs=3), number=2)
    captured = driver.message(Captured)
    assert captured.copy.saved.experiment == run.trainer.experiment
    assert captured.copy.step in (0, 1)
    driver.worker.leave()
    driver.worker.drive(run)
    driver.worker.train(1)
    driver.until("training")
    driver.worker.capture(1, request=2)
    saved = driver.message(Captured).copy.complete()
    assert len(saved.history["steps/loss"]) == saved.state.numbers["step"]
    assert driver.frame().status == "training"


def test_live_change_in_mid_run_keeps_the_run(driver):
    settings = experiment(epochs=1_000_000)
    driver.drive(settings)
    driver.worker.train(1)
    driver.worker.change(1, with_training(settings, optimizer={"kind": "adam", "learning_rate": 0.5}))
    frame = driver.frame()
    assert (frame.run, frame.status) == (1, "training")
    assert [mark.text for mark in frame.history.marks] in ([], ["learning rate 0.001 → 0.5"])


def test_a_change_that_does_not_fit_the_data_is_refused_until_it_is_mended(driver):
    settings = experiment(epochs=1_000_000)
    driver.drive(settings)
    driver.worker.train(1)
    driver.until("training")
    wrong = with_training(settings, augmentation=["rotate"])
    driver.worker.change(1, wrong)
    refused = driver.message(Refused)
    assert (refused.run, refused.experiment) == (1, wrong)
    assert refused.error.expected == "images, which rotate is for"
    waiting = driver.until("invalid")
    driver.worker.train(1)
    assert driver.frame().step == waiting.step
    driver.worker.change(1, with_training(settings, augmentation=["noise"]))
    frame = driver.until("paused")
    assert frame.step == waiting.step > 0
    assert [mark.text for mark in frame.history.marks] == ["augmentation none → Noise"]


def test_more_epochs_after_the_last_one_make_a_finished_run_a_paused_one(driver):
    settings = experiment(epochs=5)
    driver.drive(settings)
    driver.worker.train(1)
    driver.until("finished")
    driver.worker.change(1, with_training(settings, epochs=8))
    driver.until("paused")
    driver.worker.train(1)
    assert driver.until("finished").position == 8


def test_how_an_opened_run_stands(driver):
    settings = experiment(epochs=3)
    done = finish(trainer(settings))
    driver.worker.drive(Run(4, done, describe(settings.data.source.load(), settings.data)))
    frame = driver.until("finished")
    assert (frame.run, frame.step) == (4, done.step)


def test_a_fault_is_reported_once_and_the_worker_lives_on(driver, monkeypatch):
    def fault(*arguments, **named):
        raise RuntimeError("a fault of the program")

    driver.drive(experiment(epochs=5))
    monkeypatch.setattr("gui.core.captures.FrozenNetwork", fault)
    driver.worker.train(1, "batch")
    driver.until("paused")
    driver.worker.freeze(1)
    assert "a fault of the program" in driver.message(Crashed).traceback
    assert [driver.frame().step for _ in range(5)] == [1] * 5
    assert driver.frame().status == "paused"


def test_weights_are_looked_at_in_mid_run_without_changing_them(driver):
    settings = experiment(epochs=5)
    driver.drive(settings)
    driver.worker.train(1, "epoch")
    queries = ParametersQuery(), HistogramsQuery("gradients"), DecisionMapQuery(10)
    while driver.frame(*queries).status != "paused":
        pass
    seen = driver.frame(*queries).answers.get(ParametersQuery())[0].weight
    alone = trainer(settings)
    for _ in zip(range(alone.steps_per_epoch), alone.run(), strict=False):
        pass
    assert np.array_equal(seen, alone.network.parameter_views[0]["weight"])


def test_a_stop_need_not_wait_for_a_step_that_is_seconds_away(driver):
    driver.drive(experiment(epochs=5))
    driver.worker.set_speed("steps")
    driver.worker.train(1)
    driver.until("training")
    while driver.frame().step == 0:
        pass
    began = time.perf_counter()
    driver.worker.stop(1)
    frame = driver.until("stopped")
    # It takes a few milliseconds; a busy machine may take longer to give the thread its turn.
    assert time.perf_counter() - began < 1.0
    assert frame.step == 1
