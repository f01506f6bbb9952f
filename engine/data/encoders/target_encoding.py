"""Categories by the mean of the target in their rows, without a row's own target having a part in it."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array
from engine.data.encoders.base import Imputation, Numbers, TargetValues, flagged
from engine.data.encoders.categories import CategoryPreparation
from engine.data.encoders.category_inputs import TextInput, fit_texts
from engine.data.table import Column
from engine.progress import Progress
from engine.settings import hints

Folds = NDArray[np.intp]


class TargetInput(TextInput):
    """The smoothed mean of the target in the training rows of the row's category; `prior` for an unknown one.

    A training row gets the mean over the other folds of the training part instead (`write_training`): with
    its own target in the mean, the network would learn to read that off.
    """

    restorable: ClassVar[bool] = False
    kind: Literal["target"] = "target"
    outputs: tuple[str, ...]
    """What each number is: "mean target", "share of yes"."""
    means: tuple[tuple[float, ...], ...]
    """(categories, with those of missing and of pooled texts; numbers)"""
    prior: tuple[float, ...]
    folds: int
    smoothing: float | None
    seed: int

    @property
    def own_names(self) -> tuple[str, ...]:
        return tuple(f"{self.column}: {what}" for what in self.outputs)

    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        progress.check()
        out[:] = np.array([*self.means, self.prior])[self.category_indices(column)]

    def write_training(
        self, column: Column, target: TargetValues | None, out: Array, progress: Progress
    ) -> None:
        if target is None:
            raise ValueError("the target of the training rows is needed")
        self.write(column, out, progress)
        if self.size == 1:
            return
        indices, values = self.category_indices(column), target.values
        folds = fold_of_rows(target, self.folds, self.seed)
        for fold in range(self.folds):
            progress.check()
            rest, own = folds != fold, np.flatnonzero(folds == fold)
            means, prior = smoothed_means(indices[rest], values[rest], self.size, self.smoothing)
            out[own, : len(self.prior)] = np.vstack([means, prior])[indices[own]]

    def restored(self, values: Numbers) -> Column:
        raise ValueError("means of the target are no quantities that could be reconstructed")


class TargetEncoding(CategoryPreparation):
    """The mean of the target in the rows of the category, smoothed: one number for any number of categories.

    Means of the training rows are taken over other folds than their own, so that the target does not leak.
    Reference: Micci-Barreca 2001, as in scikit-learn's TargetEncoder.
    """

    heading: ClassVar[str] = "Mean of the target"
    needs_target: ClassVar[bool] = True
    kind: Literal["target"] = "target"

    smoothing: float | None = Field(
        None,
        ge=0,
        le=1e6,
        title="Smoothing",
        description="So many rows with the mean of all count beside those of the category.",
        json_schema_extra=hints(unit="rows", none_title="By the variances"),
    )
    folds: int = Field(
        5,
        ge=2,
        le=20,
        title="Folds",
        description="Into so many parts the training rows are split; means of one are from the others.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="The same seed puts the same rows into the same folds.",
    )

    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> TargetInput:
        if target is None:
            raise ValueError("the target of the training rows is needed")
        width = target.values.shape[1]
        blank = {
            "outputs": target.names,
            "means": (),
            "prior": (0.0,) * width,
            "folds": min(self.folds, column.rows),
            "smoothing": self.smoothing,
            "seed": self.seed,
        }
        found = fit_texts(column, imputation, TargetInput, self.rare_rows, self.rare_fraction, **blank)
        means, prior = smoothed_means(
            found.category_indices(column), target.values, found.size, self.smoothing
        )
        if found.size == 1:
            # Nothing was told apart, so an unknown category is like the known one.
            means = np.broadcast_to(prior, means.shape)
        fitted = {"means": tuple(map(tuple, means.tolist())), "prior": tuple(prior.tolist())}
        return found.model_copy(update=fitted)

    def width(self, column: Column, imputation: Imputation, outputs: int) -> int:
        return outputs + flagged(column, imputation)


def smoothed_means(
    indices: NDArray[np.intp], values: Numbers, size: int, smoothing: float | None
) -> tuple[Numbers, Numbers]:
    """Means of values (rows, outputs) for each category (size, outputs), and over all rows (outputs,).

    With the smoothing m, a category of n rows has (sum + m · mean) / (n + m). Without, the weight of its own
    mean is s²n / (s²n + v): s² the variance of all values, v that within the category (empirical Bayes).
    """
    known = indices >= 0
    counts = np.bincount(indices[known], minlength=size).astype(np.float64)[:, np.newaxis]
    prior: Numbers = values.mean(axis=0)
    sums = np.zeros((size, values.shape[1]))
    np.add.at(sums, indices[known], values[known])
    with np.errstate(divide="ignore", invalid="ignore"):
        if smoothing is not None:
            means = (sums + smoothing * prior) / (counts + smoothing)
        else:
            own = sums / counts
            squares = np.zeros_like(sums)
            np.add.at(squares, indices[known], (values[known] - own[indices[known]]) ** 2)
            weight = values.var(axis=0) * counts / (values.var(axis=0) * counts + squares / counts)
            means = weight * own + (1 - weight) * prior
    return np.where((counts == 0) | np.isnan(means), prior, means), prior


def fold_of_rows(target: TargetValues, folds: int, seed: int) -> Folds:
    """The fold of each row: at random, of each class the same share in every fold."""
    rows = len(target.values)
    order = np.random.default_rng(seed).permutation(rows)
    if target.of_classes:
        single = target.values.shape[1] == 1
        classes = target.values[:, 0].astype(np.intp) if single else target.values.argmax(axis=1)
        order = order[np.argsort(classes[order], kind="stable")]
    found: Folds = np.empty(rows, np.intp)
    found[order] = np.arange(rows) % folds
    return found
