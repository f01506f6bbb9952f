"""The registry of checks: a new one is a class, its place in `CHECKS` and in `AnyCheck`."""

from typing import Annotated

from pydantic import Field

from engine.lessons.checks.base import Check, LessonState
from engine.lessons.checks.network import ActivationUsed, LayerCount, LayerUsed, SettingIs, UnitsAtMost
from engine.lessons.checks.run import (
    EpochReached,
    LossAbove,
    LossBelow,
    PanelOpen,
    ParameterSelected,
    StepsTaken,
    WeightIs,
)

CHECKS: tuple[type[Check], ...] = (
    LossBelow,
    LossAbove,
    StepsTaken,
    EpochReached,
    LayerCount,
    UnitsAtMost,
    ActivationUsed,
    LayerUsed,
    SettingIs,
    WeightIs,
    PanelOpen,
    ParameterSelected,
)
AnyCheck = Annotated[
    LossBelow
    | LossAbove
    | StepsTaken
    | EpochReached
    | LayerCount
    | UnitsAtMost
    | ActivationUsed
    | LayerUsed
    | SettingIs
    | WeightIs
    | PanelOpen
    | ParameterSelected,
    Field(discriminator="kind"),
]

__all__ = ["CHECKS", "AnyCheck", "Check", "LessonState"]
