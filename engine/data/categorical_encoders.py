"""Encoders of categorical columns: one-hot, or an integer for each category."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import Array
from engine.data.column_text import different_texts, encoded, holds_dates, too_many_texts
from engine.data.settings import Categories, Missing
from engine.data.table import Column, Fitted, misfit
from engine.errors import excerpt
from engine.progress import Progress, blocks

MOST_CATEGORIES = 1000
"""More different texts than this are names or identifiers, from which nothing general can be learned."""

MOST_CODES = 10_000
"""The same for codes, which are a single input: shops and postcodes are allowed."""


class TextInput(Fitted):
    """A column of texts, and the categories of the training part in their order.

    A missing text is a category of its own behind the others (`own_missing`, where the training part held
    such rows), or counts as the category `missing_value`, or as an unknown one.
    """

    column: str
    categories: tuple[str, ...] = Field(min_length=1, max_length=MOST_CODES)
    own_missing: bool
    missing_value: str | None

    @model_validator(mode="after")
    def _fit_together(self) -> "TextInput":
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("categories that differ")
        if self.missing_value is not None and self.missing_value not in self.categories:
            raise ValueError("one of the categories to stand in for a missing one")
        if self.missing_value is not None and self.own_missing:
            raise ValueError("missing texts in one category, not in two")
        return self

    def category_indices(self, column: Column) -> NDArray[np.intp]:
        """For each row the index of its category, from 0; −1 for an unknown one."""
        indices: dict[str | None, int] = {category: index for index, category in enumerate(self.categories)}
        if self.own_missing:
            indices[None] = len(self.categories)
        elif self.missing_value is not None:
            indices[None] = indices[self.missing_value]
        return encoded(column).mapped(indices)


class CategoryInput(TextInput):
    """One input per category of the training part, 1 for the row's own, else 0.

    An unknown category is 0 in all of them.
    """

    kind: Literal["category"] = "category"

    @property
    def names(self) -> tuple[str, ...]:
        missing = (f"{self.column} missing",) if self.own_missing else ()
        return (*(f"{self.column} = {category}" for category in self.categories), *missing)

    def write(self, column: Column, out: Array, progress: Progress) -> None:
        """Fill out (rows, len(names))."""
        found = self.category_indices(column)
        for block in blocks(len(found), progress):
            part, indices = out[block], found[block]
            rows = np.flatnonzero(indices >= 0)
            part[:] = 0
            part[rows, indices[rows]] = 1


class IntegerInput(TextInput):
    """One input, the code of the category: 1, 2, … in their order.

    An unknown category has the code 0.
    """

    kind: Literal["integer"] = "integer"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def cardinality(self) -> int:
        """The number of codes, with 0, and with that of a missing text."""
        return 1 + len(self.categories) + self.own_missing

    def write(self, column: Column, out: Array, progress: Progress) -> None:
        """Fill out (rows, 1)."""
        progress.check()
        out[:, 0] = self.category_indices(column) + 1


def most_categories(categories: Categories) -> int:
    """How many different texts a column may have."""
    return MOST_CODES if categories == "integer" else MOST_CATEGORIES


def has_missing_category(column: Column, missing: Missing) -> bool:
    """Whether missing texts of this column are a category of their own."""
    return missing.categories == "own" and column.missing > 0


def category_count(column: Column, missing: Missing) -> int:
    """How many categories a column of texts has, with that of missing ones."""
    return column.distinct + has_missing_category(column, missing)


def fit_texts(column: Column, missing: Missing, categories: Categories) -> CategoryInput | IntegerInput:
    """Fit on the training part's column; raises UserError where it has too many different texts."""
    most = most_categories(categories)
    if column.distinct > most:
        raise misfit(
            column,
            f"at most {most:,} different texts",
            f"{column.distinct:,}",
            too_many_texts(column, "ignore this column"),
            f"“{excerpt(column.name)}” holds dates"
            if holds_dates(column)
            else f"too many categories ({column.distinct:,}; limit {most:,}) in “{excerpt(column.name)}”",
        )
    found = different_texts(column)
    if missing.categories == "own":
        own_missing, fill = has_missing_category(column, missing), None
    else:
        times = column.texts.tally()
        own_missing, fill = False, max(found, key=times.__getitem__)
    kind = IntegerInput if categories == "integer" else CategoryInput
    return kind(column=column.name, categories=tuple(found), own_missing=own_missing, missing_value=fill)
