"""Threads that share the work on a batch: order of sums, failures, and an end in every case."""

import gc
import signal
import threading
import time

import numpy as np
import pytest

from engine.training.worker_pool import WorkerPool

PATIENCE_S = 60.0
"""For what surely comes, on a machine that does other things as well."""


@pytest.fixture
def pool():
    pool = WorkerPool(3)
    yield pool
    pool.shutdown()


@pytest.fixture
def begun():
    """Tells the threads that were not there when the test began. Those that were may end at any time."""
    before = set(threading.enumerate())
    return lambda: set(threading.enumerate()) - before


def test_each_task_has_a_thread_of_its_own_and_the_first_is_the_callers(pool):
    at_once = threading.Barrier(3, timeout=PATIENCE_S)
    found = [None] * 3

    def task(number):
        # Passes only if all three are at work at the same time.
        at_once.wait()
        found[number] = threading.current_thread()

    pool.run([lambda number=number: task(number) for number in range(3)])
    assert found[0] is threading.current_thread()
    assert len(set(found)) == 3
    first = list(found)
    pool.run([lambda number=number: task(number) for number in range(3)])
    assert found == first


def test_a_meeting_gives_everybody_the_sum_in_the_order_of_the_members(pool):
    # In float32, (1 + 1e8) − 1e8 is 0, while 1 + (1e8 − 1e8) is 1: the order can be told from the sum.
    values = [
        np.array([1.0, 2.0], np.float32),
        np.array([1e8, 3.0], np.float32),
        np.array([-1e8, 4.0], np.float32),
    ]
    expected = (values[0] + values[1]) + values[2]
    for _ in range(50):
        arrays = [value.copy() for value in values]

        def task(number, arrays=arrays):
            # Whoever comes last, the sum is the same.
            time.sleep(np.random.default_rng(number).random() * 1e-4)
            pool.barrier.all_reduce(number, arrays[number])

        pool.run([lambda number=number: task(number) for number in range(3)])
        for array in arrays:
            assert np.array_equal(array, expected)


@pytest.mark.parametrize("failing", range(3))
def test_whoever_fails_nobody_is_left_waiting_and_the_reason_is_told(pool, failing):
    def task(number):
        pool.barrier.all_reduce(number, np.ones(2))
        if number == failing:
            raise MemoryError("no room")
        pool.barrier.all_reduce(number, np.ones(2))

    with pytest.raises(MemoryError, match="no room"):
        pool.run([lambda number=number: task(number) for number in range(3)])
    # The pool is as good as new: nothing of the failed task is left in its meetings.
    arrays = [np.full(2, float(number)) for number in range(3)]
    pool.run([lambda number=number: pool.barrier.all_reduce(number, arrays[number]) for number in range(3)])
    assert [array.tolist() for array in arrays] == [[3.0, 3.0]] * 3


def test_several_failures_tell_the_cause_and_not_its_consequence(pool):
    def task(number):
        if number == 2:
            raise ValueError("the cause")
        pool.barrier.all_reduce(number, np.ones(1))

    with pytest.raises(ValueError, match="the cause"):
        pool.run([lambda number=number: task(number) for number in range(3)])


class HalfGiven(list):
    """Tasks that a Ctrl+C keeps from all being handed out."""

    def __getitem__(self, place):
        return self._some() if isinstance(place, slice) else super().__getitem__(place)

    def _some(self):
        yield self[1]
        raise KeyboardInterrupt


def test_ctrl_c_before_all_have_their_tasks_leaves_nobody_waiting(pool, begun):
    def task(number):
        pool.barrier.all_reduce(number, np.ones(1))

    with pytest.raises(KeyboardInterrupt):
        pool.run(HalfGiven(lambda number=number: task(number) for number in range(3)))
    assert not begun()
    arrays = [np.full(2, float(number)) for number in range(3)]
    pool.run([lambda number=number: pool.barrier.all_reduce(number, arrays[number]) for number in range(3)])
    assert [array.tolist() for array in arrays] == [[3.0, 3.0]] * 3


def test_ctrl_c_while_waiting_for_the_others_is_not_taken_for_their_answer(pool):
    main, done = threading.main_thread(), []

    def interrupting():
        signal.pthread_kill(main.ident, signal.SIGINT)
        time.sleep(0.01)
        done.append("interrupted")

    with pytest.raises(KeyboardInterrupt):
        pool.run([lambda: None, interrupting, lambda: None])
    # Nobody works on in secret, and the next run waits for its own tasks.
    assert done == ["interrupted"]
    pool.run([lambda: None, lambda: (time.sleep(0.01), done.append("next")), lambda: None])
    assert done == ["interrupted", "next"]


def test_threads_begin_with_the_first_task_and_end_when_dismissed_or_forgotten(begun):
    pool = WorkerPool(3)
    assert not begun()
    pool.run([lambda: None] * 3)
    assert len(begun()) == 2
    pool.shutdown()
    assert not begun()
    pool.shutdown()
    pool.run([lambda: None] * 3)
    assert len(begun()) == 2
    del pool
    gc.collect()
    deadline = time.monotonic() + PATIENCE_S
    while begun() and time.monotonic() < deadline:
        time.sleep(0.001)
    assert not begun()


def test_warnings_of_numpy_are_off_in_every_member(pool):
    # Warnings are errors in the tests: an overflow would fail its task.
    big = np.full(4, 3e38, np.float32)
    with np.errstate(all="ignore"):
        pool.run([lambda: np.multiply(big, big)] * 3)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_no_more_members_run_than_there_are_cores_for(at_once):
    """Also around meetings, and after a task that has failed; sums come out the same."""
    pool, lock = WorkerPool(3, at_once), threading.Lock()
    running, most = 0, 0

    def work():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(1e-3)
        with lock:
            running -= 1

    def task(number, arrays, fails=False):
        work()
        pool.barrier.all_reduce(number, arrays[number])
        work()
        if fails and number == 1:
            raise MemoryError
        pool.barrier.wait(number)
        work()

    for fails in (False, True, False, False):
        arrays = [np.full(2, float(number)) for number in range(3)]
        tasks = [lambda number=number, a=arrays, f=fails: task(number, a, f) for number in range(3)]
        if fails:
            with pytest.raises(MemoryError):
                pool.run(tasks)
        else:
            pool.run(tasks)
            # When somebody has failed, nobody waits for a turn, so that all end soon.
            assert most <= at_once
        most = 0
        assert [array.tolist() for array in arrays] == [[3.0, 3.0]] * 3
    pool.shutdown()
