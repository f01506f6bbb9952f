"""Encoders of the target column: values to numbers for the loss, and outputs back to values."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import ClassIndices, Targets
from engine.data.categorical_encoders import CategoryInput, IntegerInput
from engine.data.column_text import different_texts, encoded, listed, texts_of
from engine.data.input_encoders import AnyInput, BooleanInput, ImageInput, Numbers, numbers_in
from engine.data.table import Column, Fitted, misfit
from engine.progress import Progress
from engine.tasks import Task


class MulticlassTarget(Fitted):
    """One of several classes: the index of the class, in the order of their names.

    Not one-hot: a million rows take 8 MB, for any number of classes.
    """

    kind: Literal["multiclass"] = "multiclass"
    column: str
    classes: tuple[str, ...] = Field(min_length=2)

    @property
    def task(self) -> Task:
        return "classification"

    @property
    def outputs(self) -> int:
        return len(self.classes)

    def encode(self, column: Column) -> ClassIndices:
        """(rows,); raises UserError at a class that was not trained, or a missing one."""
        return _class_indices(column, self.classes)

    def in_target_units(self, outputs: Targets) -> NDArray[Any]:
        """Probabilities are their own unit."""
        return outputs

    def decode(self, outputs: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """The names of the most probable classes: (rows,)."""
        found: NDArray[Any] = np.array(self.classes, dtype=object)[outputs.argmax(axis=1)]
        return found


class BinaryTarget(Fitted):
    """Yes or no: one column, 1 for yes.

    Numbers of the network's precision, not class indices: there is one output, whose loss takes the target as
    the probability of yes, and a single column takes no more memory than class indices.
    """

    kind: Literal["binary"] = "binary"
    column: str
    classes: tuple[str, str]
    """How (no, yes) are called."""

    @property
    def task(self) -> Task:
        return "binary"

    @property
    def outputs(self) -> int:
        return 1

    def encode(self, column: Column) -> Numbers:
        """(rows, 1); raises UserError at a third value, or a missing one."""
        return _class_indices(column, self.classes).astype(np.float64)[:, np.newaxis]

    def in_target_units(self, outputs: Targets) -> NDArray[Any]:
        """Probabilities are their own unit."""
        return outputs

    def decode(self, outputs: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """The name of yes where its probability is at least one half: (rows,)."""
        found: NDArray[Any] = np.array(self.classes, dtype=object)[(outputs[:, 0] >= 0.5).astype(np.intp)]
        return found


class NumberTarget(Fitted):
    """A number: (value − mean) / standard deviation, so that every target has the same scale.

    It does not depend on the scaling of the inputs: unscaled, a target in thousands would need a learning
    rate a million times smaller than one in units.
    """

    kind: Literal["number"] = "number"
    column: str
    mean: float
    std: float = Field(gt=0)

    @property
    def task(self) -> Task:
        return "regression"

    @property
    def outputs(self) -> int:
        return 1

    @property
    def classes(self) -> tuple[str, ...]:
        """None: a number has no classes."""
        return ()

    def encode(self, column: Column) -> Numbers:
        """(rows, 1); raises UserError where the column is not of numbers, or one is missing."""
        values = numbers_in(column)
        if np.isnan(values).any():
            raise _missing(column)
        return ((values - self.mean) / self.std)[:, np.newaxis]

    def in_target_units(self, outputs: Targets) -> NDArray[Any]:
        """Standardized values as the column's own numbers, float64, any shape."""
        return outputs.astype(np.float64) * self.std + self.mean

    def decode(self, outputs: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """The column's own numbers: (rows,)."""
        return self.in_target_units(outputs[:, 0])


class ReconstructionTarget(Fitted):
    """The sample itself, as the network gets it, flattened: nothing is fitted but how many numbers it has."""

    kind: Literal["reconstruction"] = "reconstruction"
    outputs: int = Field(ge=1)

    @property
    def task(self) -> Task:
        return "reconstruction"

    @property
    def classes(self) -> tuple[str, ...]:
        """None: a sample has no classes."""
        return ()

    def in_target_units(self, outputs: Targets) -> NDArray[Any]:
        """Prepared inputs are their own unit: only those can be compared with one another."""
        return outputs

    def decode(self, outputs: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """Prepared inputs: (rows, outputs). In the columns' own units: `Preparation.reconstruction`."""
        return outputs


AnyTarget = Annotated[
    MulticlassTarget | BinaryTarget | NumberTarget | ReconstructionTarget, Field(discriminator="kind")
]


def fit_target(column: Column, task: Task) -> MulticlassTarget | BinaryTarget | NumberTarget:
    """Fit the target on the training part's column, which has been checked and has no missing values."""
    if task == "regression":
        with np.errstate(over="ignore", invalid="ignore"):
            mean, deviation = float(column.values.mean()), float(column.values.std())
        if not np.isfinite(deviation) or not np.isfinite(mean):
            raise misfit(column, "numbers below 1e150", "larger ones", "Correct them.")
        constant = column.values.min() == column.values.max() or deviation == 0
        return NumberTarget(column=column.name, mean=mean, std=1.0 if constant else deviation)
    names = tuple(different_texts(column))
    if task == "binary":
        no, yes = column.labels if column.kind == "boolean" else names
        return BinaryTarget(column=column.name, classes=(no, yes))
    return MulticlassTarget(column=column.name, classes=names)


def _class_indices(column: Column, classes: tuple[str, ...]) -> ClassIndices:
    """For each row the index of its class, from 0."""
    texts = encoded(column)
    indices: dict[str | None, int] = {name: index for index, name in enumerate(classes)}
    if any(text not in indices for text in texts.all_different(Progress())):
        others = [text for text in dict.fromkeys(texts_of(column)) if not (text is None or text in indices)]
        raise misfit(
            column,
            f"the classes of the training, {listed(classes, 12)}",
            listed(others, 3),
            "Leave these rows out, or train on a table that holds them.",
        )
    if column.missing:
        raise _missing(column)
    return texts.mapped(indices)


def _missing(column: Column) -> Exception:
    rows = "1 row" if column.missing == 1 else f"{column.missing:,} rows"
    return misfit(column, "a target in every row", f"none in {rows}", "Leave these rows out.")


Outputs = NDArray[np.floating[Any]]


def reconstructed(inputs: Sequence[AnyInput], outputs: Outputs) -> tuple[Column, ...]:
    """The columns, in their own units, that prepared samples (rows, numbers) stand for."""
    columns, start = [], 0
    for fitted in inputs:
        width = len(fitted.names)
        columns.append(_column(fitted, outputs[:, start : start + width].astype(np.float64)))
        start += width
    return tuple(columns)


def _column(fitted: AnyInput, values: NDArray[np.float64]) -> Column:
    """One column from its part (rows, width) of the samples."""
    if isinstance(fitted, IntegerInput):
        raise ValueError("codes are no quantities that could be reconstructed")
    if isinstance(fitted, CategoryInput):
        # A missing value has the last input, if it has one.
        names = np.array([*fitted.categories, None], dtype=object)
        return Column(fitted.column, "category", names[values.argmax(axis=1)])
    if isinstance(fitted, BooleanInput):
        yes = (values[:, 0] >= 0.5).astype(np.float64)
        return Column(fitted.column, "boolean", yes, fitted.labels)
    with np.errstate(over="ignore", invalid="ignore"):
        own = values * fitted.scale + fitted.offset
    if isinstance(fitted, ImageInput):
        return Column(fitted.column, "image", own.reshape(-1, *fitted.shape).astype(np.float32))
    return Column(fitted.column, "number", own[:, 0])
