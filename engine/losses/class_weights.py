"""Classes that count more than others: weights per class, given or balanced by how often each occurs."""

from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array, ones
from engine.errors import UserError
from engine.losses.base import Loss
from engine.settings import hints

ClassWeight = Annotated[float, Field(gt=0, le=1e9)]


class ClassWeighted(Loss):
    """A loss whose mean is Σ w E / Σ w, with the weight w of the class of each example.

    Balanced weights are n / (k n_c), for n examples in all and n_c of class c, of k classes that occur: then
    every class counts the same in all, and the mean weight is 1. Given weights are multiplied by that; a
    class without examples keeps what is given.
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
        description="How much an example of each class counts, in the order of the classes.",
        json_schema_extra=hints(none_title="All alike"),
    )

    def fitted(self, targets: Array) -> Loss:
        """With `balanced` turned into weights; raises UserError where there is not one for each class."""
        totals = self.class_totals(targets)
        given = self.class_weights or (1.0,) * len(totals)
        if len(given) != len(totals):
            raise UserError(
                "Training, loss, class weights",
                expected=f"{len(totals)} numbers, one for each class",
                got=str(len(given)),
                help="Give a weight for each class in the order of the classes, or leave all away.",
            )
        if not self.balanced:
            return self
        occurs = totals > 0
        balance = np.ones(len(totals))
        balance[occurs] = totals.sum() / (occurs.sum() * totals[occurs])
        return self.replace(balanced=False, class_weights=tuple((balance * given).tolist()))

    def weight(self, target: Array) -> float:
        """Σ w over the batch; a soft target has a share of each class's weight."""
        if self.class_weights is None and not self.balanced:
            return float(len(target))
        return float(ones(len(target), target.dtype).dot(target).dot(self.weights(target.dtype)))

    def class_totals(self, targets: Array) -> NDArray[np.float64]:
        """How many examples each class has: (classes,)."""
        totals: NDArray[np.float64] = targets.sum(axis=0, dtype=np.float64)
        return totals

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
