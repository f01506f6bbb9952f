"""Checks on the network that a person has built, and on its settings."""

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from engine.experiment import Experiment
from engine.lessons.checks.base import Check, LessonState
from engine.settings import Settings, number_text


class LayerCount(Check):
    """The network has so many layers between input and output."""

    heading: ClassVar[str] = "Layers"
    kind: Literal["layers"] = "layers"
    least: int = Field(0, ge=0, title="At least", description="How many at least.")
    most: int = Field(500, ge=0, title="At most", description="How many at most.")

    def holds(self, state: LessonState) -> bool:
        return self.least <= len(_layers(state)) <= self.most

    @property
    def usual_text(self) -> str:
        return f"Have {_range_text(self.least, self.most, 500)} hidden layers."


class UnitsAtMost(Check):
    """All layers between input and output together have at most so many units."""

    heading: ClassVar[str] = "Units at most"
    kind: Literal["units"] = "units"
    most: int = Field(ge=0, title="Units", description="How many at most, of all hidden layers.")

    def holds(self, state: LessonState) -> bool:
        return sum(getattr(layer, "units", 0) for layer in _layers(state)) <= self.most

    @property
    def usual_text(self) -> str:
        return f"Use {self.most} hidden units at most."


class ActivationUsed(Check):
    """A layer has this activation."""

    heading: ClassVar[str] = "Activation used"
    kind: Literal["activation"] = "activation"
    activation: str = Field(min_length=1, title="Activation", description="By the name it has in files.")

    def holds(self, state: LessonState) -> bool:
        found = [getattr(layer, "activation", None) for layer in _layers(state)]
        return any(getattr(one, "kind", "") == self.activation for one in found)

    @property
    def usual_text(self) -> str:
        return f"Use the activation {self.activation}."


class LayerUsed(Check):
    """The network has a layer of this kind."""

    heading: ClassVar[str] = "Layer used"
    kind: Literal["layer"] = "layer"
    layer: str = Field(min_length=1, title="Layer", description="Its kind, by the name it has in files.")

    def holds(self, state: LessonState) -> bool:
        return any(layer.kind == self.layer for layer in _layers(state))

    @property
    def usual_text(self) -> str:
        return f"Add a layer: {self.layer.replace('_', ' ')}."


class SettingIs(Check):
    """A setting has a value, or lies in a range; `path` is dotted: "training.optimizer.learning_rate"."""

    heading: ClassVar[str] = "Setting"
    kind: Literal["setting"] = "setting"
    path: str = Field(min_length=1, title="Setting", description="Its dotted path in the experiment.")
    equals: float | str | bool | None = Field(None, title="Value", description="What it has to be.")
    least: float | None = Field(None, title="At least", description="The lowest number that will do.")
    most: float | None = Field(None, title="At most", description="The highest number that will do.")
    given: bool = Field(False, title="Given", description="It is enough that it is not empty.")

    @model_validator(mode="after")
    def _says_something(self) -> "SettingIs":
        if self.equals is None and self.least is None and self.most is None and not self.given:
            raise ValueError("a value, a lowest or a highest number")
        return self

    def holds(self, state: LessonState) -> bool:
        value = setting(state.experiment, self.path)
        if self.equals is not None:
            return bool(value == self.equals)
        if self.given:
            return value is not None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        above = self.least is None or value >= self.least * (1 - 1e-9)
        return above and (self.most is None or value <= self.most * (1 + 1e-9))

    @property
    def usual_text(self) -> str:
        name = self.path.rpartition(".")[2].replace("_", " ")
        if self.equals is not None:
            value = self.equals
            return f"Set {name} to {value if isinstance(value, str | bool) else number_text(value)}."
        if self.given:
            return f"Choose {name}."
        if self.least is None and self.most is not None:
            return f"Set {name} to {number_text(self.most)} or less."
        return f"Set {name} to {number_text(self.least or 0)} or more."


def setting(experiment: Experiment, path: str) -> Any:
    """The value of a setting by its dotted path; numbers are positions in lists. None where there is none."""
    value: Any = experiment
    for name in path.split("."):
        if isinstance(value, tuple):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        elif isinstance(value, Settings) and name in type(value).model_fields:
            value = getattr(value, name)
        else:
            return None
    return value


def _layers(state: LessonState) -> tuple[Any, ...]:
    return tuple(layer for layer in state.experiment.layers if layer.enabled)


def _range_text(least: int, most: int, all_: int) -> str:
    if most == all_:
        return f"at least {least}"
    return f"{most}" if least == most else f"{least} to {most}" if least else f"at most {most}"
