"""Checks on how the run at hand stands, and on what a person looks at."""

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.lessons.checks.base import Check, LessonState, Part
from engine.settings import number_text


class LossBelow(Check):
    """The loss of a part of the data is below a value."""

    heading: ClassVar[str] = "Loss below"
    kind: Literal["loss_below"] = "loss_below"
    part: Part = Field("training", title="Part", description="Of which part of the data.")
    value: float = Field(title="Value", description="Below which it has to be.")

    def holds(self, state: LessonState) -> bool:
        return state.losses.get(self.part, math.nan) < self.value

    @property
    def usual_text(self) -> str:
        return f"Reach a {self.part} loss below {number_text(self.value)}."


class LossAbove(Check):
    """The loss of a part of the data is above a value, or no finite number any longer."""

    heading: ClassVar[str] = "Loss above"
    kind: Literal["loss_above"] = "loss_above"
    part: Part = Field("training", title="Part", description="Of which part of the data.")
    value: float = Field(title="Value", description="Above which it has to be.")

    def holds(self, state: LessonState) -> bool:
        return state.diverged or state.losses.get(self.part, math.nan) > self.value

    @property
    def usual_text(self) -> str:
        return f"See the {self.part} loss rise above {number_text(self.value)}."


class StepsTaken(Check):
    """The run has come so many optimizer steps."""

    heading: ClassVar[str] = "Steps taken"
    kind: Literal["steps"] = "steps"
    least: int = Field(ge=1, title="Steps", description="How many at least.")

    def holds(self, state: LessonState) -> bool:
        return state.step >= self.least

    @property
    def usual_text(self) -> str:
        return "Take one step (F10)." if self.least == 1 else f"Take {self.least:,} steps."


class EpochReached(Check):
    """So many epochs of the run have ended."""

    heading: ClassVar[str] = "Epochs trained"
    kind: Literal["epochs"] = "epochs"
    least: int = Field(ge=1, title="Epochs", description="How many at least.")

    def holds(self, state: LessonState) -> bool:
        return state.epoch >= self.least

    @property
    def usual_text(self) -> str:
        return f"Train for {self.least:,} {'epoch' if self.least == 1 else 'epochs'}."


class WeightIs(Check):
    """A weight of the run has a value."""

    heading: ClassVar[str] = "Weight"
    wants_parameters: ClassVar[bool] = True
    kind: Literal["weight"] = "weight"
    layer: str = Field(min_length=1, title="Layer", description="The name of the layer: Dense 1, Output.")
    name: str = Field("weight", title="Parameter", description="The name of the array: weight or bias.")
    index: tuple[int, ...] = Field(title="Index", description="Position in it, from 0: input, unit.")
    value: float = Field(title="Value", description="What it has to be.")
    tolerance: float = Field(1e-4, gt=0, title="Tolerance", description="How far from it it may be.")

    def holds(self, state: LessonState) -> bool:
        array = state.parameters.get(self.layer, {}).get(self.name)
        if array is None or len(self.index) != array.ndim:
            return False
        if any(not 0 <= at < size for at, size in zip(self.index, array.shape, strict=True)):
            return False
        return bool(np.abs(float(array[self.index]) - self.value) <= self.tolerance)

    @property
    def usual_text(self) -> str:
        return f"Bring {self.name} {_place(self.index)} of {self.layer} to {number_text(self.value)}."


class PanelOpen(Check):
    """A panel is in sight."""

    heading: ClassVar[str] = "Panel open"
    kind: Literal["panel"] = "panel"
    panel: str = Field(min_length=1, title="Panel", description="Its id: loss, decision_map, inspector.")

    def holds(self, state: LessonState) -> bool:
        return self.panel in state.panels

    @property
    def usual_text(self) -> str:
        return f"Open the panel “{self.panel.replace('_', ' ')}”."


class ParameterSelected(Check):
    """This weight is selected."""

    heading: ClassVar[str] = "Weight selected"
    kind: Literal["parameter"] = "parameter"
    layer: str = Field(min_length=1, title="Layer", description="The name of the layer: Dense 1, Output.")
    name: str = Field("weight", title="Parameter", description="The name of the array: weight or bias.")
    index: tuple[int, ...] = Field(title="Index", description="Position in it, from 0: input, unit.")

    def holds(self, state: LessonState) -> bool:
        return state.selected == (self.layer, self.name, self.index)

    @property
    def usual_text(self) -> str:
        return f"Select {self.name} {_place(self.index)} of {self.layer}."


def _place(index: tuple[int, ...]) -> str:
    return ",".join(str(at + 1) for at in index)
