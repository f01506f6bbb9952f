"""The window's share of time: how often frames come follows from what they cost, not from a fixed rate.
And the limiter of training, which keeps its pace."""

import time

import pytest

from gui.core.pace import SHORTEST_WAIT_S, FrameBudget, StepLimiter, steps_per_second


class Clocks:
    """Time that has passed, and what of it a thread has worked; advanced by hand."""

    def __init__(self):
        self.now = self.work = 0.0

    def work_for(self, seconds):
        self.now += seconds
        self.work += seconds

    def rest(self, seconds):
        self.now += seconds


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def share(clocks):
    return FrameBudget(0.25, 0.05, 2.0, lambda: clocks.now, lambda: clocks.work)


def test_the_first_piece_may_begin_at_once(share):
    assert share.due()


def test_cheap_pieces_come_as_often_as_the_interval_says(clocks, share):
    share.begin()
    clocks.work_for(0.005)
    assert not share.due()
    clocks.rest(0.0451)
    assert share.due()


def test_after_a_dear_piece_the_thread_rests_until_its_share_is_kept(clocks, share):
    share.begin()
    clocks.work_for(0.1)
    clocks.rest(0.29)
    assert not share.due()
    clocks.rest(0.011)
    assert share.due()


def test_after_the_dearest_piece_it_rests_no_longer_than_the_longest_wait(clocks, share):
    share.begin()
    clocks.work_for(1.5)
    clocks.rest(0.49)
    assert not share.due()
    clocks.rest(0.011)
    assert share.due()


def test_another_share_counts_at_once(clocks, share):
    share.begin()
    clocks.work_for(0.1)
    clocks.rest(0.15)
    assert not share.due()
    share.share = 0.5
    assert share.due()


def test_work_that_a_piece_has_only_set_going_counts_too(clocks, share):
    share.begin()
    clocks.work_for(0.01)
    clocks.rest(0.06)
    clocks.work_for(0.03)
    assert not share.due()
    clocks.rest(0.0601)
    assert share.due()


def test_waiting_is_no_work():
    share = FrameBudget(0.5, 0.0, 1e9)
    share.begin()
    time.sleep(0.05)
    assert share.due()


def test_a_limiter_keeps_its_pace(clocks):
    limiter = StepLimiter(100.0, lambda: clocks.now)
    for _ in range(20):
        clocks.rest(limiter.delay())
        limiter.step()
    # The first step is due at once.
    assert clocks.now == pytest.approx(0.19)


def test_what_a_late_step_lost_is_not_made_up_for(clocks):
    limiter = StepLimiter(100.0, lambda: clocks.now)
    limiter.step()
    clocks.rest(0.5)
    assert limiter.delay() == 0
    limiter.step()
    assert limiter.delay() == pytest.approx(0.01)


def test_a_step_due_sooner_than_a_thread_can_be_woken_is_due_now(clocks):
    limiter = StepLimiter(100.0, lambda: clocks.now)
    limiter.step()
    clocks.rest(0.01 - 0.9 * SHORTEST_WAIT_S)
    assert limiter.delay() == 0


def test_step_by_step_is_one_step_in_three_seconds(clocks):
    limiter = StepLimiter(steps_per_second("steps", True, 8), lambda: clocks.now)
    times = []
    for _ in range(4):
        clocks.rest(limiter.delay())
        times.append(clocks.now)
        limiter.step()
    assert times == pytest.approx([0.0, 3.0, 6.0, 9.0])


def test_the_other_speeds_are_epochs(clocks):
    assert steps_per_second("slow", False, 8) == 4 * 8
    assert steps_per_second("automatic", True, 8) == 40 * 8
    assert steps_per_second("automatic", False, 8) == steps_per_second("full", True, 8) == 0
