"""The learning rate as it is set, all the way."""

from typing import ClassVar, Literal

from engine.schedules.base import Schedule


class Constant(Schedule):
    """Factor 1 at every step."""

    heading: ClassVar[str] = "Constant"
    steady: ClassVar[bool] = True

    kind: Literal["constant"] = "constant"

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        return 1.0
