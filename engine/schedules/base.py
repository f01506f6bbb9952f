"""What every learning-rate schedule is: a factor on the learning rate, as a function of time."""

from abc import abstractmethod
from typing import ClassVar

from engine.settings import Settings

Memory = tuple[float, ...]
"""What a schedule remembers of the losses it was told; () at the start of a run. Saved with the run."""


class Schedule(Settings):
    """A factor on the optimizer's learning rate; the rate itself stays where the person set it.

    It is the product of two: `factor` knows the course of time alone, so it can be drawn before a run;
    `reached` follows from the losses of the epochs, which `observe` takes in.
    """

    kind: str
    heading: ClassVar[str]
    steady: ClassVar[bool] = False
    """True where the factor is always 1, so that nobody need ask for it at each step."""
    counts_epochs: ClassVar[bool] = False
    """True where it names epochs of the run, which are counted from its very start; False where it stretches
    over the run, and has what the warm-up leaves of it."""

    @abstractmethod
    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """The factor for one optimizer step, from time alone.

        step counts from 0 at the start of the run, and total_steps is its length, where epochs are counted;
        else both leave the warm-up out. A run that goes on past total_steps keeps the last factor.
        """

    def observe(self, memory: Memory, loss: float) -> Memory:
        """What is remembered after an epoch; those that end within the warm-up are not told.

        loss : on validation data, or on training data where none is held out.
        """
        return memory

    def reached(self, memory: Memory) -> float:
        """The factor that the losses so far have led to."""
        return 1.0


def clamp(step: int, last: int) -> int:
    """The step, or the last of the run where that is over."""
    return max(0, min(step, last))


def warmup_factor(step: int, warmup_steps: int) -> float:
    """The factor of step 0, 1, …: even steps up from 1 / (W + 1), and 1 from step W = `warmup_steps` on.

    Reference: Goyal et al. 2017, Accurate, large minibatch SGD; PyTorch, LinearLR with
    start_factor = 1 / (W + 1) and total_iters = W.
    """
    return min(1.0, (step + 1) / (warmup_steps + 1))


def rate_factor(
    schedule: Schedule, step: int, warmup_steps: int, steps_per_epoch: int, total_steps: int
) -> float:
    """The factor on the learning rate for one optimizer step of a run.

    step counts from 0 at the start of the run, total_steps is the length of the whole run. In the warm-up
    the rate rises to where the schedule starts; a schedule that stretches over the run then has the rest to
    itself. One that counts epochs counts those of the warm-up too: what is to drop after epoch 5 does so.
    Reference: PyTorch, LinearLR stepped after every step beside StepLR stepped once an epoch.
    """
    first = 0 if schedule.counts_epochs else warmup_steps
    factor = schedule.factor(max(0, step - first), steps_per_epoch, max(0, total_steps - first))
    return factor * warmup_factor(step, warmup_steps)


def counts_after_warmup(epoch: int, warmup_epochs: float) -> bool:
    """Whether the learning rate can be judged by the loss of an epoch, from 1: not while it still rises."""
    return epoch > warmup_epochs
