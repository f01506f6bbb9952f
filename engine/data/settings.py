"""What a person decides about the data: source, target, preparation and split."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, NonNegativeInt, model_validator

from engine.data.column_settings import ColumnSettings, ColumnType
from engine.data.sources import AnySource
from engine.data.sources.two_dimensional import Spiral
from engine.data.table import Table
from engine.progress import Progress
from engine.settings import Settings, hints, number_text
from engine.tasks import Task

Scaling = Literal["standardize", "minmax", "none"]

Categories = Literal["one_hot", "integer"]


class Split(Settings):
    """How the rows are split into training, validation and test parts.

    Two shares are kept, the training part is what they leave; so editing one of them can never make the
    three fail to add up. `training` may be given too (in JSON, in code): then the three must add up to 1.
    """

    heading: ClassVar[str] = "Split"

    validation: float = Field(
        0.15,
        ge=0,
        le=0.9,
        title="Validation",
        description="Share of the rows on which the model is checked while it trains.",
        json_schema_extra=hints(slider=True),
    )
    test: float = Field(
        0.15,
        ge=0,
        le=0.9,
        title="Test",
        description="Share of the rows that is kept for the final evaluation; nothing is chosen by it.",
        json_schema_extra=hints(slider=True),
    )
    stratified: bool = Field(
        True,
        title="Stratified",
        description="Every part gets its share of each class, or of low, middle and high numbers.",
    )
    in_order: bool = Field(
        False,
        title="In order",
        description="Training takes the first rows, validation the next ones and test the last ones, as "
        "series in time need it; else rows are assigned at random.",
    )
    published: bool = Field(
        True,
        title="Use supplied test set",
        description="Where data comes with a test part of its own, that is taken, whatever its share.",
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**32 - 1,
        title="Seed",
        description="The same seed deals the same rows to the same parts.",
    )

    @property
    def training(self) -> float:
        """Share of the rows to learn from: what validation and test leave."""
        return round(1 - self.validation - self.test, 9)

    @model_validator(mode="before")
    @classmethod
    def _take_training(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "training" not in values:
            return values
        kept = {name: value for name, value in values.items() if name != "training"}
        shares = [values["training"]] + [
            kept.get(name, cls.model_fields[name].default) for name in ("validation", "test")
        ]
        if all(isinstance(share, int | float) for share in shares) and abs(sum(shares) - 1) > 1e-6:
            raise ValueError(
                "shares of training, validation and test that add up to 1 "
                f"(they add up to {number_text(sum(shares))})"
            )
        return kept

    @model_validator(mode="after")
    def _leave_some(self) -> "Split":
        if self.training < 0.05:
            held_out = number_text(self.validation + self.test)
            raise ValueError(
                f"at least 0.05 of the rows left for training (validation and test take {held_out})"
            )
        return self


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


class DataSettings(Settings):
    """What to learn from, and how it is prepared."""

    heading: ClassVar[str] = "Data"

    source: AnySource = Field(Spiral(), title="Source", description="Where the examples come from.")
    target: str | None = Field(
        None,
        title="Target",
        description="The column to be predicted; all others are inputs unless they are ignored. Where the "
        "input itself is to be learned, this column only labels the samples.",
        json_schema_extra=hints(none_title="The usual one"),
    )
    further_targets: tuple[str, ...] = Field(
        (),
        title="Further targets",
        description="More columns that are predicted at the same time: all are numbers, or all yes/no.",
        json_schema_extra=hints(hidden=True),
    )
    ignored: tuple[str, ...] = Field(
        (),
        title="Ignored columns",
        description="Columns that are no inputs: names, numbers of rows, what gives the target away.",
    )
    task: Task | None = Field(
        None,
        title="Task",
        description="What is to be learned: one of several classes, yes or no, a number, the input itself.",
        json_schema_extra=hints(
            none_title="Follows the target",
            choices={
                "classification": "One of several classes",
                "binary": "Yes or no",
                "multilabel": "Several times yes or no",
                "regression": "A number",
                "reconstruction": "Reconstruct the input (autoencoder)",
            },
        ),
    )
    scaling: Scaling = Field(
        "standardize",
        title="Scaling",
        description="How numbers are brought to one scale, measured on the training part; networks learn "
        "badly from numbers of very different size.",
        json_schema_extra=hints(
            choices={
                "standardize": "Mean 0, deviation 1",
                "minmax": "Range 0 to 1",
                "none": "As they are",
            }
        ),
    )
    categories: Categories = Field(
        "one_hot",
        title="Categories",
        description="How a column of texts comes in: as one input per category, or as a code, in whose place "
        "an Embedding layer puts a vector that is trained.",
        json_schema_extra=hints(
            choices={"one_hot": "One input per category", "integer": "Codes, for Embedding"}
        ),
    )
    missing: Missing = Field(
        Missing(), title="Missing values", description="What stands in for values that are not there."
    )
    split: Split = Field(
        Split(), title="Split", description="How the rows are split into training, validation and test."
    )
    columns: tuple[ColumnSettings, ...] = Field(
        (),
        title="Columns",
        description="What is decided about single columns: their types.",
        json_schema_extra=hints(hidden=True),
    )
    left_out: tuple[NonNegativeInt, ...] = Field(
        (),
        title="Rows left out",
        description="Rows of the table, counted from 0, that are in no part: duplicates, faulty ones.",
        json_schema_extra=hints(hidden=True),
    )
    group: str | None = Field(
        None,
        title="Group",
        description="A column whose rows of one value stay together: all are in the same part.",
        json_schema_extra=hints(hidden=True),
    )
    weight: str | None = Field(
        None,
        title="Weight",
        description="A column that says how much each row counts in the loss and in the scores.",
        json_schema_extra=hints(hidden=True),
    )
    time: str | None = Field(
        None,
        title="Time",
        description="A column by which rows can be split: the earliest for training, the last for test.",
        json_schema_extra=hints(hidden=True),
    )

    @property
    def types(self) -> Mapping[str, ColumnType]:
        """The types that were chosen, by column."""
        return {column.name: column.type for column in self.columns if column.type is not None}

    @property
    def read_from(self) -> object:
        """What decides how the table is read: settings with an equal one give the same table."""
        marks = ((column.name, column.missing_numbers) for column in self.columns if column.missing_numbers)
        return self.source, tuple(sorted(self.types.items())), tuple(sorted(marks))

    def column(self, name: str) -> ColumnSettings:
        """What is decided about a column."""
        found = (column for column in self.columns if column.name == name)
        return next(found, ColumnSettings(name=name))

    def with_column(self, changed: ColumnSettings) -> "DataSettings":
        """The settings with another decision about the column of that name."""
        others = tuple(column for column in self.columns if column.name != changed.name)
        decided = () if changed == ColumnSettings(name=changed.name) else (changed,)
        return self.replace(columns=(*others, *decided))

    def load(self, progress: Progress | None = None) -> Table:
        """The table of the source, its columns of the types that were chosen; see `Source.load`."""
        return self.with_missing(self.source.load(progress, self.types))

    def with_missing(self, table: Table) -> Table:
        """The table without the numbers that stand for a missing value in their column."""
        marks = {column.name: column.missing_numbers for column in self.columns if column.missing_numbers}
        return table.without_numbers(marks) if marks else table
