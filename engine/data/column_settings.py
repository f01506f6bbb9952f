"""What a person decides about one column of a table."""

from typing import Literal

from pydantic import Field

from engine.settings import Settings, hints

ColumnType = Literal["number", "category", "boolean", "date", "text", "code"]
"""What the values of a column are, where a person may say so; images always are images."""


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
    missing_numbers: tuple[float, ...] = Field(
        (),
        title="Missing marks",
        description="Numbers that stand for a missing value in this column, such as −999.",
    )
