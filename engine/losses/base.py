"""What every loss is: a number that says how wrong a batch of outputs is, and its gradient."""

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
    """The mean over a batch of how far outputs are from targets.

    Outputs and targets are (rows, outputs) of one precision; yes/no is one column of 0 and 1. The targets of
    several classes are class numbers (rows,), or rows of probabilities (rows, classes) where they are mixed.
    `inverse_link` names the activation that lies between the scores that the loss works on and what people
    read: the network then ends in scores (logits), and predictions are inverse_link(scores). None: the loss
    takes the network's output as it is.
    """

    kind: str
    heading: ClassVar[str]
    tasks: ClassVar[frozenset[Task]]
    inverse_link: ClassVar[InverseLink | None] = None
    soft_targets: ClassVar[bool] = True
    """False where targets between the classes, as mixup makes them, would ask for the wrong scores."""

    def fitted(self, targets: Targets, classes: Sequence[str] = ()) -> "Loss":
        """This loss with what it takes from all training targets as numbers in its settings.

        classes : names of the classes, (no, yes) for yes or no; empty where there are none.
        To be called once, before training; what comes back is what is trained with. Raises UserError where
        the targets do not suit it.
        """
        return self

    def weight(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """What a batch counts in a mean over several: for parts of a whole, Σ weight · loss / Σ weight.

        The gradient of the whole is made of the parts' gradients in the same way.
        dtype : the precision of the outputs, which class numbers do not have.
        """
        return float(len(target))

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        """Scratch arrays wanted in the workspace, by name, shapes of one sample; () is one number a row."""
        return {}

    @abstractmethod
    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        """The mean loss of the batch. Reads output and target, fills the workspace for `backward`."""

    @abstractmethod
    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        """Write the gradient of the mean loss with respect to the output into dy. Follows `forward`."""


def smoothing_field() -> Any:
    """The share ε of a target that is spread evenly over all classes."""
    return Field(
        0.0,
        ge=0,
        lt=1,
        title="Label smoothing",
        description="Share of each target spread over all classes: the network is not asked to be certain.",
        json_schema_extra=hints(slider=True),
    )


def focusing_field() -> Any:
    """The power γ of the doubt by which an example counts; 2 is the choice of Lin et al. 2017."""
    return Field(
        2.0,
        ge=0,
        le=10,
        title="Focus γ",
        description="How much sure and right answers are passed over; 0 is plain cross-entropy.",
        json_schema_extra=hints(slider=True),
    )


def squared_field() -> Any:
    """Whether what is missing to a margin counts squared."""
    return Field(
        False,
        title="Squared",
        description="Counts what is missing to the margin squared: smoother, and harder on large mistakes.",
    )
