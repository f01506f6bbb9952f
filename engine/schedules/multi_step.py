"""The learning rate drops at epochs that are named one by one."""

from bisect import bisect_right
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints

Epoch = Annotated[int, Field(ge=1, le=10_000_000)]


def _in_order(epochs: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(epochs))


class MultiStep(Schedule):
    """Factor γⁿ, where n is how many of the named epochs are completed; one named twice counts twice.

    Reference: PyTorch, MultiStepLR stepped once an epoch.
    """

    heading: ClassVar[str] = "Multi-step decay"
    counts_epochs: ClassVar[bool] = True

    kind: Literal["multi_step"] = "multi_step"
    milestones: Annotated[tuple[Epoch, ...], AfterValidator(_in_order)] = Field(
        (25, 40),
        min_length=1,
        max_length=1000,
        title="Drops after",
        description="Completed epochs after which the learning rate drops.",
        json_schema_extra=hints(unit="epochs", live=True),
    )
    gamma: float = Field(
        0.1,
        gt=0,
        le=1,
        title="Drop γ",
        description="The learning rate is multiplied by this at each drop.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        epochs = clamp(step, total_steps - 1) // steps_per_epoch
        return float(self.gamma ** bisect_right(self.milestones, epochs))
