"""The learning rate falls to its floor in a straight line, or along a power of the time that is left."""

from typing import ClassVar, Literal

from pydantic import Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints


class Polynomial(Schedule):
    """Factor f + (1 − f) (1 − s / S)ᵖ at step s of S, with the floor f, which it keeps from S on.

    Reference: PyTorch, PolynomialLR stepped after every step (f = 0); Keras, PolynomialDecay.
    """

    heading: ClassVar[str] = "Polynomial decay"

    kind: Literal["polynomial"] = "polynomial"
    power: float = Field(
        1.0,
        gt=0,
        le=10,
        title="Power",
        description="1 falls in a straight line; 2 falls fast at first, ½ fast at the end.",
        json_schema_extra=hints(live=True),
    )
    floor: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Floor",
        description="Share of the learning rate that is left at the end of the run.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        left = 1 - clamp(step, total_steps) / max(1, total_steps)
        return float(self.floor + (1 - self.floor) * left**self.power)
