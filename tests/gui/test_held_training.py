"""Training that waits for the answer to a question."""

import time

import pytest

from tests.engine.training.runs import experiment
from tests.gui.test_worker import PATIENCE_S, Driver


@pytest.fixture
def driver():
    driver = Driver()
    yield driver
    driver.close()


@pytest.mark.parametrize("goal", ["run", "epoch"])
def test_held_back_it_takes_no_step_and_goes_on_with_what_it_was_at(driver, goal):
    driver.worker.adopt(experiment(epochs=200_000))
    driver.worker.train(goal)
    driver.worker.hold()
    held = driver.until("paused")
    time.sleep(0.05)
    assert driver.frame().step == held.step
    driver.worker.release()
    limit = time.monotonic() + PATIENCE_S
    while driver.frame().position < 1:
        assert time.monotonic() < limit
    assert driver.until("paused" if goal == "epoch" else "training").position >= 1


def test_what_was_paused_is_paused_after_it(driver):
    driver.worker.adopt(experiment(epochs=5))
    driver.worker.train("batch")
    driver.until("paused")
    driver.worker.hold()
    driver.worker.release()
    assert [driver.frame().step for _ in range(5)] == [1] * 5
    assert driver.frame().status == "paused"
