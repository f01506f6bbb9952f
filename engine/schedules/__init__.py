"""How the learning rate changes in the course of a run: one schedule a file, listed here."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.schedules.base import Memory, Schedule, counts_after_warmup, rate_factor, warmup_factor
from engine.schedules.cosine import Cosine, CosineRestarts, OneCycle
from engine.schedules.decay import Constant, Exponential, MultiStep, Polynomial, Step
from engine.schedules.plateau import Plateau
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
