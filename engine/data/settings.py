"""What a person decides about the data: source, target, preparation and split."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, NonNegativeInt

from engine.data.columns.sentinel_values import without_numbers
from engine.data.columns.settings import ColumnSettings, ColumnType
from engine.data.encoders.base import Categories, Missing, Scaling
from engine.data.sources import AnySource
from engine.data.sources.two_dimensional import Spiral
from engine.data.splitting.settings import Split
from engine.data.splitting.supplied_parts import load_parts
from engine.data.table import Table
from engine.progress import Progress
from engine.settings import Settings, hints
from engine.tasks import Task


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
    scale_target: bool = Field(
        True,
        title="Scale target",
        description="A number to be predicted is learned with mean 0 and standard deviation 1, whatever its "
        "unit; else as it is, which needs another learning rate for every unit.",
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
        description="What is decided about single columns: type, preparation, missing values.",
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
    part: str | None = Field(
        None,
        title="Part",
        description="A column whose values name the part of each row: train, validation or test.",
        json_schema_extra=hints(hidden=True),
    )
    validation_source: AnySource | None = Field(
        None,
        title="Validation from",
        description="Data of its own for validation, with the same columns.",
        json_schema_extra=hints(none_title="The rows of the table", hidden=True),
    )
    test_source: AnySource | None = Field(
        None,
        title="Test from",
        description="Data of its own for the test, with the same columns.",
        json_schema_extra=hints(none_title="The rows of the table", hidden=True),
    )

    @property
    def types(self) -> Mapping[str, ColumnType]:
        """The types that were chosen, by column."""
        return {column.name: column.type for column in self.columns if column.type is not None}

    @property
    def read_from(self) -> object:
        """What decides how the table is read: settings with an equal one give the same table."""
        marks = ((column.name, column.missing_numbers) for column in self.columns if column.missing_numbers)
        sources = (self.source, self.validation_source, self.test_source)
        return *sources, tuple(sorted(self.types.items())), tuple(sorted(marks))

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
        """The table of the source, its columns of the types that were chosen; see `Source.load`.

        Followed by the rows of the sources for validation and for test, where there are any.
        """
        sources = (self.source, self.validation_source, self.test_source)
        return self.with_missing(load_parts(*sources, self.types, self.ignored, progress or Progress()))

    def with_missing(self, table: Table) -> Table:
        """The table without the numbers that stand for a missing value in their column."""
        marks = {column.name: column.missing_numbers for column in self.columns if column.missing_numbers}
        return without_numbers(table, marks) if marks else table


__all__ = ["Categories", "DataSettings", "Missing", "Scaling", "Split"]
