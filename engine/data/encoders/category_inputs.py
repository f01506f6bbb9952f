"""Encoders of categorical columns: one-hot, or an integer for each category."""

import math
from typing import ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engine.arrays import Array
from engine.data.columns.texts import different_texts, encoded, holds_dates, in_order, too_many_texts
from engine.data.encoders.base import FittedInput, Imputation, Numbers, flagged
from engine.data.table import Column, misfit
from engine.errors import excerpt
from engine.progress import Progress, blocks

MOST_CATEGORIES = 1000
"""More different texts than this are names or identifiers, from which nothing general can be learned."""

MOST_CODES = 10_000
"""The same for codes, which are a single input: shops and postcodes are allowed."""


class TextInput(FittedInput):
    """A column of texts, and the categories of the training part in their order.

    A missing text is a category of its own behind the others (`own_missing`, where the training part held
    such rows), or counts as the category `missing_value`, or as an unknown one. Where the training part held
    rare categories that were pooled (`pooled`), these and unknown ones are one more category, the last.
    """

    unsaved_defaults: ClassVar[frozenset[str]] = frozenset({"flagged", "pooled"})

    column: str
    categories: tuple[str, ...] = Field(min_length=1, max_length=MOST_CODES)
    own_missing: bool
    missing_value: str | None
    pooled: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fit_together(self) -> "TextInput":
        if len({*self.categories, *self.pooled}) < len(self.categories) + len(self.pooled):
            raise ValueError("categories that differ")
        if self.missing_value is not None and self.missing_value not in self.categories + self.pooled:
            raise ValueError("one of the categories to stand in for a missing one")
        if self.missing_value is not None and self.own_missing:
            raise ValueError("missing texts in one category, not in two")
        return self

    @property
    def known_texts(self) -> tuple[str, ...]:
        return self.categories + self.pooled

    @property
    def size(self) -> int:
        """The number of categories, with those of missing and of pooled texts."""
        return len(self.categories) + self.own_missing + bool(self.pooled)

    def category_indices(self, column: Column) -> NDArray[np.intp]:
        """For each row the index of its category, from 0; −1 for an unknown one, unless some are pooled."""
        indices: dict[str | None, int] = {category: index for index, category in enumerate(self.categories)}
        other = self.size - 1 if self.pooled else -1
        if self.own_missing:
            indices[None] = len(self.categories)
        elif self.missing_value is not None:
            indices[None] = indices.get(self.missing_value, other)
        return encoded(column).mapped(indices, other)


class CategoryInput(TextInput):
    """One input per category of the training part, 1 for the row's own, else 0.

    An unknown category is 0 in all of them. A single category was 1 in every row, and is so in all others:
    what training could not tell from it has no influence.
    """

    kind: Literal["category"] = "category"

    @property
    def own_names(self) -> tuple[str, ...]:
        missing = (f"{self.column} missing",) if self.own_missing else ()
        other = (f"{self.column} other",) if self.pooled else ()
        return (*(f"{self.column} = {category}" for category in self.categories), *missing, *other)

    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        found = self.category_indices(column)
        if self.size == 1:
            found = np.zeros_like(found)
        for block in blocks(len(found), progress):
            part, indices = out[block], found[block]
            rows = np.flatnonzero(indices >= 0)
            part[:] = 0
            part[rows, indices[rows]] = 1

    def restored(self, values: Numbers) -> Column:
        # A missing value has an input of its own, if it has one; pooled ones come back as what they were.
        behind = [*([None] if self.own_missing else []), *(["other"] if self.pooled else [])]
        names = np.array([*self.categories, *behind, None], dtype=object)[:-1]
        return Column(self.column, "category", names[values[:, : self.size].argmax(axis=1)])


class IntegerInput(TextInput):
    """One input, the code of the category: 1, 2, … in their order.

    An unknown category has the code 0; where there is only one, it has the code of that.
    """

    restorable: ClassVar[bool] = False
    kind: Literal["integer"] = "integer"

    @property
    def own_names(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def cardinality(self) -> int:
        """The number of codes, with 0, and with those of missing and of pooled texts."""
        return 1 + self.size

    def write_own(self, column: Column, out: Array, progress: Progress) -> None:
        progress.check()
        out[:, 0] = 1 if self.size == 1 else self.category_indices(column) + 1

    def restored(self, values: Numbers) -> Column:
        raise ValueError("codes are no quantities that could be reconstructed")


def common_texts(
    column: Column, rare_rows: int = 1, rare_fraction: float = 0.0
) -> tuple[list[str], list[str]]:
    """The categories of a column in their order, and the rare ones, which are in fewer rows."""
    least = max(rare_rows, math.ceil(rare_fraction * (column.rows - column.missing) - 1e-9))
    if least <= 1:
        return different_texts(column), []
    times = column.texts.tally()
    # One category stays, the most frequent, also where all are rare.
    least = min(least, max(times.values(), default=0))
    return (
        in_order(text for text, rows in times.items() if rows >= least),
        in_order(text for text, rows in times.items() if rows < least),
    )


def category_count(
    column: Column, imputation: Imputation, rare_rows: int = 1, rare_fraction: float = 0.0
) -> int:
    """How many categories a column of texts has, with those of missing and of pooled ones."""
    own = imputation.fill == "own" and column.missing > 0
    if rare_rows <= 1 and not rare_fraction:
        added = imputation.fill == "constant" and column.missing > 0
        return column.distinct + own + (added and imputation.constant not in different_texts(column))
    common, rare = common_texts(column, rare_rows, rare_fraction)
    return len(common) + own + bool(rare)


Kind = TypeVar("Kind", bound=TextInput)


def fit_texts(
    column: Column,
    imputation: Imputation,
    kind: type[Kind],
    rare_rows: int = 1,
    rare_fraction: float = 0.0,
    **more: object,
) -> Kind:
    """Fit on the training part's column; raises UserError where it has too many different texts.

    rare_rows, rare_fraction : categories in fewer rows are pooled. more : other fields of the encoder.
    """
    most = MOST_CATEGORIES if issubclass(kind, CategoryInput) else MOST_CODES
    pools = rare_rows > 1 or rare_fraction > 0
    if column.distinct > most and not pools:
        raise _too_many(column, column.distinct, most)
    common, rare = common_texts(column, rare_rows, rare_fraction)
    if len(common) > most:
        raise _too_many(column, len(common), most)
    own_missing, fill = imputation.fill == "own" and column.missing > 0, None
    if imputation.fill == "most_frequent":
        times = column.texts.tally()
        fill = max(different_texts(column), key=times.__getitem__)
    elif imputation.fill == "constant" and column.missing:
        fill = imputation.constant
        if fill not in common and fill not in rare:
            common = in_order([*common, fill])
    values = {
        "column": column.name,
        "categories": tuple(common),
        "own_missing": own_missing,
        "missing_value": fill,
        "pooled": tuple(rare),
        "flagged": flagged(column, imputation),
    }
    return kind.model_validate(values | more)


def _too_many(column: Column, found: int, most: int) -> Exception:
    return misfit(
        column,
        f"at most {most:,} different texts",
        f"{found:,}",
        too_many_texts(column, "ignore this column"),
        f"“{excerpt(column.name)}” holds dates"
        if holds_dates(column)
        else f"too many categories ({found:,}; limit {most:,}) in “{excerpt(column.name)}”",
    )
