"""Columns of numbers: brought to one scale, with or without a change of their distribution."""

import math
from abc import abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from engine.data.encoders.base import (
    ColumnPreparation,
    Fill,
    Imputation,
    Numbers,
    NumericInput,
    Scaling,
    TargetValues,
    fill_number,
    flagged,
)
from engine.data.table import Column, ColumnKind, misfit
from engine.settings import hints


class NumberInput(NumericInput):
    """A column of numbers: input = (value − offset) / scale, a missing value being `missing_value`.

    offset and scale are mean and standard deviation (standardize), minimum and range (min-max), median and
    interquartile range (robust), or 0 and 1.
    """

    kind: Literal["number"] = "number"
    column: str
    missing_value: float
    offset: float
    scale: float = Field(gt=0)

    def transformed(self, values: Numbers) -> Numbers:
        return (values - self.offset) / self.scale

    def inverse(self, inputs: Numbers) -> Numbers:
        return inputs * self.scale + self.offset


class NumberPreparation(ColumnPreparation):
    """A preparation of numbers: `fitted` is made of what `fit_values` finds."""

    group: ClassVar[str] = "Numbers"
    kinds: ClassVar[tuple[ColumnKind, ...]] = ("number",)
    fills: ClassVar[tuple[Fill, ...]] = ("mean", "median", "most_frequent", "constant")
    fitted: ClassVar[type[NumericInput]] = NumberInput
    largest: ClassVar[float] = math.inf
    """Numbers beyond this cannot be fitted; other ones that cannot are found by what comes out."""

    @abstractmethod
    def fit_values(self, values: Numbers) -> dict[str, Any]:
        """Fields of `fitted`, from the values that are there."""

    def fit(self, column: Column, imputation: Imputation, target: TargetValues | None) -> NumericInput:
        values = column.values[~np.isnan(column.values)]
        largest = float(np.abs(values).max())
        with np.errstate(over="ignore", invalid="ignore"):
            found = self.fit_values(values) if largest <= self.largest else {"scale": math.inf}
        if not all(np.isfinite(found.get(name, 0.0)) for name in ("offset", "scale", "power")):
            help = "Correct them, or ignore this column."
            raise misfit(column, "numbers below 1e150", f"{largest:g}", help)
        fill = fill_number(column, values, imputation)
        lowest = float(values.min())
        constant = lowest == values.max() and (not column.missing or fill == lowest)
        return self.fitted.model_validate(
            found
            | {
                "column": column.name,
                # The mean of equal numbers need not be exactly that number.
                "missing_value": lowest if constant else fill,
                "constant": constant,
                "flagged": flagged(column, imputation),
            }
        )


class Standardize(NumberPreparation):
    """Mean 0 and standard deviation 1."""

    heading: ClassVar[str] = "Standardize"
    kind: Literal["standardize"] = "standardize"

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        return named_scale(*offset_and_scale(values, "standardize"))


class MinMax(NumberPreparation):
    """The range of the training part becomes 0 to 1."""

    heading: ClassVar[str] = "Range 0 to 1"
    kind: Literal["minmax"] = "minmax"

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        return named_scale(*offset_and_scale(values, "minmax"))


class Robust(NumberPreparation):
    """Median 0 and interquartile range 1: outliers do not move them.

    Where half of the values are equal, their standard deviation stands in for the interquartile range.
    """

    heading: ClassVar[str] = "Robust (median, quartiles)"
    kind: Literal["robust"] = "robust"

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        low, middle, high = np.percentile(values, [25, 50, 75])
        _, deviation = offset_and_scale(values, "standardize")
        return named_scale(float(middle), float(high - low) or deviation)


class AsTheyAre(NumberPreparation):
    """Numbers as they are in the table."""

    heading: ClassVar[str] = "As they are"
    kind: Literal["none"] = "none"

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        return named_scale(0.0, 1.0)


class LogInput(NumericInput):
    """Logarithms: t = sign(value) · ln(1 + |value|), input = (t − offset) / scale."""

    kind: Literal["log"] = "log"
    column: str
    missing_value: float
    offset: float
    scale: float = Field(gt=0)

    def transformed(self, values: Numbers) -> Numbers:
        return (signed_log(values) - self.offset) / self.scale

    def inverse(self, inputs: Numbers) -> Numbers:
        logs = inputs * self.scale + self.offset
        return np.sign(logs) * np.expm1(np.abs(logs))


class Log(NumberPreparation):
    """Logarithm of 1 + the number, of negative ones mirrored; then mean 0 and standard deviation 1."""

    heading: ClassVar[str] = "Logarithm"
    kind: Literal["log"] = "log"
    fitted: ClassVar[type[NumericInput]] = LogInput

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        return named_scale(*offset_and_scale(signed_log(values), "standardize"))


class ClipInput(NumericInput):
    """Outliers are cut to [lowest, highest]: input = (cut value − offset) / scale."""

    kind: Literal["clip"] = "clip"
    column: str
    missing_value: float
    lowest: float
    highest: float
    offset: float
    scale: float = Field(gt=0)

    def transformed(self, values: Numbers) -> Numbers:
        return (values.clip(self.lowest, self.highest) - self.offset) / self.scale

    def inverse(self, inputs: Numbers) -> Numbers:
        return inputs * self.scale + self.offset


class Clip(NumberPreparation):
    """Numbers beyond a quantile count as that quantile; then mean 0 and standard deviation 1."""

    heading: ClassVar[str] = "Clip outliers"
    kind: Literal["clip"] = "clip"
    fitted: ClassVar[type[NumericInput]] = ClipInput

    tail: float = Field(
        0.01,
        gt=0,
        le=0.25,
        title="At each end",
        description="Share of the values that is cut off at the lower and at the upper end.",
        json_schema_extra=hints(slider=True),
    )

    def fit_values(self, values: Numbers) -> dict[str, Any]:
        lowest, highest = (float(value) for value in np.quantile(values, [self.tail, 1 - self.tail]))
        scale = offset_and_scale(values.clip(lowest, highest), "standardize")
        return named_scale(*scale) | {"lowest": lowest, "highest": highest}


def offset_and_scale(values: Numbers, scaling: Scaling) -> tuple[float, float]:
    """What brings values to a scale, (value − offset) / scale; the scale of equal ones is 1."""
    lowest, highest = float(values.min()), float(values.max())
    if scaling == "none":
        return 0.0, 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        if scaling == "minmax":
            offset, scale = lowest, highest - lowest
        else:
            offset, scale = float(values.mean()), float(values.std())
    # The computed standard deviation of a constant need not be exactly 0, so the values are compared.
    return offset, 1.0 if lowest == highest or scale == 0 else scale


def named_scale(offset: float, scale: float) -> dict[str, Any]:
    """Both as fields."""
    return {"offset": offset, "scale": scale}


def signed_log(values: Numbers) -> Numbers:
    """sign(value) · ln(1 + |value|), which is defined everywhere, and the identity near 0."""
    return np.sign(values) * np.log1p(np.abs(values))
