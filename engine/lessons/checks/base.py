"""What every check of a lesson is: a declared predicate over what can be seen of a person's own run.

Checks are evaluated in the window, from the history
and from a few answers of the run, never on the training's thread.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import Field

from engine.experiment import Experiment
from engine.settings import Settings

Part = Literal["training", "validation", "test"]


@dataclass(frozen=True, eq=False)
class LessonState:
    """What checks are evaluated on: the experiment as it stands, and how the run at hand stands.

    losses : of the parts of the data, where known. step, epoch : how far the run has come; epochs that ended.
    diverged : whether the loss of a step is no finite number. panels : ids of those in sight.
    parameters : layer name → name of the array → values. selected : layer name, name and index of a weight.
    """

    experiment: Experiment
    losses: Mapping[str, float] = field(default_factory=dict)
    step: int = 0
    epoch: int = 0
    diverged: bool = False
    panels: frozenset[str] = frozenset()
    parameters: Mapping[str, Mapping[str, NDArray[Any]]] = field(default_factory=dict)
    selected: tuple[str, str, tuple[int, ...]] | None = None


class Check(Settings):
    """A condition that a step of a lesson waits for. `text` is what a person is told to do."""

    wants_parameters: ClassVar[bool] = False
    """Whether it looks at weights, which are then asked of the run."""

    text: str = Field("", max_length=300, title="Text", description="What is to be reached, in words.")

    @abstractmethod
    def holds(self, state: LessonState) -> bool:
        """Whether it is fulfilled."""

    @property
    @abstractmethod
    def usual_text(self) -> str:
        """What is to be reached, where the lesson has no text of its own."""

    @property
    def sentence(self) -> str:
        """What is to be reached, as a person reads it."""
        return self.text or self.usual_text
