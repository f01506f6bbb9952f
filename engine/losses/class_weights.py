"""Classes that count more than others: weights per class, given or balanced by how often each occurs."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_serializer, field_validator, model_validator

from engine.arrays import Array, Targets, ones
from engine.errors import UserError
from engine.losses.base import Loss
from engine.losses.class_numbers import are_class_numbers
from engine.losses.weights_by_class import (
    BALANCED,
    HEAVIEST,
    WHERE,
    ClassWeight,
    by_class,
    entries,
    in_order_of,
)
from engine.settings import hints

FEWEST = 0.5
"""Examples, in all, below which a class does not occur: what shares of it leave by rounding is none."""

NOTHING = float(np.finfo(np.float32).tiny)
"""What a batch counts in which no example has a weight: so little that it changes no mean over batches."""

WORD = (BALANCED, (BALANCED,), [BALANCED])


class ClassWeighted(Loss):
    """A loss whose mean is Σ w E / Σ w, with the weight w of the class of each example.

    Examples of a class of weight 0 are left out; a batch of nothing else has loss 0 and gradient 0. All
    weights times the same number are the same loss.
    Balanced weights are n / (k n_c), for n examples in all and n_c of class c, of k classes that occur: then
    every class counts the same in all, and the mean weight is 1. Given weights are multiplied by that, and
    scaled to the mean weight 1; a class without examples counts as if its balance were 1.
    Weights may be given by name, {"cat": 2.5}; the classes that are not named then count 1.
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
        max_length=100_000,
        title="Class weights",
        description="How much an example of each class counts: a number for each class in their order, or "
        "some by name, as in “cat: 2.5”; 0 leaves a class out.",
        json_schema_extra=hints(none_title="All alike"),
    )

    @model_validator(mode="before")
    @classmethod
    def _balanced_by_word(cls, values: Any) -> Any:
        """The word in the place of weights is what `balanced` says; a form gives it as a list."""
        given = values.get("class_weights") if isinstance(values, dict) else None
        return {**values, "balanced": True, "class_weights": None} if given in WORD else values

    @field_validator("class_weights", mode="before")
    @classmethod
    def _as_entries(cls, given: Any) -> Any:
        return entries(given)

    @field_validator("class_weights")
    @classmethod
    def _of_one_kind(cls, given: tuple[float | str, ...] | None) -> tuple[float | str, ...] | None:
        if given is None:
            return None
        weights = by_class(given)
        if weights and len(weights) < len(given):
            raise ValueError("a number for every class in order, or each class by name and once")
        if not weights and len(given) < 2:
            raise ValueError("a longer list, of 2 or more, or a class by name such as “cat: 2”")
        if not weights and not any(given):
            raise ValueError("a weight above 0 for at least one class")
        return given

    @field_serializer("class_weights", when_used="json")
    def _as_json(self, given: tuple[float | str, ...] | None) -> Any:
        return by_class(given or ()) or given

    def fitted(self, targets: Targets, classes: Sequence[str] = ()) -> Loss:
        """With a number for each class, which `balanced` and names are turned into.

        Raises UserError where weights are not those of the classes, or where no class that occurs has one.
        """
        totals = self.class_totals(targets, classes)
        numbers = in_order_of(classes, self.class_weights, len(totals)) if self.class_weights else None
        given = np.array(numbers or (1.0,) * len(totals))
        occurs = totals >= FEWEST
        if numbers and not given[occurs].any():
            raise UserError(
                WHERE,
                expected="a weight above 0 for a class that the training examples have",
                got="0 for each of them",
                help="Give one of these classes a weight, or leave all away.",
            )
        if not self.balanced:
            return self if numbers == self.class_weights else self.replace(class_weights=numbers)
        weights = given.copy()
        weights[occurs] *= totals.sum() / (occurs.sum() * totals[occurs])
        if numbers:
            weights /= weights.dot(totals) / totals.sum()
        return self.replace(balanced=False, class_weights=tuple(weights.clip(0, HEAVIEST).tolist()))

    def weight(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """Σ w over the batch; a soft target has a share of each class's weight."""
        weights = None if self.class_weights is None and not self.balanced else self.weights(dtype)
        if weights is None:
            return float(len(target))
        if are_class_numbers(target):
            counts = np.bincount(target, minlength=len(weights)).astype(dtype)
        else:
            counts = ones(len(target), dtype).dot(target)
        return max(float(counts.dot(weights)), NOTHING)

    def mean(self, total: float, target: Targets, dtype: np.dtype[Any]) -> float:
        """The mean over the batch, of a sum Σ w E over it."""
        weight = self.weight(target, dtype)
        return total / weight if weight > NOTHING else 0.0 * total

    def scale(self, target: Targets, dtype: np.dtype[Any]) -> float:
        """What a gradient of the sum Σ w E is to be multiplied by to be that of the mean."""
        weight = self.weight(target, dtype)
        return 1 / weight if weight > NOTHING else 0.0

    def set_row_weights(self, target: Targets, column: Array) -> None:
        """Write w of every row into `column`, (rows,)."""
        weights = self.weights(column.dtype)
        if weights is None:
            return
        if are_class_numbers(target):
            np.take(weights, target, out=column, mode="clip")
        else:
            target.dot(weights, column)

    def class_totals(self, targets: Targets, classes: Sequence[str]) -> NDArray[np.float64]:
        """How many examples each class has: (classes,). `classes` : their names, as in `fitted`."""
        if are_class_numbers(targets):
            return np.bincount(targets, minlength=len(classes)).astype(np.float64)
        totals: NDArray[np.float64] = targets.sum(axis=0, dtype=np.float64)
        return totals

    @property
    def weighted(self) -> bool:
        """Whether examples count differently."""
        return self.balanced or self.class_weights is not None

    def weights(self, dtype: np.dtype[Any]) -> Array | None:
        """The weight of each class (classes,), None where all count alike.

        Raises ValueError where they are still to be taken from the training targets, or given by name.
        """
        if self.balanced:
            raise ValueError("balanced weights are not known before `fitted` has seen the training targets")
        return _vector(self.class_weights, dtype) if self.class_weights else None


@lru_cache(maxsize=16)
def _vector(values: tuple[float | str, ...], dtype: np.dtype[Any]) -> Array:
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array
