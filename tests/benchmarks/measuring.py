"""Speeds of several peers, measured in turn so that a drifting machine is fair to all."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Steps = Callable[[int], int]
"""Takes about so many steps (rows, epochs); returns how many it took."""


@dataclass(frozen=True)
class Pace:
    """How thoroughly to measure."""

    rounds: int = 7
    pause_s: float = 0.25
    """Before each peer's turn: OpenBLAS's threads spin for a tenth of a second after their last product."""
    round_s: float = 0.4
    warm_up_s: float = 0.15


THOROUGH = Pace()
QUICK = Pace(rounds=2, pause_s=0.0, round_s=0.02, warm_up_s=0.0)
"""Shows that a benchmark runs; its figures mean nothing."""


def thread_counts(pace: Pace) -> tuple[int, ...]:
    """Numbers of threads that peers are tried with: one, and all cores."""
    return (1,) if pace is QUICK else tuple(sorted({1, os.cpu_count() or 1}))


@dataclass(frozen=True)
class Speeds:
    """Steps (rows, epochs) per second in each round."""

    rounds: np.ndarray

    @property
    def median(self) -> float:
        return float(np.median(self.rounds))


def compare(peers: Mapping[str, Steps], pace: Pace = THOROUGH) -> dict[str, Speeds]:
    """Measure all peers in rounds, one after the other within each round."""
    counts = {name: _fitting_count(steps, pace) for name, steps in peers.items()}
    found: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(pace.rounds):
        for name, steps in peers.items():
            time.sleep(pace.pause_s)
            found[name].append(_speed(steps, counts[name]))
    return {name: Speeds(np.array(values)) for name, values in found.items()}


def ratio(ours: Speeds, theirs: Speeds) -> tuple[float, float, float]:
    """Median, smallest and largest ratio, round by round."""
    ratios = ours.rounds / theirs.rounds
    return float(np.median(ratios)), float(ratios.min()), float(ratios.max())


def best(speeds: Mapping[str, Speeds], name: str) -> Speeds | None:
    """Of a peer's ways (numbers of threads, rows at once), the one that serves it best."""
    own = [speed for key, speed in speeds.items() if key.startswith(name)]
    return max(own, key=lambda speed: speed.median, default=None)


def ratio_text(ours: Speeds, theirs: Speeds | None) -> str:
    """ "1.21 (1.15 – 1.30)": median and range over the rounds; a dash where there is no such peer."""
    if theirs is None:
        return "–"
    middle, low, high = ratio(ours, theirs)
    return f"{middle:.2f} ({low:.2f} – {high:.2f})"


def _fitting_count(steps: Steps, pace: Pace) -> int:
    """How many steps fill a round, after a warm-up."""
    steps(1)  # a process may still be starting, a library still compiling or making its threads
    count, began = 1, time.perf_counter()
    while True:
        started = time.perf_counter()
        taken = steps(count)
        seconds = time.perf_counter() - started
        if time.perf_counter() - began > pace.warm_up_s and seconds > pace.round_s / 20:
            return max(int(taken * pace.round_s / seconds), 1)
        count *= 2 if seconds < pace.round_s / 20 else 1


def _speed(steps: Steps, count: int) -> float:
    started = time.perf_counter()
    taken = steps(count)
    return taken / (time.perf_counter() - started)
