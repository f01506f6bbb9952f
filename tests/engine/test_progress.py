"""Progress of long work: fractions of parts, and cancelling, also in the middle of a library's call."""

import threading

import pytest

from engine.progress import Cancelled, Progress, blocks


def test_a_part_reports_its_stretch_of_the_whole() -> None:
    progress = Progress()
    second_half = progress.part(0.5, 1.0)
    second_half.report(0.5, "Reading rows")
    assert (progress.fraction, progress.text) == (0.75, "Reading rows")
    second_half.part(0.5, 1.0).report(0.5)
    assert (progress.fraction, progress.text) == (0.875, "Reading rows")
    second_half.report(None)
    assert progress.fraction is None


def test_work_ends_at_its_next_report_once_cancelled() -> None:
    progress = Progress()
    part = progress.part(0.0, 0.3)
    part.report(0.1)
    progress.cancel()
    assert part.cancelled
    with pytest.raises(Cancelled):
        part.report(0.2)
    with pytest.raises(Cancelled):
        progress.check()


def test_cancelling_interrupts_a_call_that_cannot_look_for_itself() -> None:
    progress, interrupted = Progress(), threading.Event()

    def call_that_is_interrupted() -> None:
        assert interrupted.wait(10)
        raise RuntimeError("what the library raises when it is interrupted")

    threading.Timer(0.01, progress.cancel).start()
    with pytest.raises(Cancelled), progress.part(0, 1).interruptible(interrupted.set):
        call_that_is_interrupted()
    progress = Progress()
    with progress.interruptible(interrupted.set):
        pass
    interrupted.clear()
    progress.cancel()
    assert not interrupted.is_set(), "what is no longer under way is not interrupted"


def test_an_error_of_the_work_itself_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError), Progress().interruptible(lambda: None):
        raise RuntimeError


def test_steps_of_equal_length_make_up_the_whole() -> None:
    progress = Progress()
    found = []
    for step in progress.parts(2):
        for block in blocks(5, step, 2):
            found.append((block.start, block.stop, progress.fraction))
    assert found == [(0, 2, 0.0), (2, 4, 0.2), (4, 5, 0.4), (0, 2, 0.5), (2, 4, 0.7), (4, 5, 0.9)]
    assert list(blocks(0, progress)) == []


def test_no_block_follows_once_cancelled() -> None:
    progress = Progress()
    steps = blocks(5, progress, 2)
    assert next(steps) == slice(0, 2)
    progress.cancel()
    with pytest.raises(Cancelled):
        next(steps)
