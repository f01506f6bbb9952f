"""Up to the learning rate and down to almost nothing: one cycle over the run, for short and fast training."""

import math
from typing import ClassVar, Literal

from pydantic import Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints


class OneCycle(Schedule):
    """From 1 / d of the learning rate up to all of it, and down to 1 / (d e), both along half a cosine.

    The way up takes the share r of the run: its last step is r S − 1, that of the run S − 1. The momentum
    stays as the optimizer has it; the paper, and PyTorch where it is not told otherwise, lower it on the way
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


def _between(start: float, end: float, share: float) -> float:
    """Half a cosine from start (share 0) to end (share 1)."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
