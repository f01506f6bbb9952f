"""Steps per second of several peers, measured in turn so that a drifting machine is fair to all."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Steps = Callable[[int], int]
ROUNDS = 7
ROUND_S = 0.4
WARM_UP_S = 0.15


@dataclass(frozen=True)
class Speeds:
    """Steps per second in each round."""

    rounds: np.ndarray

    @property
    def median(self) -> float:
        return float(np.median(self.rounds))


def compare(peers: Mapping[str, Steps]) -> dict[str, Speeds]:
    """Measure all peers in rounds, one after the other within each round."""
    counts = {name: _fitting_count(steps) for name, steps in peers.items()}
    found: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, steps in peers.items():
            found[name].append(_speed(steps, counts[name]))
    return {name: Speeds(np.array(values)) for name, values in found.items()}


def ratio(ours: Speeds, theirs: Speeds) -> tuple[float, float, float]:
    """Median, smallest and largest ratio, round by round."""
    ratios = ours.rounds / theirs.rounds
    return float(np.median(ratios)), float(ratios.min()), float(ratios.max())


def _fitting_count(steps: Steps) -> int:
    """How many steps fill a round, after a warm-up."""
    count, began = 1, time.perf_counter()
    while True:
        started = time.perf_counter()
        taken = steps(count)
        seconds = time.perf_counter() - started
        if time.perf_counter() - began > WARM_UP_S and seconds > 0.02:
            return max(int(taken * ROUND_S / seconds), 1)
        count *= 2 if seconds < 0.02 else 1


def _speed(steps: Steps, count: int) -> float:
    started = time.perf_counter()
    taken = steps(count)
    return taken / (time.perf_counter() - started)
