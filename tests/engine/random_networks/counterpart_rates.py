"""Learning rates as PyTorch's schedulers set them, with a warm-up before.

Each scheduler works on an optimizer of its own that changes nothing: PyTorch's are not made to be multiplied
with one another.
"""

from typing import Any

import torch
from pydantic import TypeAdapter

from engine.schedules import AnySchedule, counts_after_warmup
from tests.engine.random_networks.drawing import STEPS
from tests.engine.random_networks.drawing_layers import Settings


class Rates:
    """The factor on the learning rate of each step, one after the other."""

    def __init__(self, settings: Settings, warmup_steps: int, steps_per_epoch: int) -> None:
        self._each, self._warmup_steps = steps_per_epoch, warmup_steps
        schedule = TypeAdapter(AnySchedule).validate_python(settings)
        self._plateau = settings["kind"] == "plateau"
        # Epochs are counted from the start of the run; what stretches over the run has what is left of it.
        self._waits = 0 if schedule.counts_epochs else warmup_steps
        self._optimizer, self._first = _standing(), _standing()
        self._scheduler, self._every = _scheduler(
            settings, steps_per_epoch, STEPS - self._waits, self._optimizer
        )
        self._warmup = torch.optim.lr_scheduler.LinearLR(
            self._first, 1 / (warmup_steps + 1), total_iters=warmup_steps
        )
        self._taken = 0

    @property
    def factor(self) -> float:
        """Of the step to come."""
        return float(self._optimizer.param_groups[0]["lr"] * self._first.param_groups[0]["lr"])

    def step(self) -> None:
        """Go on after a step."""
        self._taken += 1
        # Which changes nothing, but schedulers insist on it.
        self._optimizer.step()
        self._first.step()
        self._warmup.step()
        due = self._taken - self._waits
        if not self._plateau and due > 0 and due % self._every == 0:
            self._scheduler.step()

    def epoch_done(self, loss: float) -> None:
        """Take the loss of an epoch, which a scheduler may wait for."""
        epoch = self._taken // self._each
        if self._plateau and counts_after_warmup(epoch, self._warmup_steps / self._each):
            self._scheduler.step(loss)


def _standing() -> torch.optim.Optimizer:
    """An optimizer at a learning rate of 1 that has nothing to change."""
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)


def _scheduler(
    settings: Settings, each: int, steps: int, optimizer: torch.optim.Optimizer
) -> tuple[Any, int]:
    """The scheduler of a run of so many steps, and after how many steps it is to be stepped."""
    s, rules = settings, torch.optim.lr_scheduler
    if s["kind"] == "exponential":
        if s["smooth"]:
            return rules.ExponentialLR(optimizer, s["gamma"] ** (1 / each)), 1
        return rules.ExponentialLR(optimizer, s["gamma"]), each
    return {
        "constant": lambda: (rules.ConstantLR(optimizer, 1.0), 1),
        "step": lambda: (rules.StepLR(optimizer, s["interval"], s["gamma"]), each),
        "multi_step": lambda: (rules.MultiStepLR(optimizer, s["milestones"], s["gamma"]), each),
        "cosine": lambda: (rules.CosineAnnealingLR(optimizer, steps, s["floor"]), 1),
        "cosine_restarts": lambda: (
            rules.CosineAnnealingWarmRestarts(optimizer, s["period"] * each, s["growth"], s["floor"]),
            1,
        ),
        "polynomial": lambda: (rules.PolynomialLR(optimizer, steps, s["power"]), 1),
        "one_cycle": lambda: (
            rules.OneCycleLR(
                optimizer,
                1.0,
                steps,
                pct_start=s["rise"],
                div_factor=s["start_divisor"],
                final_div_factor=s["end_divisor"],
                cycle_momentum=False,
            ),
            1,
        ),
        "plateau": lambda: (
            rules.ReduceLROnPlateau(
                optimizer,
                factor=s["gamma"],
                patience=s["patience"],
                threshold=s["threshold"],
                cooldown=s["cooldown"],
                min_lr=s["floor"],
                eps=0.0,
            ),
            each,
        ),
    }[s["kind"]]()
