"""The learning rate falls along half a cosine: slowly, then fast, then slowly to its floor."""

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
