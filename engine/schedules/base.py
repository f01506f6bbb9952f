"""What every learning-rate schedule is: a factor on the learning rate, as a function of time."""

from abc import abstractmethod
from typing import ClassVar

from engine.metrics import Metric
from engine.settings import Settings

Memory = tuple[float, ...]
"""What a schedule keeps of the values it has observed; () at the start of a run. Saved with the run."""


class Schedule(Settings):
    """A factor on the optimizer's learning rate; the rate itself stays where the person set it.

    It is a product of two factors: `factor` depends on time alone, so that it can be plotted before a run;
    `reached` depends on the loss or a metric after each epoch, which `observe` receives.
    """

    kind: str
    heading: ClassVar[str]
    steady: ClassVar[bool] = False
    """True where the factor is always 1, so that it need not be computed at each step."""
    counts_epochs: ClassVar[bool] = False
    """True where its settings are epochs, counted from the start of the run; False where it extends over the
    run after the warm-up."""

    @property
    def monitored(self) -> Metric | None:
        """The metric that `observe` receives; None for the loss."""
        return None

    @abstractmethod
    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        """The factor for one optimizer step, from time alone.

        step counts from 0 at the start of the run, and total_steps is its length, if `counts_epochs`;
        otherwise both exclude the warm-up. After total_steps the last factor applies.
        """

    def observe(self, memory: Memory, value: float) -> Memory:
        """The memory after an epoch; not called for epochs that end within the warm-up.

        value : the loss, or the metric `monitored`, on validation data, or on training data where none is
        held out.
        """
        return memory

    def reached(self, memory: Memory) -> float:
        """The factor that follows from the values so far."""
        return 1.0


def clamp(step: int, last: int) -> int:
    """The step, at most the last one of the run."""
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

    step counts from 0 at the start of the run, total_steps is the length of the run. In the warm-up the rate
    rises to where the schedule starts; a schedule that extends over the run starts after it. One that counts
    epochs counts those of the warm-up too: a drop after epoch 5 is after epoch 5 of the run.
    Reference: PyTorch, LinearLR stepped after every step beside StepLR stepped once an epoch.
    """
    first = 0 if schedule.counts_epochs else warmup_steps
    factor = schedule.factor(max(0, step - first), steps_per_epoch, max(0, total_steps - first))
    return factor * warmup_factor(step, warmup_steps)


def counts_after_warmup(epoch: int, warmup_epochs: float) -> bool:
    """Whether a schedule observes the loss of an epoch, counted from 1: not while the rate still rises."""
    return epoch > warmup_epochs
