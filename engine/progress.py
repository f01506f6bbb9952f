"""Progress and cancellation of work that may take long: reading a table, opening a file, preparing data."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


class Cancelled(Exception):
    """The work was cancelled, and its result is not needed any more."""


class Progress:
    """What long work reports to, and where it learns that it was cancelled.

    One thread works and reports; any other may read `fraction` and `text`, and call `cancel`. Work that
    nobody watches takes a `Progress()` of its own.
    """

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._interrupts: list[Callable[[], None]] = []
        self.fraction: float | None = None
        """How much is done, 0 to 1; None where that is not known."""
        self.text = ""
        """What is being done, in a few words: "Reading rows"."""

    @property
    def cancelled(self) -> bool:
        """Whether the work is to end without a result."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask for the end of the work, from any thread; library calls in `interruptible` are broken off."""
        with self._lock:
            self._cancelled.set()
            for interrupt in self._interrupts:
                interrupt()

    def check(self) -> None:
        """Raise Cancelled if the work was cancelled; cheap enough for every row block or chunk."""
        if self._cancelled.is_set():
            raise Cancelled

    def report(self, fraction: float | None, text: str | None = None) -> None:
        """Note how far the work is; raises Cancelled if it was cancelled. text: None keeps the last one."""
        self.fraction = fraction
        if text is not None:
            self.text = text
        self.check()

    def part(self, start: float, end: float) -> "Progress":
        """A progress whose 0 to 1 is a stretch of this one's, for a step that knows only its own length."""
        return _PartProgress(self, start, end)

    def parts(self, count: int) -> "list[Progress]":
        """Parts of equal length, one behind the other: for steps that take about the same time."""
        return [self.part(step / count, (step + 1) / count) for step in range(count)]

    @contextmanager
    def interruptible(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """While entered, `cancel` also calls `interrupt` (a database's, say) from its own thread.

        Leaving it raises Cancelled if the work was cancelled, also in place of what the library raised.
        """
        with self._lock:
            self._interrupts.append(interrupt)
        try:
            self.check()
            yield
        except BaseException:  # what a cancelled piece of work failed with matters no more; else raised again
            self.check()
            raise
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)
        self.check()


def left_when_cancelled(work: Callable[[], Result], progress: Progress, waited_for: bool = True) -> Result:
    """The result of a library call that cannot be broken off, which another thread makes.

    Cancelled, it is left: Cancelled is raised at once, the call goes on to its end, and nobody takes what it
    gives. It has to release the interpreter lock for this. What it raises is raised here.

    waited_for : whether the end of the process waits for the call. It has to where it may be inside of a
    compiled library, which would bring the process down; it must not where it may never come back, as from
    the network.
    """
    over, results, errors = threading.Event(), list[Result](), list[BaseException]()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # raised by the thread that waits; a panic of Rust is no Exception
            errors.append(error)
        finally:
            over.set()

    thread = threading.Thread(target=run, daemon=not waited_for)
    with progress.interruptible(over.set):
        thread.start()
        over.wait()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


class _PartProgress(Progress):
    """A stretch of another progress: passes everything on to it."""

    def __init__(self, total: Progress, start: float, end: float) -> None:
        # Without an event and a lock of its own: a wide table makes a part for each of its columns.
        self.fraction, self.text = None, ""
        self._total, self._start, self._length = total, start, end - start

    @property
    def cancelled(self) -> bool:
        return self._total.cancelled

    def cancel(self) -> None:
        self._total.cancel()

    def check(self) -> None:
        self._total.check()

    def report(self, fraction: float | None, text: str | None = None) -> None:
        self.fraction = fraction
        self._total.report(None if fraction is None else self._start + fraction * self._length, text)

    @contextmanager
    def interruptible(self, interrupt: Callable[[], None]) -> Iterator[None]:
        with self._total.interruptible(interrupt):
            yield


BLOCK_ROWS = 2**16
"""Few enough that a call on them neither holds the interpreter lock nor puts off a Cancel for long."""


def blocks(count: int, progress: Progress, size: int = BLOCK_ROWS) -> Iterator[slice]:
    """Slices of at most `size` from 0 to `count`, reporting before each how far they are."""
    for start in range(0, count, size):
        progress.report(start / count)
        yield slice(start, min(start + size, count))
    progress.check()
