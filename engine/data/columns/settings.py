"""What a person decides about one column of a table."""

from typing import Literal

from pydantic import Field

from engine.data.encoders import AnyPreparation, ColumnPreparation, usual_preparation
from engine.data.encoders.base import FILL_TITLES, Categories, Fill, Imputation, Missing, Scaling
from engine.data.table import Column, ColumnKind, misfit
from engine.settings import Settings, hints

ColumnType = Literal["number", "category", "boolean", "date", "text", "code"]
"""What the values of a column are, where a person may say so; images always are images."""

FILLS_OF_YES_NO: tuple[Fill, ...] = ("most_frequent", "constant")


class ColumnSettings(Settings):
    """How one column is read and prepared, where it differs from the rest of the table."""

    heading = "Column"

    name: str = Field(title="Column", description="The name of the column.")
    type: ColumnType | None = Field(
        None,
        title="Type",
        description="What the values are; without a choice it follows from the values.",
        json_schema_extra=hints(
            none_title="As read",
            choices={
                "number": "Number",
                "category": "Category",
                "boolean": "Yes/no",
                "date": "Date",
                "text": "Text",
                "code": "Code",
            },
        ),
    )
    preparation: AnyPreparation | None = Field(
        None,
        title="Preparation",
        description="How the values become numbers for the network, fitted on the training part.",
        json_schema_extra=hints(none_title="The usual one"),
    )
    missing: Fill | None = Field(
        None,
        title="Missing values",
        description="What stands in for a missing value, taken from the training part.",
        json_schema_extra=hints(none_title="As for all columns", choices=FILL_TITLES),
    )
    constant: str = Field(
        "0",
        title="Constant",
        description="What missing values count as where a constant is chosen: a number, a category, a date.",
    )
    was_missing: bool = Field(
        False,
        title="“Was missing”",
        description="One more input that is 1 where the value is missing: that it is may tell something.",
    )
    missing_numbers: tuple[float, ...] = Field(
        (),
        title="Missing marks",
        description="Numbers that stand for a missing value in this column, such as −999.",
    )

    def of_type(self, type: ColumnType | None) -> "ColumnSettings":
        """The same with another type, without what does not suit it; None: it follows from the values."""
        if type == self.type:
            return self
        fits = self.preparation is None or type in self.preparation.kinds
        preparation = self.preparation if fits else None
        missing = self.missing if type is not None and self.missing in fills_of(type, preparation) else None
        return self.replace(type=type, preparation=preparation, missing=missing)

    def preparation_of(
        self, column: Column, scaling: Scaling, categories: Categories
    ) -> ColumnPreparation | None:
        """The preparation of the column, or the usual one; None for yes/no and images, which have no choice.

        Raises UserError where the one that is chosen is for another kind of column.
        """
        chosen: ColumnPreparation | None = self.preparation
        if chosen is None:
            return usual_preparation(column.kind, scaling, categories)
        if column.kind not in chosen.kinds:
            raise misfit(
                column,
                f"a preparation for a column of the type {column.kind}",
                f"“{chosen.heading}”, which is for {' or '.join(chosen.kinds)}",
                "Choose another preparation for the column, or another type.",
            )
        return chosen

    def imputation_of(self, column: Column, missing: Missing) -> Imputation:
        """What stands in for the column's missing values. Raises UserError where it cannot."""
        fill = self.missing or usual_fill(column.kind, missing)
        allowed = fills_of(column.kind, self.preparation)
        if self.missing is not None and self.missing not in allowed:
            raise misfit(
                column,
                "missing values as " + " or ".join(FILL_TITLES[one].lower() for one in allowed),
                f"“{FILL_TITLES[self.missing]}”",
                "Choose another one of these for the column's missing values.",
            )
        if fill not in allowed:
            fill = allowed[0]
        return Imputation(fill, self.constant, self.was_missing)


def usual_fill(kind: ColumnKind, missing: Missing) -> Fill:
    """What stands in for missing values where nothing is chosen for the column alone."""
    if kind in ("number", "date"):
        return missing.numbers
    return "most_frequent" if kind == "boolean" else missing.categories


def fills_of(kind: str, preparation: ColumnPreparation | None) -> tuple[Fill, ...]:
    """What can stand in for missing values of a column. preparation : chosen, None for the usual one."""
    if kind in ("boolean", "image"):
        return FILLS_OF_YES_NO
    prepared = preparation or usual_preparation(kind, "standardize", "one_hot")
    return () if prepared is None else prepared.fills
