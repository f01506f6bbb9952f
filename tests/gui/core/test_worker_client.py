"""The window's side of the worker: when it asks for frames, and how much of the time it takes."""

import pytest
from PySide6.QtTest import QTest

from gui.core.messages import Frame
from gui.core.worker_client import SHARE_BESIDE_SEVERAL, SHARE_OF_TIME, TICK_MS
from tests.gui.core.still_worker import StillBudget, client_of_still_worker
from tests.gui.desk import wait_until


@pytest.mark.parametrize(
    ("status", "asks"), [("training", True), ("paused", False), ("finished", False), ("ready", False)]
)
def test_a_step_that_stays_the_same_ends_no_picture_of_training(qapp, monkeypatch, status, asks):
    """While an epoch is scored, or a step takes long, frame after frame shows the same step."""
    asked = []
    client = client_of_still_worker(monkeypatch, Frame(1, status, step=733), lambda: asked.append(0) or ())
    if asks:
        wait_until(lambda: len(asked) > 10, "request of a frame")
    else:
        wait_until(lambda: len(asked) == 2, "request of a frame to compare with the first")
        QTest.qWait(10 * TICK_MS)
        assert len(asked) == 2
    client.shutdown()


@pytest.mark.parametrize(
    ("frame", "share"),
    [
        (Frame(1, "training", threads=2), SHARE_BESIDE_SEVERAL),
        (Frame(1, "training", threads=1), SHARE_OF_TIME),
        (Frame(1, "paused", threads=2), SHARE_OF_TIME),
    ],
)
def test_the_window_takes_less_while_several_threads_train(qapp, monkeypatch, frame, share):
    client = client_of_still_worker(monkeypatch, frame, tuple)
    wait_until(lambda: StillBudget.newest.share is not None, "frame")
    assert StillBudget.newest.share == share
    client.shutdown()
