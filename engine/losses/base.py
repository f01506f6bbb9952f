"""The base class of losses: a measure of the error of a batch of outputs, and its gradient.

Targets of classes are class indices, not one-hot rows.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Literal, TypeGuard, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array, ClassIndices, Shape, Targets, constant, ones, scratch
from engine.settings import Settings, hints
from engine.tasks import Task

FEW_CLASSES = 256
"""Up to here, passes over one-hot rows take less time than looking up a single entry in each row."""

INDEX = np.dtype(np.intp)


def are_class_indices(target: Targets) -> TypeGuard[ClassIndices]:
    """Whether these are class indices (rows,), not rows of numbers (rows, outputs)."""
    return target.ndim == 1


def real_rows(target: Targets) -> Array:
    """Targets that are rows of numbers (rows, outputs); raises ValueError where they are class indices."""
    if are_class_indices(target):
        raise ValueError("expected rows of numbers as targets, found class indices")
    return cast(Array, target)


def in_precision(target: Targets, dtype: type[np.floating[Any]]) -> Targets:
    """Targets in the precision of the outputs; class indices, which have none, are returned as they are."""
    return target if are_class_indices(target) else target.astype(dtype, copy=False)


def probability_rows(target: Targets, out: Array) -> Array:
    """Targets as rows of probabilities (rows, classes): class indices as one-hot rows, written to `out`.

    Rows of probabilities are returned as they are, and `out` is not written to.
    """
    if not are_class_indices(target):
        return cast(Array, target)
    classes = out.shape[1]
    if classes <= FEW_CLASSES:
        # mode="clip" lets take write straight into `out`; every index is in range.
        return _identity(classes, out.dtype).take(target, 0, out, "clip")
    out.fill(0)
    # A reshaped copy would lose the result: copy=False raises an error where one would be needed.
    out.reshape(-1, copy=False)[_flat_indices(target, classes)] = 1
    return out


def sum_of_classes(scores: Array, target: ClassIndices) -> float:
    """Sum over the rows of the score of the row's class; scores (rows, classes)."""
    rows, classes = scores.shape
    if classes <= FEW_CLASSES:
        return float(np.vdot(scores, probability_rows(target, scratch(scores.shape, scores.dtype))))
    chosen = scratch(target.shape, scores.dtype)
    scores.reshape(-1).take(_flat_indices(target, classes), None, chosen, "clip")
    return float(chosen.dot(ones(rows, scores.dtype)))


def subtract_one_hot(values: Array, target: ClassIndices) -> None:
    """Subtract 1 in place from the entry of each row's class, of values (rows, classes)."""
    flat, indices = values.reshape(-1, copy=False), _flat_indices(target, values.shape[1])
    chosen = scratch(target.shape, values.dtype)
    flat.take(indices, None, chosen, "clip")
    np.subtract(chosen, constant(1.0, values.dtype), chosen)
    flat[indices] = chosen


def _flat_indices(target: ClassIndices, classes: int) -> ClassIndices:
    """Indices of the rows' classes in a flattened matrix (rows, classes), in this thread's scratch memory.

    Indexing by one index takes NumPy a third of the time of indexing by a pair.
    """
    indices = cast(ClassIndices, scratch(target.shape, INDEX))
    np.add(_row_starts(len(target), classes), target, indices)
    return indices


@lru_cache(maxsize=256)
def _row_starts(rows: int, classes: int) -> ClassIndices:
    """Indices of the rows' first elements in a flattened matrix; the front of a longer, shared array."""
    return _many_row_starts(1 << max(rows - 1, 0).bit_length(), classes)[:rows]


@lru_cache(maxsize=32)
def _many_row_starts(rows: int, classes: int) -> ClassIndices:
    starts = np.arange(rows) * classes
    starts.flags.writeable = False
    return starts


@lru_cache(maxsize=32)
def _identity(classes: int, dtype: np.dtype[Any]) -> Array:
    matrix = np.eye(classes, dtype=dtype)
    matrix.flags.writeable = False
    return matrix


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

    def fitted(
        self, targets: Targets, classes: Sequence[str] = (), weights: NDArray[np.float64] | None = None
    ) -> "Loss":
        """This loss, with the quantities that it takes from all training targets as settings.

        classes : names of the classes, (no, yes) for yes or no; empty where there are none.
        weights : (rows,) the sample weights of the targets; None where rows count alike.
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

    def row_weights(self, target: Targets, out: Array) -> None:
        """Write what each row counts by its target, (rows,): their sum is the `weight` of the batch."""
        out.fill(1.0)

    def workspace_arrays(self, output_shape: Shape) -> Mapping[str, Shape]:
        """The arrays needed in the workspace: name and shape of one sample; () is one number per row."""
        return {}

    @abstractmethod
    def forward(self, output: Array, target: Targets, workspace: Mapping[str, Array]) -> float:
        """The mean loss of the batch. Only reads output and target; fills the workspace for `backward`."""

    @abstractmethod
    def backward(self, output: Array, target: Targets, dy: Array, workspace: Mapping[str, Array]) -> None:
        """Write the gradient of the mean loss with respect to the output into dy. Follows `forward`."""

    @abstractmethod
    def row_losses(self, output: Array, target: Targets, workspace: Mapping[str, Array], out: Array) -> None:
        """Write what each row adds to the sum that `forward` divides by `weight`: (rows,).

        Follows `forward` and precedes `backward`. Sample weights multiply it.
        """


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
