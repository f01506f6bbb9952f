"""What every learning-rate schedule is: a factor on the learning rate, as a function of time."""

from abc import abstractmethod
from typing import ClassVar

from engine.settings import Settings


class Schedule(Settings):
    """A factor on the optimizer's learning rate; the rate itself stays where the person set it."""

    kind: str
    heading: ClassVar[str]

    @abstractmethod
    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """The factor for one optimizer step.

        step counts from 0 and starts after the warm-up; total_steps is what remains of the run after the
        warm-up. A run that goes on past total_steps keeps the last factor.
        """


def clamp(step: int, last: int) -> int:
    """The step, or the last of the run where that is over."""
    return max(0, min(step, last))
