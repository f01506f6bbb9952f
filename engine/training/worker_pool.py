"""Threads that work on parts of one batch at the same time, and the places where they meet.

NumPy lets go of Python's lock inside its loops and products, so that large arrays are worked on at once.
What is done by whom, and the order of every sum over the members, is fixed: no result depends on timing, nor
on how many members run at the same time.
"""

import threading
import weakref
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from engine.arrays import Array

Task = Callable[[], None]


class Abandoned(Exception):
    """Another member of the team has failed: what it was to bring to a meeting will not come."""


class Meeting:
    """Where members wait for one another during their tasks, or add up arrays: each then has the sum of all.

    All members have to come equally often and in the same order.
    at_once : how many members run at the same time, at most. On fewer cores than members, each works
    until it has to wait, rather than all in turns, with the arrays of all of them in the cache.
    """

    def __init__(self, size: int, at_once: int) -> None:
        # One entry for each member that may begin to run; None where all may.
        self._permits: SimpleQueue[None] | None = SimpleQueue() if at_once < size else None
        if self._permits is not None:
            for _ in range(at_once):
                self._permits.put(None)
        self._arrivals: list[SimpleQueue[bool]] = [SimpleQueue() for _ in range(size)]
        self._brought: list[SimpleQueue[Array | None]] = [SimpleQueue() for _ in range(size - 1)]
        self._done: list[SimpleQueue[bool]] = [SimpleQueue() for _ in range(size - 1)]

    def work(self, task: Task) -> None:
        """Do a member's task, as soon as one more may run."""
        self._begin()
        try:
            task()
        finally:
            self._pause()

    def wait(self, member: int) -> None:
        """Return when all have come. The last one to come does not wait: each tells all the others."""
        for other, arrivals in enumerate(self._arrivals):
            if other != member:
                arrivals.put(True)
        self._pause()
        all_come = all(self._arrivals[member].get() for _ in range(len(self._arrivals) - 1))
        self._begin()
        if not all_come:
            raise Abandoned

    def add_up(self, member: int, array: Array) -> None:
        """Overwrite each member's array by the sum of all, added in the order of the members."""
        if member:
            self._brought[member - 1].put(array)
            self._pause()
            summed = self._done[member - 1].get()
            self._begin()
            if not summed:
                raise Abandoned
            return
        self._pause()
        arrays = [queue.get() for queue in self._brought]
        self._begin()
        for other in arrays:
            if other is None:
                raise Abandoned
            np.add(array, other, array)
        for other, done in zip(arrays, self._done, strict=True):
            if other is not None:
                np.copyto(other, array)
            done.put(True)

    def give_up(self, member: int) -> None:
        """Let nobody wait for a member that has failed, nor for its turn."""
        for arrivals in self._arrivals:
            arrivals.put(False)
        if member:
            self._brought[member - 1].put(None)
        else:
            for done in self._done:
                done.put(False)
        for _ in self._arrivals:
            self._pause()

    def _begin(self) -> None:
        """Wait until one more member may run."""
        if self._permits is not None:
            self._permits.get()

    def _pause(self) -> None:
        """Let another member run."""
        if self._permits is not None:
            self._permits.put(None)


class Order(NamedTuple):
    """A task for a member, and where the others may wait for it meanwhile."""

    task: Task
    member: int
    meeting: Meeting


class Team:
    """The calling thread, and size − 1 others that start with the first task and end with `dismiss`.

    at_once : how many of them run at the same time, at most; all, if left out.
    """

    def __init__(self, size: int, at_once: int | None = None) -> None:
        self.size = size
        self.at_once = min(at_once or size, size)
        self.meeting = Meeting(size, self.at_once)
        self._threads: list[threading.Thread] = []
        self._orders: list[SimpleQueue[Order | None]] = []
        self._answers: SimpleQueue[BaseException | None] = SimpleQueue()
        self._ending: weakref.finalize[..., Team] | None = None

    def run(self, tasks: Sequence[Task]) -> None:
        """Do each task on a member of its own, the first on the calling thread; return when all are done.

        As many tasks as members. Raises what the first failing task raised.
        """
        failures: list[BaseException] = []
        try:
            if not self._threads:
                self._start()
            for member, (queue, task) in enumerate(zip(self._orders, tasks[1:], strict=True), start=1):
                queue.put(Order(task, member, self.meeting))
            self.meeting.work(tasks[0])
            failures += filter(None, (self._answers.get() for _ in self._orders))
        except BaseException as error:  # also Ctrl+C, wherever it strikes: nobody is left waiting or at work
            self.meeting.give_up(0)
            self.dismiss()
            failures.append(error)
            while not self._answers.empty():
                failures += filter(None, [self._answers.get()])
        if failures:
            # What was brought to meetings that did not take place must not reach the next ones.
            self.meeting = Meeting(self.size, self.at_once)
            raise next((one for one in failures if not isinstance(one, Abandoned)), failures[0])

    def dismiss(self) -> None:
        """End the threads, when they have done what they were told; the next task starts new ones."""
        threads, self._threads, self._orders = self._threads, [], []
        if self._ending is not None:
            self._ending()
        for thread in threads:
            thread.join()

    def _start(self) -> None:
        self._orders = [SimpleQueue() for _ in range(self.size - 1)]
        # Answers that nobody has waited for belong to earlier threads.
        self._answers = SimpleQueue()
        # The threads know the queues alone, so that a team that is forgotten ends them too.
        self._ending = weakref.finalize(self, _end, self._orders)
        for number, orders in enumerate(self._orders, start=2):
            thread = threading.Thread(
                target=_serve, args=(orders, self._answers), name=f"batch part {number}", daemon=True
            )
            thread.start()
            self._threads.append(thread)


def _serve(orders: "SimpleQueue[Order | None]", answers: "SimpleQueue[BaseException | None]") -> None:
    """What a thread does: one task after the other, until there are no more."""
    # Overflow and NaN are found and reported at the end of each step; the setting is each thread's own.
    with np.errstate(all="ignore"):
        while (order := orders.get()) is not None:
            try:
                order.meeting.work(order.task)
            except BaseException as error:  # handed over, and raised by `run`
                order.meeting.give_up(order.member)
                answers.put(error)
            else:
                answers.put(None)
            # Not to hold what the task holds while waiting for the next one.
            del order


def _end(orders: "Sequence[SimpleQueue[Order | None]]") -> None:
    for queue in orders:
        queue.put(None)
