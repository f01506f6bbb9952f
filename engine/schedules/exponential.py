"""The learning rate shrinks by the same share in every epoch."""

from typing import ClassVar, Literal

from pydantic import Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints


class Exponential(Schedule):
    """Factor γ^e, where e is the number of completed epochs, or with `smooth` the position in epochs.

    Both are the same at the start of each epoch.
    Reference: PyTorch, ExponentialLR stepped once an epoch.
    """

    heading: ClassVar[str] = "Exponential decay"
    counts_epochs: ClassVar[bool] = True

    kind: Literal["exponential"] = "exponential"
    gamma: float = Field(
        0.97,
        gt=0,
        le=1,
        title="Decay γ",
        description="The learning rate is multiplied by this in every epoch.",
        json_schema_extra=hints(live=True),
    )
    smooth: bool = Field(
        False,
        title="Smooth",
        description="Lower the rate a little after every step, not once an epoch.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        step = clamp(step, total_steps - 1)
        epochs = step / steps_per_epoch if self.smooth else step // steps_per_epoch
        return float(self.gamma**epochs)
