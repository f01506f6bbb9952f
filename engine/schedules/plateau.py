"""Reduce on plateau: lowers the learning rate when the loss, or a metric, has stopped improving."""

import math
from typing import ClassVar, Literal

from pydantic import Field

from engine.metrics import AnyMetric, Metric
from engine.schedules.base import Memory, Schedule
from engine.settings import hints


class Plateau(Schedule):
    """Factor γⁿ, where the n-th drop comes once nothing has improved for more than `patience` epochs.

    What has to improve is the loss, or the metric `monitor`. An improvement is a value that is lower than the
    best so far by more than `threshold` times its size; of a metric of which more is better, a higher one.
    After a drop, `cooldown` epochs are not counted, nor are those that end within the warm-up. The factor
    never falls below the floor.
    Its memory: the factor, the best value, the epochs without improvement, the epochs of cooldown left.
    Reference: PyTorch, ReduceLROnPlateau; there, small changes for the worse count as improvements of
    values below 0.
    """

    heading: ClassVar[str] = "Reduce on plateau"
    counts_epochs: ClassVar[bool] = True

    kind: Literal["plateau"] = "plateau"
    monitor: AnyMetric | None = Field(
        None,
        title="Monitor",
        description="What has to improve: the loss, or a metric, on the validation part where there is one.",
        json_schema_extra=hints(none_title="Loss"),
    )
    gamma: float = Field(
        0.1,
        gt=0,
        lt=1,
        title="Drop γ",
        description="The learning rate is multiplied by this at each drop.",
        json_schema_extra=hints(live=True),
    )
    patience: int = Field(
        10,
        ge=0,
        le=100_000,
        title="Patience",
        description="Epochs without improvement that are borne with before the learning rate drops.",
        json_schema_extra=hints(unit="epochs", live=True),
    )
    threshold: float = Field(
        1e-4,
        ge=0,
        lt=1,
        title="Threshold",
        description="A change by a smaller fraction than this does not count as an improvement.",
        json_schema_extra=hints(live=True),
    )
    cooldown: int = Field(
        0,
        ge=0,
        le=100_000,
        title="Cooldown",
        description="Epochs after a drop in which the loss may settle before they count.",
        json_schema_extra=hints(unit="epochs", live=True),
    )
    floor: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Floor",
        description="Share of the learning rate below which it does not drop.",
        json_schema_extra=hints(live=True),
    )

    def factor(self, step: int, steps_per_epoch: int, total_steps: int) -> float:
        return 1.0

    @property
    def monitored(self) -> Metric | None:
        """As set."""
        return self.monitor

    def observe(self, memory: Memory, value: float) -> Memory:
        """The memory after one more epoch; a value that is not finite neither improves nor is improved on."""
        if not memory:
            return (1.0, value, 0.0, 0.0) if math.isfinite(value) else memory
        factor, best, waited, cooling = memory
        if self._improves(value, best):
            best, waited = value, 0.0
        else:
            waited += 1
        if cooling > 0:
            cooling, waited = cooling - 1, 0.0
        if waited > self.patience:
            return (max(factor * self.gamma, min(self.floor, factor)), best, 0.0, float(self.cooldown))
        return (factor, best, waited, cooling)

    def _improves(self, value: float, best: float) -> bool:
        # Of a best value below 0 (R², correlations) the bound lies on the same side as of one above it.
        threshold = math.copysign(self.threshold, best)
        if self.monitor is not None and self.monitor.better == "up":
            return value > best * (1 + threshold)
        return value < best * (1 - threshold)

    def reached(self, memory: Memory) -> float:
        """1 before the first epoch is over."""
        return memory[0] if memory else 1.0
