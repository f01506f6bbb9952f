"""Speed: limits and measures how fast training goes, and limits how often the window takes a frame."""

import collections
import time
from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QObject, QTimer

Speed = Literal["automatic", "full", "slow", "steps"]
WATCHED_EPOCHS_PER_SECOND = 40.0
"""The pace of two-input examples: at full speed they are learned before anybody has seen how."""
SLOW_EPOCHS_PER_SECOND = 4.0
SECONDS_PER_STEP = 3.0
"""Slow enough that what a step does to every number can be read."""
SHORTEST_WAIT_S = 0.002
"""A thread cannot be woken more exactly than this."""


def steps_per_second(speed: Speed, two_inputs: bool, steps_per_epoch: int) -> float:
    """The limit of a speed, for an experiment with or without two inputs; 0 for none."""
    if speed == "steps":
        return 1 / SECONDS_PER_STEP
    if speed == "slow":
        return SLOW_EPOCHS_PER_SECOND * steps_per_epoch
    return WATCHED_EPOCHS_PER_SECOND * steps_per_epoch if speed == "automatic" and two_inputs else 0.0


class StepLimiter:
    """Keeps steps from coming faster than a limit (steps per second; 0: none)."""

    def __init__(self, steps_per_second: float = 0.0, clock: Callable[[], float] = time.perf_counter) -> None:
        self.on = steps_per_second > 0
        self._interval = 1 / steps_per_second if self.on else 0.0
        self._clock = clock
        self._due = clock()

    def delay(self) -> float:
        """Seconds until the next step is due; 0 where that is sooner than a thread can be woken."""
        ahead = self._due - self._clock()
        return ahead if ahead > SHORTEST_WAIT_S else 0.0

    def step(self) -> None:
        """A step was taken. What a late one lost is not made up for."""
        self._due = max(self._due, self._clock()) + self._interval


class SpeedMeter:
    """Epochs per second over the last second or so."""

    def __init__(self) -> None:
        self._samples: collections.deque[tuple[float, float]] = collections.deque(maxlen=30)

    def measure(self, position: float, training: bool) -> float:
        """Note the position in epochs now; returns epochs per second, 0 where that is not known."""
        if not training:
            self._samples.clear()
            return 0.0
        self._samples.append((time.perf_counter(), position))
        (began, start), (now, here) = self._samples[0], self._samples[-1]
        return (here - start) / (now - began) if now > began else 0.0


class FrameBudget:
    """When a thread may begin its next piece of work, so that all its work stays within a share of its time.

    Work is what the thread has spent of a processor's time since it began the last piece, whatever for: also
    what that piece has only set going, as painting is.
    """

    def __init__(
        self,
        share: float,
        interval_s: float,
        longest_s: float,
        clock: Callable[[], float] = time.perf_counter,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self.share, self._interval, self._longest = share, interval_s, longest_s
        self._clock, self._worked = clock, worked
        self._began = self._worked_before = float("-inf")

    def begin(self) -> None:
        """A piece of work begins."""
        self._began, self._worked_before = self._clock(), self._worked()

    def due(self) -> bool:
        """Whether the next piece may begin: after the interval, or later where the last one took long, but
        not later than after the longest wait: what was dear once need not be so again.
        """
        if self._began == float("-inf"):
            return True
        passed = self._clock() - self._began
        kept = self._worked() - self._worked_before <= self.share * passed
        return passed >= (self._interval if kept else self._longest)


BETWEEN_MS = 8
"""Pause between two panels: room for the last one's painting and for a person's clicks."""


class StaggeredRefresh(QObject):
    """Calls each panel's refresh in turn; rounds that come faster than they are done become one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._round: tuple[Callable[[], None], ...] = ()
        self._left: collections.deque[Callable[[], None]] = collections.deque()
        self._again = False
        self._timer = QTimer(self)
        self._timer.setInterval(BETWEEN_MS)
        self._timer.timeout.connect(self._next)

    def refresh(self, panels: Sequence[Callable[[], None]]) -> None:
        """Begin a round, or note that another one follows the one under way."""
        self._round = tuple(panels)
        if self._left:
            self._again = True
            return
        self._left.extend(self._round)
        self._timer.start()

    def _next(self) -> None:
        if not self._left and self._again:
            self._again = False
            self._left.extend(self._round)
        if self._left:
            self._left.popleft()()
        else:
            self._timer.stop()
