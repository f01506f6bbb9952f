"""A pool of threads that work on the parts of one batch at the same time, and the barrier where they wait.

NumPy releases Python's lock inside its loops and products, so that large arrays are processed in parallel.
Which worker does what, and the order of every sum over the workers, is fixed: no result depends on timing, or
on how many workers run at the same time.
"""

import threading
import weakref
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from engine.arrays import Array

Action = Callable[[], None]


class BrokenBarrier(Exception):
    """Another worker has failed: what it was to bring to the barrier will not come."""


class Barrier:
    """Where workers wait for one another, or sum arrays over all workers (all-reduce).

    All workers have to call it equally often and in the same order.

    Parameters
    ----------
    size : number of workers.
    running : how many workers run at the same time, at most. With fewer cores than workers, each worker runs
        until it has to wait; if all took turns, the arrays of all of them would compete for the cache.
    """

    def __init__(self, size: int, running: int) -> None:
        # One entry for each worker that may begin to run; None where all may.
        self._permits: SimpleQueue[None] | None = SimpleQueue() if running < size else None
        if self._permits is not None:
            for _ in range(running):
                self._permits.put(None)
        self._arrivals: list[SimpleQueue[bool]] = [SimpleQueue() for _ in range(size)]
        self._summands: list[SimpleQueue[Array | None]] = [SimpleQueue() for _ in range(size - 1)]
        self._done: list[SimpleQueue[bool]] = [SimpleQueue() for _ in range(size - 1)]

    def run(self, action: Action) -> None:
        """Run a worker's action, as soon as one more worker may run."""
        self._acquire()
        try:
            action()
        finally:
            self._release()

    def wait(self, worker: int) -> None:
        """Return when all workers have called it: each notifies all others, the last one does not wait."""
        for other, arrivals in enumerate(self._arrivals):
            if other != worker:
                arrivals.put(True)
        self._release()
        all_arrived = all(self._arrivals[worker].get() for _ in range(len(self._arrivals) - 1))
        self._acquire()
        if not all_arrived:
            raise BrokenBarrier

    def all_reduce(self, worker: int, array: Array) -> None:
        """Overwrite each worker's array by the sum over all workers, added in the order of the workers."""
        if worker:
            self._summands[worker - 1].put(array)
            self._release()
            summed = self._done[worker - 1].get()
            self._acquire()
            if not summed:
                raise BrokenBarrier
            return
        self._release()
        arrays = [queue.get() for queue in self._summands]
        self._acquire()
        for other in arrays:
            if other is None:
                raise BrokenBarrier
            np.add(array, other, array)
        for other, done in zip(arrays, self._done, strict=True):
            if other is not None:
                np.copyto(other, array)
            done.put(True)

    def abort(self, worker: int) -> None:
        """Let nobody wait for a worker that has failed, or for its permit to run."""
        for arrivals in self._arrivals:
            arrivals.put(False)
        if worker:
            self._summands[worker - 1].put(None)
        else:
            for done in self._done:
                done.put(False)
        for _ in self._arrivals:
            self._release()

    def _acquire(self) -> None:
        """Wait until one more worker may run."""
        if self._permits is not None:
            self._permits.get()

    def _release(self) -> None:
        """Let another worker run."""
        if self._permits is not None:
            self._permits.put(None)


class Assignment(NamedTuple):
    """An action for a worker, and the barrier that it may wait at."""

    action: Action
    worker: int
    barrier: Barrier


class WorkerPool:
    """The calling thread and size − 1 others, which start with the first call of `run`.

    Parameters
    ----------
    size : number of workers.
    running : how many of them run at the same time, at most; all, if left out.
    """

    def __init__(self, size: int, running: int | None = None) -> None:
        self.size = size
        self.running = min(running or size, size)
        self.barrier = Barrier(size, self.running)
        self._threads: list[threading.Thread] = []
        self._assignments: list[SimpleQueue[Assignment | None]] = []
        self._results: SimpleQueue[BaseException | None] = SimpleQueue()
        self._finalizer: weakref.finalize[..., WorkerPool] | None = None

    def run(self, actions: Sequence[Action]) -> None:
        """Run one action on each worker, the first on the calling thread; return when all are done.

        Raises what the first failing action raised.
        """
        failures: list[BaseException] = []
        try:
            if not self._threads:
                self._start()
            for worker, (queue, action) in enumerate(
                zip(self._assignments, actions[1:], strict=True), start=1
            ):
                queue.put(Assignment(action, worker, self.barrier))
            self.barrier.run(actions[0])
            failures += filter(None, (self._results.get() for _ in self._assignments))
        except (
            BaseException
        ) as error:  # also Ctrl+C, wherever it strikes: no thread is left waiting or at work
            self.barrier.abort(0)
            self.shutdown()
            failures.append(error)
            while not self._results.empty():
                failures += filter(None, [self._results.get()])
        if failures:
            # What was brought to this barrier and not taken must not reach the next batch.
            self.barrier = Barrier(self.size, self.running)
            raise next((one for one in failures if not isinstance(one, BrokenBarrier)), failures[0])

    def shutdown(self) -> None:
        """End the threads once their actions are done; the next `run` starts new ones."""
        threads, self._threads, self._assignments = self._threads, [], []
        if self._finalizer is not None:
            self._finalizer()
        for thread in threads:
            thread.join()

    def _start(self) -> None:
        self._assignments = [SimpleQueue() for _ in range(self.size - 1)]
        # Results that nobody has waited for belong to earlier threads.
        self._results = SimpleQueue()
        # The threads hold the queues and not the pool, so that a pool that is garbage collected ends them
        # too.
        self._finalizer = weakref.finalize(self, _end, self._assignments)
        for number, assignments in enumerate(self._assignments, start=2):
            thread = threading.Thread(
                target=_serve, args=(assignments, self._results), name=f"batch part {number}", daemon=True
            )
            thread.start()
            self._threads.append(thread)


def _serve(
    assignments: "SimpleQueue[Assignment | None]", results: "SimpleQueue[BaseException | None]"
) -> None:
    """What a thread runs: one assignment after the other, until None comes."""
    # Overflow and NaN are found and reported at the end of each step; the setting is each thread's own.
    with np.errstate(all="ignore"):
        while (assignment := assignments.get()) is not None:
            try:
                assignment.barrier.run(assignment.action)
            except BaseException as error:  # handed over, and raised by `run`
                assignment.barrier.abort(assignment.worker)
                results.put(error)
            else:
                results.put(None)
            # Otherwise the arrays of the action would stay alive while waiting for the next one.
            del assignment


def _end(assignments: "Sequence[SimpleQueue[Assignment | None]]") -> None:
    for queue in assignments:
        queue.put(None)
