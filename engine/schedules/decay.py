"""Learning rates that stay as they are set, or are lowered: exponentially, in steps, at chosen epochs, or
polynomially.
"""

from bisect import bisect_right
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from engine.schedules.base import Schedule, clamp
from engine.settings import hints


class Constant(Schedule):
    """Factor 1 at every step."""

    heading: ClassVar[str] = "Constant"
    steady: ClassVar[bool] = True

    kind: Literal["constant"] = "constant"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        return 1.0


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
