"""Columns of categories: one input each, a code for Embedding, or a rank in an order that a person gives."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.columns.texts import encoded, in_order, listed, usual_order
from engine.data.encoders.base import (
    ColumnPreparation,
    Fill,
    Imputation,
    Numbers,
    NumericInput,
    TargetValues,
    flagged,
    most_frequent,
)
from engine.data.encoders.category_inputs import CategoryInput, IntegerInput, category_count, fit_texts
from engine.data.encoders.numbers import offset_and_scale
from engine.data.table import Column, ColumnKind, misfit
from engine.errors import excerpt
from engine.settings import hints

TEXTS: tuple[ColumnKind, ...] = ("category", "code", "text")


class CategoryPreparation(ColumnPreparation):
    """A preparation of categories, in which rare ones can be pooled."""

    group: ClassVar[str] = "Categories"
    kinds: ClassVar[tuple[ColumnKind, ...]] = TEXTS
    fills: ClassVar[tuple[Fill, ...]] = ("own", "most_frequent", "constant")

    rare_rows: int = Field(
        1,
        ge=1,
        le=1_000_000,
        title="Pool below",
        description="Categories in fewer training rows than this become one, “other”; so do those that were "
        "never met in training.",
        json_schema_extra=hints(unit="rows"),
    )
    rare_fraction: float = Field(
        0.0,
        ge=0,
        le=0.5,
        title="Pool below share",
        description="The same for categories with a smaller share of the training rows than this.",
    )

    @property
    def pools(self) -> bool:
        """Whether rare categories become one."""
        return self.rare_rows > 1 or self.rare_fraction > 0


class OneHot(CategoryPreparation):
    """One input per category, 1 for the row's own and 0 for the others."""

    heading: ClassVar[str] = "One input per category"
    kind: Literal["one_hot"] = "one_hot"

    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> CategoryInput:
        return fit_texts(column, imputation, CategoryInput, self.rare_rows, self.rare_fraction)

    def width(self, column: Column, imputation: Imputation, outputs: int) -> int:
        return category_count(column, imputation, self.rare_rows, self.rare_fraction) + flagged(
            column, imputation
        )


class EmbeddingCode(CategoryPreparation):
    """One code per category, in whose place an Embedding layer puts a vector that is trained."""

    heading: ClassVar[str] = "Code, for Embedding"
    kind: Literal["embedding"] = "embedding"

    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> IntegerInput:
        return fit_texts(column, imputation, IntegerInput, self.rare_rows, self.rare_fraction)

    def codes(self, column: Column, imputation: Imputation) -> int:
        return 1 + category_count(column, imputation, self.rare_rows, self.rare_fraction)


class OrdinalInput(NumericInput):
    """The rank of the category in an order, from 0: input = (rank − offset) / scale.

    A missing or an unknown category has the rank `missing_value`.
    """

    of_numbers: ClassVar[bool] = False
    kind: Literal["ordinal"] = "ordinal"
    column: str
    order: tuple[str, ...] = Field(min_length=1)
    missing_value: float
    offset: float
    scale: float = Field(gt=0)

    @property
    def known_texts(self) -> tuple[str, ...]:
        return self.order

    def values_of(self, column: Column) -> Numbers:
        return ranks_in(column, self.order)

    def transformed(self, values: Numbers) -> Numbers:
        return (values - self.offset) / self.scale

    def inverse(self, inputs: Numbers) -> Numbers:
        return inputs * self.scale + self.offset

    def restored(self, values: Numbers) -> Column:
        ranks = np.rint(self.inverse(values[:, 0])).clip(0, len(self.order) - 1).astype(np.intp)
        return Column(self.column, "category", np.array(self.order, dtype=object)[ranks])


class Ordinal(ColumnPreparation):
    """The rank of the category in an order, as a number with mean 0 and standard deviation 1."""

    heading: ClassVar[str] = "Rank in an order"
    group: ClassVar[str] = "Categories"
    kinds: ClassVar[tuple[ColumnKind, ...]] = TEXTS
    fills: ClassVar[tuple[Fill, ...]] = ("most_frequent", "median", "constant")
    kind: Literal["ordinal"] = "ordinal"

    order: tuple[str, ...] = Field(
        (),
        title="Order",
        description="The categories from the lowest to the highest; empty: as the file declares them, else "
        "numbers by size, then words by letter.",
    )

    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> OrdinalInput:
        found = column.texts.tally()
        order = self.order or tuple(usual_order(column))
        strangers = [text for text in found if text not in order]
        if strangers:
            raise misfit(
                column,
                "an order of all its categories",
                f"none for {listed(in_order(strangers), 5)}",
                "Add them to the order, or empty it.",
            )
        ranks = ranks_in(column, order)
        present = ranks[~np.isnan(ranks)]
        if imputation.fill == "constant":
            if imputation.constant not in order:
                got = f"“{excerpt(imputation.constant)}”"
                raise misfit(
                    column, f"one of {listed(order, 8)} for missing values", got, "Change the constant."
                )
            fill = float(order.index(imputation.constant))
        else:
            fill = float(np.median(present)) if imputation.fill == "median" else most_frequent(present)
        offset, scale = offset_and_scale(present, "standardize")
        return OrdinalInput(
            column=column.name,
            order=order,
            missing_value=fill,
            offset=offset,
            scale=scale,
            constant=bool(present.min() == present.max()) and (not column.missing or fill == present[0]),
            flagged=flagged(column, imputation),
        )


def ranks_in(column: Column, order: tuple[str, ...]) -> Numbers:
    """The rank of each row's text in an order, from 0; NaN for a missing or an unknown one."""
    ranks = encoded(column).mapped({text: rank for rank, text in enumerate(order)}).astype(np.float64)
    ranks[ranks < 0] = np.nan
    return ranks
