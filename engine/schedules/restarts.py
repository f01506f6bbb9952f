"""Half a cosine again and again: each restart leaves the valley, to find a better one."""

import math
from typing import ClassVar, Literal

from pydantic import Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints


class CosineRestarts(Schedule):
    """Factor f + (1 − f) (1 + cos(π s / T)) / 2 at step s of a period of T; each period is m times the last.

    Periods are whole epochs of the run: a warm-up takes its time from the first.
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
