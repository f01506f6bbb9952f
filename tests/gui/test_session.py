"""The session asks for frames while the run moves, however slowly, and no longer than that."""

import pytest

from engine.training.snapshot import Wanted
from gui.messages import Frame
from gui.session import Session


@pytest.mark.parametrize(
    ("status", "asks"), [("training", True), ("paused", False), ("finished", False), ("ready", False)]
)
def test_a_step_that_stays_the_same_ends_no_picture_of_training(qapp, monkeypatch, status, asks):
    """While an epoch is scored, or a step takes long, frame after frame shows the same step."""
    session = Session(Wanted)
    monkeypatch.setattr(session._share, "due", lambda: True)
    for _ in range(4):
        session._tick()
        session._mailbox.take_request()
        session._mailbox.put(Frame(1, status, step=733))
    session._tick()
    session._tick()
    assert session._mailbox.requested == asks
