"""Encoders of the target column: values to numbers for the loss, and outputs back to values."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import ClassIndices, Targets
from engine.data.columns.texts import different_texts, encoded, listed, texts_of
from engine.data.encoders.base import Numbers, TargetValues, numbers_in
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

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is predicted."""
        return (self.column,)

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

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is predicted."""
        return (self.column,)

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
    rate a million times smaller than one in units. Where a person wants it unscaled, mean is 0 and std 1.
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

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is predicted."""
        return (self.column,)

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


class SeveralTargets(Fitted):
    """Several columns at the same time, an output for each: all numbers, or all yes/no."""

    kind: Literal["several"] = "several"
    targets: tuple[Annotated[NumberTarget | BinaryTarget, Field(discriminator="kind")], ...] = Field(
        min_length=2
    )

    @model_validator(mode="after")
    def _of_one_kind(self) -> "SeveralTargets":
        if len({target.kind for target in self.targets}) > 1:
            raise ValueError("targets that are all numbers, or all yes/no")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("a different column for each target")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are predicted, in the order of the outputs."""
        return tuple(target.column for target in self.targets)

    @property
    def task(self) -> Task:
        return "regression" if isinstance(self.targets[0], NumberTarget) else "multilabel"

    @property
    def outputs(self) -> int:
        return len(self.targets)

    @property
    def classes(self) -> tuple[str, ...]:
        """None: each target has its own."""
        return ()

    def encode(self, *columns: Column) -> Numbers:
        """(rows, outputs), from the columns in their order; raises UserError as each target does."""
        pairs = zip(self.targets, columns, strict=True)
        return np.concatenate([target.encode(column) for target, column in pairs], axis=1)

    def in_target_units(self, outputs: Targets) -> NDArray[Any]:
        """Standardized values (…, outputs) as the columns' own numbers, float64; probabilities unchanged."""
        columns = [target.in_target_units(outputs[..., index]) for index, target in enumerate(self.targets)]
        return np.stack(columns, axis=-1)

    def decode(self, outputs: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """The columns' own numbers, or the names of yes and no: (rows, outputs)."""
        columns = [target.decode(outputs[:, index, np.newaxis]) for index, target in enumerate(self.targets)]
        return np.stack(columns, axis=-1)


class ReconstructionTarget(Fitted):
    """The sample itself, as the network gets it, flattened: nothing is fitted but how many numbers it has."""

    kind: Literal["reconstruction"] = "reconstruction"
    outputs: int = Field(ge=1)

    @property
    def columns(self) -> tuple[str, ...]:
        """None: what is predicted are the inputs."""
        return ()

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
    MulticlassTarget | BinaryTarget | NumberTarget | SeveralTargets | ReconstructionTarget,
    Field(discriminator="kind"),
]


def fit_targets(
    columns: Sequence[Column], task: Task, scaled: bool = True
) -> MulticlassTarget | BinaryTarget | NumberTarget | SeveralTargets:
    """Fit on the training part's columns, which have been checked and have no missing values.

    scaled : whether numbers are standardized.
    """
    if len(columns) == 1:
        return fit_target(columns[0], task, scaled)
    each: Task = "binary" if task == "multilabel" else task
    # Of one kind, as the check has seen to it.
    fitted = tuple(fit_target(column, each, scaled) for column in columns)
    return SeveralTargets(targets=tuple(one for one in fitted if not isinstance(one, MulticlassTarget)))


def fit_target(
    column: Column, task: Task, scaled: bool = True
) -> MulticlassTarget | BinaryTarget | NumberTarget:
    """Fit the target on the training part's column, which has been checked and has no missing values."""
    if task == "regression" and not scaled:
        return NumberTarget(column=column.name, mean=0.0, std=1.0)
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


def target_values(
    fitted: MulticlassTarget | BinaryTarget | NumberTarget | SeveralTargets, columns: Sequence[Column]
) -> TargetValues:
    """The target of the training rows as inputs can learn from it: standardized, or 1 for the row's class."""
    if isinstance(fitted, SeveralTargets):
        each = [target_values(one, [column]) for one, column in zip(fitted.targets, columns, strict=True)]
        names = tuple(f"mean of {name}" for name in fitted.columns)
        return TargetValues(np.concatenate([one.values for one in each], axis=1), names)
    if isinstance(fitted, NumberTarget):
        values = numbers_in(columns[0])
        deviation = values.std() or 1.0
        return TargetValues(((values - values.mean()) / deviation)[:, np.newaxis], ("mean target",))
    shares = tuple(f"share of {name}" for name in fitted.classes)
    if isinstance(fitted, BinaryTarget):
        return TargetValues(fitted.encode(columns[0]), shares[1:], of_classes=True)
    return TargetValues(np.eye(len(fitted.classes))[fitted.encode(columns[0])], shares, of_classes=True)
