"""Linear warm-up, which may precede any schedule: small first steps while the statistics settle."""

from engine.schedules.base import Schedule


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
