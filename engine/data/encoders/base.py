"""What every preparation of a column is: settings that a person chooses, and what is fitted."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.arrays import Array
from engine.data.columns.encoded_texts import MISSING
from engine.data.columns.texts import different_texts
from engine.data.table import Column, ColumnKind, Fitted, misfit
from engine.errors import excerpt
from engine.progress import Progress, blocks
from engine.settings import Settings, hints

Numbers = NDArray[np.float64]

Scaling = Literal["standardize", "minmax", "none"]

Categories = Literal["one_hot", "integer"]

Fill = Literal["mean", "median", "most_frequent", "constant", "own"]
"""What stands in for a missing value; "own" is a category of its own."""

FILL_TITLES = {
    "mean": "Mean",
    "median": "Median",
    "most_frequent": "Most frequent",
    "constant": "A constant",
    "own": "Own category",
}


class Missing(Settings):
    """What stands in for missing values; always taken from the training part alone."""

    heading: ClassVar[str] = "Missing values"

    numbers: Literal["mean", "median"] = Field(
        "median",
        title="Numbers",
        description="What stands in for a missing number; the median is not moved by outliers.",
        json_schema_extra=hints(choices={"mean": "Mean", "median": "Median"}),
    )
    categories: Literal["own", "most_frequent"] = Field(
        "own",
        title="Categories",
        description="A missing category gets an input (or a code) of its own, or counts as the most frequent "
        "one.",
        json_schema_extra=hints(choices={"own": "Own category", "most_frequent": "Most frequent"}),
    )


@dataclass(frozen=True)
class Imputation:
    """What stands in for the missing values of one column.

    constant : the value for the fill "constant", as text. flagged : whether one more input says where a value
    was missing.
    """

    fill: Fill
    constant: str = "0"
    flagged: bool = False


@dataclass(frozen=True)
class TargetValues:
    """The target of the training rows, as an encoder that learns from it needs it.

    values : (rows, outputs) standardized numbers, or 1 for the row's class and else 0. names : what the mean
    of each output is. of_classes : whether a row is of one class.
    """

    values: Numbers
    names: tuple[str, ...]
    of_classes: bool = False


class FittedInput(Fitted):
    """An encoder of one table column, fitted on the training part and saved with the run."""

    unsaved_defaults: ClassVar[frozenset[str]] = frozenset({"flagged"})

    restorable: ClassVar[bool] = True
    """Whether outputs of an autoencoder can be turned back into the column's values."""

    if TYPE_CHECKING:
        # Declared by the subclasses, in whose order files are written.
        column: str

    flagged: bool = False
    """Whether there is one more input, 1 where the value is missing and else 0."""

    @property
    @abstractmethod
    def own_names(self) -> tuple[str, ...]:
        """What each number is that the value itself becomes."""

    @property
    def names(self) -> tuple[str, ...]:
        """What each number is that the network gets of the column."""
        return (*self.own_names, f"{self.column} was missing") if self.flagged else self.own_names

    @property
    def known_texts(self) -> tuple[str, ...] | None:
        """Texts that were met in training, where the values are texts; None where they are none."""
        return None

    @abstractmethod
    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        """Fill out (rows, len(own_names))."""

    def write(self, column: Column, out: Array, progress: Progress) -> None:
        """Fill out (rows, len(names)); raises UserError where the column holds what cannot be encoded."""
        own = len(self.own_names)
        self.write_own(column, out[:, :own], progress)
        if self.flagged:
            out[:, own] = missing_in(column)

    def write_training(
        self, column: Column, target: TargetValues | None, out: Array, progress: Progress
    ) -> None:
        """The same for the training rows: differs where the encoder has learned from their targets."""
        self.write(column, out, progress)

    @abstractmethod
    def restored(self, values: Numbers) -> Column:
        """The column that numbers (rows, len(names)) stand for; only where `restorable`."""


class NumericInput(FittedInput):
    """A column that becomes one number.

    What is constant in the training part stays at that value: its weight could not be trained, so no other
    value may count in a prediction.
    """

    unsaved_defaults: ClassVar[frozenset[str]] = frozenset({"flagged", "constant"})
    of_numbers: ClassVar[bool] = True
    """Whether the column holds numbers."""

    constant: bool = False

    if TYPE_CHECKING:
        missing_value: float

    @property
    def own_names(self) -> tuple[str, ...]:
        return (self.column,)

    @abstractmethod
    def transformed(self, values: Numbers) -> Numbers:
        """Values in the column's own units, without NaN, as the network gets them; any shape."""

    @abstractmethod
    def inverse(self, inputs: Numbers) -> Numbers:
        """What `transformed` made of values, back in the column's own units."""

    def values_of(self, column: Column) -> Numbers:
        """The column's numbers, NaN where missing; raises UserError."""
        return numbers_in(column)

    def inputs_of(self, values: Numbers) -> Numbers:
        """Values in the column's own units, NaN where missing, as the network gets them; any shape."""
        if self.constant:
            return self.transformed(np.full_like(values, self.missing_value))
        return self.transformed(np.where(np.isnan(values), self.missing_value, values))

    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        values = self.values_of(column)
        for block in blocks(len(values), progress):
            out[block, 0] = self.inputs_of(values[block])

    def restored(self, values: Numbers) -> Column:
        with np.errstate(over="ignore", invalid="ignore"):
            return Column(self.column, "number", self.inverse(values[:, 0]))


class ColumnPreparation(Settings):
    """How the values of one column become numbers for the network."""

    group: ClassVar[str]
    """What it prepares, as a heading in the list of preparations."""
    kinds: ClassVar[tuple[ColumnKind, ...]]
    """Kinds of columns that it can prepare."""
    fills: ClassVar[tuple[Fill, ...]]
    """What can stand in for their missing values."""
    needs_target: ClassVar[bool] = False
    kind: str

    @abstractmethod
    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> Any:
        """A FittedInput of the training part's column, in which not all values are missing; raises UserError.

        target : of the same rows; given where the preparation needs it.
        """

    def width(self, column: Column, imputation: Imputation, outputs: int) -> int:
        """How many numbers it would make of a row, without fitting it.

        outputs : columns of `TargetValues`.
        """
        return 1 + flagged(column, imputation)

    def codes(self, column: Column, imputation: Imputation) -> int:
        """Where it makes an integer code, how many different ones there are; else 0."""
        return 0


def flagged(column: Column, imputation: Imputation) -> bool:
    """Whether one more input says where values were missing: it has to differ within the training part."""
    return imputation.flagged and 0 < column.missing < column.rows


def missing_in(column: Column) -> NDArray[np.bool_]:
    """In which rows there is no value: (rows,)."""
    found: NDArray[np.bool_] = (
        column.texts.indices == MISSING if column.holds_texts else np.isnan(column.values)
    )
    return found


def numbers_in(column: Column) -> Numbers:
    """The values of a number column; raises UserError for any other."""
    if column.kind == "number":
        return column.values
    # Words come last in order, and a word is what makes a column of text.
    got = "images" if column.kind == "image" else f"text such as “{excerpt(different_texts(column)[-1])}”"
    raise misfit(column, "numbers", got, "Correct the column, or choose another table.")


def fill_number(column: Column, values: Numbers, imputation: Imputation) -> float:
    """What stands in for a missing number. values : those that are there."""
    if imputation.fill == "constant":
        try:
            value = float(imputation.constant.replace("−", "-"))
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            got = f"“{excerpt(imputation.constant)}”"
            raise misfit(column, "a number to stand in for missing ones", got, "Change the constant.")
        return value
    if imputation.fill == "most_frequent":
        return most_frequent(values)
    return float(np.mean(values) if imputation.fill == "mean" else np.median(values))


def most_frequent(values: Numbers) -> float:
    """The value that occurs most often; the least of several."""
    different, times = np.unique(values, return_counts=True)
    return float(different[times.argmax()])
