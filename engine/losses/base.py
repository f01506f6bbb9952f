"""What every loss is: a measure of the error of a batch of outputs, and its gradient."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.arrays import Array, Shape, Targets
from engine.settings import Settings, hints
from engine.tasks import Task

InverseLink = Literal["linear", "sigmoid", "softmax"]


class Loss(Settings):
    """The mean error of a batch of outputs, compared with their targets.

    Outputs and targets are (rows, outputs) of one precision; yes/no is one column of 0 and 1. The targets of
    several classes are class indices (rows,), or rows of probabilities (rows, classes) where they are mixed.
    `inverse_link` names the activation between the scores (logits) that the loss takes and what people read:
    the network then ends in scores, and predictions are inverse_link(scores). None: the loss takes the
    network's output as it is.
    """

    kind: str
    heading: ClassVar[str]
    tasks: ClassVar[frozenset[Task]]
    inverse_link: ClassVar[InverseLink | None] = None
    soft_targets: ClassVar[bool] = True
    """False where soft targets, as mixup makes them, have their minimum at the wrong scores."""

    def fitted(self, targets: Targets, classes: Sequence[str] = ()) -> "Loss":
        """This loss, with the quantities that it takes from all training targets as settings.

        classes : names of the classes, (no, yes) for yes or no; empty where there are none.
        To be called once, before training, which then uses the returned loss. Raises UserError where the
        targets are not suitable.
        """
        return self

    def weight(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """The weight of a batch in a mean over several, Σ weight · loss / Σ weight.

        The gradients of the parts of a batch are averaged in the same way.
        dtype : the precision of the outputs, which class indices do not have.
        """
        return float(len(target))

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        """The arrays needed in the workspace: name and shape of one sample; () is one number per row."""
        return {}

    @abstractmethod
    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        """The mean loss of the batch. Only reads output and target; fills the workspace for `backward`."""

    @abstractmethod
    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        """Write the gradient of the mean loss with respect to the output into dy. Follows `forward`."""


def smoothing_field() -> Any:
    """The fraction ε of a target that is spread evenly over all classes."""
    return Field(
        0.0,
        ge=0,
        lt=1,
        title="Label smoothing",
        description="Fraction of each target that is spread over all classes; 0 asks for certain answers.",
        json_schema_extra=hints(slider=True),
    )


def focusing_field() -> Any:
    """The exponent γ of the weight (1 − p)^γ of an example; 2 is the choice of Lin et al. 2017."""
    return Field(
        2.0,
        ge=0,
        le=10,
        title="Focus γ",
        description="How little sure and right answers count; 0 is plain cross-entropy.",
        json_schema_extra=hints(slider=True),
    )


def squared_field() -> Any:
    """Whether the distance to the margin counts squared."""
    return Field(
        False,
        title="Squared",
        description="Counts the distance to the margin squared: smoother, and harder on large mistakes.",
    )
