"""How the learning rate changes in the course of a run: one schedule a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.schedules.base import Memory, Schedule
from engine.schedules.constant import Constant
from engine.schedules.cosine import Cosine
from engine.schedules.exponential import Exponential
from engine.schedules.multi_step import MultiStep
from engine.schedules.one_cycle import OneCycle
from engine.schedules.plateau import Plateau
from engine.schedules.polynomial import Polynomial
from engine.schedules.restarts import CosineRestarts
from engine.schedules.step import Step
from engine.schedules.warmup import counts_after_warmup, rate_factor, warmup_factor
from engine.settings import expand_kind, members

_Union = Annotated[
    Constant | Cosine | CosineRestarts | OneCycle | Polynomial | Exponential | Step | MultiStep | Plateau,
    Field(discriminator="kind"),
]
AnySchedule = Annotated[_Union, BeforeValidator(expand_kind)]
SCHEDULES: tuple[type[Schedule], ...] = members(_Union)

__all__ = [
    "SCHEDULES",
    "AnySchedule",
    "Memory",
    "Schedule",
    "counts_after_warmup",
    "rate_factor",
    "warmup_factor",
]
