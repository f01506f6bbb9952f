"""A lesson: an experiment that is ready to run, and steps of text, questions and tasks beside it."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, JsonValue, field_validator, model_validator

from engine.experiment import Experiment, migrate
from engine.lessons.checks import AnyCheck
from engine.lessons.questions import AnyQuestion
from engine.settings import Settings

SCHEMA_VERSION = 1

MOST_STEPS = 40

Text = Annotated[str, Field(max_length=4000)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Lock = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=120)]


class Step(Settings):
    """One step: read, look, do something, answer a question. It is done once all of that is."""

    heading: ClassVar[str] = "Step"
    title: str = Field("", max_length=120, title="Title", description="In a few words; may be left out.")
    text: Text = Field(
        title="Text",
        description="Paragraphs apart by an empty line; **strong**, *emphasis*, `code`, lines beginning with "
        "“- ”. Anything else is shown as it stands.",
    )
    panels: tuple[Id, ...] = Field(
        (), max_length=6, title="Panels", description="Ids of the views and plots that the step brings up."
    )
    task: str = Field("", max_length=500, title="Task", description="What is to be done, in a sentence.")
    checks: tuple[AnyCheck, ...] = Field(
        (), max_length=10, title="Checks", description="What the person's own run has to fulfil, all of it."
    )
    question: AnyQuestion | None = Field(None, title="Question", description="What is to be predicted.")
    hints: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] = Field(
        (), max_length=10, title="Hints", description="Revealed one by one."
    )


class Lesson(Settings):
    """All of a lesson, in one file that can be handed on.

    JSON of an older schema version is migrated; that of a newer one is refused in a sentence.
    """

    heading: ClassVar[str] = "Lesson"
    lesson_version: Literal[1] = 1
    title: str = Field(min_length=1, max_length=120, title="Title", description="What it is about.")
    summary: str = Field("", max_length=500, title="Summary", description="One sentence for the list.")
    order: int = Field(1000, ge=0, title="Order", description="Among the lessons, lowest first.")
    topics: tuple[str, ...] = Field(
        (),
        max_length=80,
        title="Topics",
        description="Names of settings and panels that this lesson explains: What is this? leads to it.",
    )
    experiment: Experiment = Field(title="Experiment", description="What it opens with, data included.")
    weights: dict[str, dict[str, JsonValue]] = Field(
        {},
        title="Initial weights",
        description="By name of the layer and of the parameter: nested lists in the parameter's shape.",
    )
    locked: tuple[Lock, ...] = Field(
        (),
        max_length=100,
        title="Locked",
        description="Sections (data, network, training) and settings (training.optimizer) that stay as they "
        "are during the lesson.",
    )
    hidden: tuple[Id, ...] = Field(
        (), max_length=50, title="Hidden", description="Ids of setup sections and plots that are not shown."
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, max_length=MOST_STEPS, title="Steps", description="From the first to the last."
    )

    @model_validator(mode="before")
    @classmethod
    def _migrated_experiment(cls, values: Any) -> Any:
        """The experiment may be of an older version, as in a file of its own."""
        if isinstance(values, Mapping) and isinstance(values.get("experiment"), dict):
            return {**values, "experiment": migrate(values["experiment"], "The lesson's experiment")}
        return values

    @field_validator("weights")
    @classmethod
    def _weights_are_numbers(cls, weights: dict[str, dict[str, JsonValue]]) -> dict[str, Any]:
        for layer, arrays in weights.items():
            for name, values in arrays.items():
                try:
                    finite = bool(np.isfinite(np.array(values, dtype=np.float64)).all())
                except (TypeError, ValueError):
                    finite = False
                if not finite:
                    raise ValueError(f"numbers in lists of equal length for {layer}, {name}")
        return weights

    @property
    def arrays(self) -> dict[tuple[str, str], np.ndarray[Any, np.dtype[np.float64]]]:
        """The initial weights by name of the layer and of the parameter."""
        return {
            (layer, name): np.array(values, dtype=np.float64)
            for layer, arrays in self.weights.items()
            for name, values in arrays.items()
        }
