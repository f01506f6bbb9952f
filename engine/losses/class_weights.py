"""Classes that count more than others: weights per class, given or balanced by how often each occurs."""

from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from engine.arrays import Array, ones
from engine.errors import UserError
from engine.losses.base import Loss
from engine.settings import hints

HEAVIEST = 1e9
"""The largest weight of a class."""

FEWEST = 0.5
"""Examples, in all, below which a class does not occur: what shares of it leave by rounding is none."""

NOTHING = float(np.finfo(np.float32).tiny)
"""What a batch counts in which no example has a weight: so little that it changes no mean over batches."""

ClassWeight = Annotated[float, Field(ge=0, le=HEAVIEST)]


class ClassWeighted(Loss):
    """A loss whose mean is Σ w E / Σ w, with the weight w of the class of each example.

    Examples of a class of weight 0 are left out; a batch of nothing else has loss 0 and gradient 0. All
    weights times the same number are the same loss.
    Balanced weights are n / (k n_c), for n examples in all and n_c of class c, of k classes that occur: then
    every class counts the same in all, and the mean weight is 1. Given weights are multiplied by that, and
    scaled to the mean weight 1; a class without examples counts as if its balance were 1.
    Reference: King & Zeng 2001, Logistic regression in rare events data; scikit-learn, class_weight
    "balanced"; the weighted mean as in PyTorch, CrossEntropyLoss.
    """

    balanced: bool = Field(
        False,
        title="Balance classes",
        description="Lets every class count the same in all, however few examples it has.",
    )
    class_weights: tuple[ClassWeight, ...] | None = Field(
        None,
        min_length=2,
        max_length=100_000,
        title="Class weights",
        description="How much an example of each class counts, in the order of the classes; 0 leaves it out.",
        json_schema_extra=hints(none_title="All alike"),
    )

    @field_validator("class_weights")
    @classmethod
    def _something_counts(cls, weights: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if weights is not None and not any(weights):
            raise ValueError("a weight above 0 for at least one class")
        return weights

    def fitted(self, targets: Array) -> Loss:
        """With `balanced` turned into weights.

        Raises UserError where there is not one for each class, or where no class that occurs has one.
        """
        totals = self.class_totals(targets)
        given = np.array(self.class_weights or (1.0,) * len(totals))
        if len(given) != len(totals):
            raise UserError(
                "Training, loss, class weights",
                expected=f"{len(totals)} numbers, one for each class",
                got=str(len(given)),
                help="Give a weight for each class in the order of the classes, or leave all away.",
            )
        occurs = totals >= FEWEST
        if self.class_weights and not given[occurs].any():
            raise UserError(
                "Training, loss, class weights",
                expected="a weight above 0 for a class that the training examples have",
                got="0 for each of them",
                help="Give one of these classes a weight, or leave all away.",
            )
        if not self.balanced:
            return self
        weights = given.copy()
        weights[occurs] *= totals.sum() / (occurs.sum() * totals[occurs])
        if self.class_weights:
            weights /= weights.dot(totals) / totals.sum()
        return self.replace(balanced=False, class_weights=tuple(weights.clip(0, HEAVIEST).tolist()))

    def weight(self, target: Array) -> float:
        """Σ w over the batch; a soft target has a share of each class's weight."""
        if self.class_weights is None and not self.balanced:
            return float(len(target))
        counts = ones(len(target), target.dtype).dot(target)
        return max(float(counts.dot(self.weights(target.dtype))), NOTHING)

    def mean(self, total: float, target: Array) -> float:
        """The mean over the batch, of a sum Σ w E over it."""
        weight = self.weight(target)
        return total / weight if weight > NOTHING else 0.0 * total

    def scale(self, target: Array) -> float:
        """What a gradient of the sum Σ w E is to be multiplied by to be that of the mean."""
        weight = self.weight(target)
        return 1 / weight if weight > NOTHING else 0.0

    def set_row_weights(self, target: Array, column: Array) -> None:
        """Write w of every row into `column`, (rows,)."""
        weights = self.weights(target.dtype)
        if weights is not None:
            target.dot(weights, column)

    def class_totals(self, targets: Array) -> NDArray[np.float64]:
        """How many examples each class has: (classes,)."""
        totals: NDArray[np.float64] = targets.sum(axis=0, dtype=np.float64)
        return totals

    @property
    def weighted(self) -> bool:
        """Whether examples count differently."""
        return self.balanced or self.class_weights is not None

    def weights(self, dtype: np.dtype[Any]) -> Array | None:
        """The weight of each class (classes,), None where all count alike.

        Raises ValueError where they are still to be taken from the training targets.
        """
        if self.balanced:
            raise ValueError("balanced weights are not known before `fitted` has seen the training targets")
        return _vector(self.class_weights, dtype) if self.class_weights else None


@lru_cache(maxsize=16)
def _vector(values: tuple[float, ...], dtype: np.dtype[Any]) -> Array:
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array
