"""Schedules along a cosine: once, with warm restarts, and one cycle."""

import math
from typing import ClassVar, Literal

from pydantic import Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints


class Cosine(Schedule):
    """Factor f + (1 − f) (1 + cos(π s / S)) / 2 at step s of S, with the floor f, which it keeps from S on.

    Reference: Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts; PyTorch,
    CosineAnnealingLR stepped after every step.
    """

    heading: ClassVar[str] = "Cosine decay"

    kind: Literal["cosine"] = "cosine"
    floor: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Floor",
        description="Share of the learning rate that is left at the end of the run.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        progress = clamp(step, total_steps) / max(1, total_steps)
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * progress)) / 2


class CosineRestarts(Schedule):
    """Factor f + (1 − f) (1 + cos(π s / T)) / 2 at step s of a period of T; each period is m times the last.

    Periods are epochs of the run: a warm-up is part of the first one.
    Reference: Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts; PyTorch,
    CosineAnnealingWarmRestarts stepped after every step by a part of an epoch.
    """

    heading: ClassVar[str] = "Cosine with restarts"
    counts_epochs: ClassVar[bool] = True

    kind: Literal["cosine_restarts"] = "cosine_restarts"
    period: int = Field(
        10,
        ge=1,
        le=1_000_000,
        title="First period",
        description="Epochs from the start to the first restart, those of the warm-up among them.",
        json_schema_extra=hints(unit="epochs", live=True),
    )
    growth: int = Field(
        2,
        ge=1,
        le=100,
        title="Growth",
        description="Each period is so many times as long as the one before; 1 keeps them alike.",
        json_schema_extra=hints(live=True),
    )
    floor: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Floor",
        description="Share of the learning rate that is left at the end of each period.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        step = clamp(step, total_steps - 1)
        period = self.period * steps_per_epoch
        if self.growth == 1:
            step %= period
        while step >= period:
            step -= period
            period *= self.growth
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * step / period)) / 2


class OneCycle(Schedule):
    """From 1 / d of the learning rate up to all of it, and down to 1 / (d e), both along half a cosine.

    The rise takes the fraction r of the run: its last step is r S − 1, that of the run S − 1. The momentum
    is not changed; the paper, and PyTorch by default, lower it on the way
    up and raise it on the way down.
    Reference: Smith & Topin 2018, Super-convergence: very fast training of neural networks using large
    learning rates; PyTorch, OneCycleLR with `cycle_momentum=False`.
    """

    heading: ClassVar[str] = "One-cycle"

    kind: Literal["one_cycle"] = "one_cycle"
    rise: float = Field(
        0.3,
        gt=0,
        lt=1,
        title="Rise",
        description="Share of the run in which the learning rate rises; the momentum stays as it is set.",
        json_schema_extra=hints(live=True, slider=True),
    )
    start_divisor: float = Field(
        25.0,
        ge=1,
        le=1e6,
        title="Start divisor",
        description="The run starts at the learning rate divided by this.",
        json_schema_extra=hints(live=True),
    )
    end_divisor: float = Field(
        1e4,
        ge=1,
        le=1e12,
        title="End divisor",
        description="The run ends at the rate of its start divided by this.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        last = max(total_steps - 1, 0)
        peak = self.rise * total_steps - 1
        step = clamp(step, last)
        start = 1 / self.start_divisor
        if step <= peak:
            return _between(start, 1.0, step / peak if peak else 1.0)
        end = start / self.end_divisor
        # A run too short to rise starts at the peak.
        peak = max(peak, 0.0)
        return _between(1.0, end, (step - peak) / (last - peak) if last > peak else 0.0)


def _between(start: float, end: float, fraction: float) -> float:
    """Half a cosine from start (fraction 0) to end (fraction 1)."""
    return end + (start - end) * (1 + math.cos(math.pi * fraction)) / 2
