"""The learning rate drops at regular intervals and holds in between."""

from typing import ClassVar, Literal

from pydantic import Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints


class Step(Schedule):
    """Factor γ^⌊e / n⌋, where e is the number of completed epochs and n the interval.

    Reference: PyTorch, StepLR stepped once an epoch.
    """

    heading: ClassVar[str] = "Step decay"
    counts_epochs: ClassVar[bool] = True

    kind: Literal["step"] = "step"
    interval: int = Field(
        20,
        ge=1,
        le=1_000_000,
        title="Interval",
        description="Epochs from one drop of the learning rate to the next, counted from the start.",
        json_schema_extra=hints(unit="epochs", live=True),
    )
    gamma: float = Field(
        0.5,
        gt=0,
        le=1,
        title="Drop γ",
        description="The learning rate is multiplied by this at each drop.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        epochs = clamp(step, total_steps - 1) // steps_per_epoch
        return float(self.gamma ** (epochs // self.interval))
